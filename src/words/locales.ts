/** The languages that there are, and their texts as the browser keeps them. For the build alone. */
import { ar } from './ar.ts';
import { flatTexts } from './catalogue.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';

export const CATALOGUES = { en, de, es, ar } as const;

/** The browser's own file of a language. By their names, which pack better like that. */
export function messagesFile(texts: ReadonlyMap<string, string>): string {
  const messages = [...texts].sort().map(([name, message]) => [name, { message }] as const);
  return JSON.stringify(Object.fromEntries(messages));
}

/** One file a language, by its place in the extension. */
export function localeFiles(): { readonly relativeDest: string; readonly contents: string }[] {
  return Object.entries(CATALOGUES).map(([language, catalogue]) => ({
    relativeDest: `_locales/${language}/messages.json`,
    contents: messagesFile(flatTexts(catalogue)),
  }));
}
