/**
 * The wallet's end of what our screens say: a browser whose messages a table answers. Load a screen
 * by `import()`, after this.
 */
import { render, type VNode } from 'preact';
import { act } from 'preact/test-utils';
import type { OwnAnswers, OwnMessage } from '../../src/extension/messages.ts';
import { speakEnglish } from './speak.ts';

type Answers = {
  [T in OwnMessage['type']]?: (message: OwnMessage & { type: T }) => OwnAnswers[T] | Failure;
};
type Failure = { readonly ok: false; readonly code: string; readonly detail: string };

/** What the wallet answers; a test may change any of it. */
export let answers: Answers = {};
/** Everything that was asked. */
export let asked: OwnMessage[] = [];
/** Sites that the browser was asked to let the wallet in at. */
export let letInAt: string[] = [];
/** The tab that a screen is about, as the browser knows it. */
export const tabSubject = { url: 'https://thedaily.example/tides?page=2', incognito: false };
/** Pages of ours that were opened. */
export let opened: string[] = [];

const listeners = new Set<(message: unknown) => unknown>();

async function answer(message: OwnMessage): Promise<unknown> {
  asked.push(message);
  const handle = answers[message.type] as ((message: OwnMessage) => unknown) | undefined;
  // As where the worker has been stopped: whoever asks waits. To refuse would have it asked again
  // by and by, in the midst of another test.
  if (!handle) return new Promise(() => undefined);
  const value = handle(message) as { ok?: unknown } | undefined;
  return value?.ok === false ? value : { ok: true, value };
}

const runtime = {
  id: 'farthing',
  sendMessage: answer,
  getURL: String,
  getManifest: () => ({ version: '0.1.0' }),
  onMessage: {
    addListener: (listener: (message: unknown) => unknown) => listeners.add(listener),
    removeListener: (listener: (message: unknown) => unknown) => listeners.delete(listener),
  },
};
const permissions = {
  request: async ({ origins }: { origins: string[] }) => {
    letInAt.push(...origins);
    return true;
  },
};
const tabs = {
  create: async ({ url }: { url: string }) => void opened.push(url),
  query: async () => [],
  get: async (id: number) => ({ id, ...tabSubject }),
};
const browser = { runtime, permissions, tabs };
Object.assign(globalThis, { browser, chrome: browser });
speakEnglish();

/** Where a screen is drawn. */
let drawn: HTMLElement | undefined;

/** Begins a test: nothing asked, nothing drawn; what the test before has drawn asks no more. */
export function begin(next: Answers): HTMLElement {
  if (drawn) render(null, drawn);
  drawn = undefined;
  answers = next;
  asked = [];
  letInAt = [];
  opened = [];
  const root = document.createElement('div');
  document.body.replaceChildren(root);
  return root;
}

/** Messages of one type that were asked. */
export function askedFor<T extends OwnMessage['type']>(type: T): (OwnMessage & { type: T })[] {
  return asked.filter((it): it is OwnMessage & { type: T } => it.type === type);
}

/** What a screen asks for after it is drawn may make it ask for more. */
const TURNS = 4;

/** Does something as the reader does, and waits for what comes of it. */
export async function after(work: () => void): Promise<void> {
  await act(work);
  for (let turn = 0; turn < TURNS; turn++)
    await act(() => new Promise<void>((done) => setTimeout(done)));
}

/** Draws a screen and waits until it has its answers. */
export function draw(root: HTMLElement, screen: VNode): Promise<void> {
  drawn = root;
  return after(() => render(screen, root));
}

/** The wallet says that something changed. */
export function change(): Promise<void> {
  return after(() => {
    for (const listener of listeners) listener({ from: 'wallet', type: 'changed' });
  });
}

/** What is read out: without what is there for the eye alone. */
function spoken(element: Element): string {
  const copy = element.cloneNode(true) as Element;
  for (const shown of copy.querySelectorAll('[aria-hidden=true]')) shown.remove();
  return copy.textContent ?? '';
}

/** The button or link that is named `name`, by its label or its words. */
export function named(root: HTMLElement, name: string): HTMLElement {
  const all = [...root.querySelectorAll<HTMLElement>('button, a, [role=switch]')];
  const nameOf = (it: HTMLElement) => it.getAttribute('aria-label') ?? spoken(it).trim();
  const found = all.find((it) => nameOf(it) === name);
  if (!found) throw new Error(`no "${name}" among: ${all.map(nameOf).join(' | ')}`);
  return found;
}

/** What is there for the eye: without how its amounts are read out. */
export function shownText(element: Element | null | undefined): string {
  const copy = element?.cloneNode(true) as Element | undefined;
  for (const said of copy?.querySelectorAll('[aria-hidden] + .hidden') ?? []) said.remove();
  return copy?.textContent ?? '';
}

export function press(root: HTMLElement, name: string): Promise<void> {
  return after(() => named(root, name).click());
}

/** Types into the field that is labelled `label`, in the place of what is there. */
export function type(root: HTMLElement, label: string, text: string): Promise<void> {
  const field = [...root.querySelectorAll('label')].find((it) =>
    it.textContent?.trim().startsWith(label),
  );
  const input = field?.querySelector<HTMLInputElement | HTMLSelectElement>('input, select');
  if (!input) throw new Error(`no field "${label}"`);
  return after(() => {
    input.value = text;
    const event = input.tagName === 'SELECT' ? 'change' : 'input';
    input.dispatchEvent(new Event(event, { bubbles: true }));
  });
}
