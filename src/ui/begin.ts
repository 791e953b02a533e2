/** Begins a screen: in the reader's language, the way it runs, and under its own title. */
import { render, type VNode } from 'preact';
import { speaker } from '../extension/screen.ts';
import { direction, language, say, speak } from '../words/say.ts';

interface Beginning {
  /** Without one the page has the product's name, as it is in its file. */
  readonly title?: 'titlePage' | 'titleRecovery';
  readonly screen: VNode;
}

export function begin({ title, screen }: Beginning): void {
  speak(speaker);
  const { documentElement } = document;
  documentElement.lang = language();
  documentElement.dir = direction();
  if (title) document.title = say(title);
  const app = document.getElementById('app');
  if (app) render(screen, app);
}
