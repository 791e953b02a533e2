/** The languages that there are, and their texts as the browser keeps them. For the build alone. */
import { flatTexts } from './catalogue.ts';
import { en } from './en.ts';

export const CATALOGUES = { en } as const;

/** The browser's own file of a language. */
export function messagesFile(texts: ReadonlyMap<string, string>): string {
  const messages = [...texts].map(([name, message]) => [name, { message }] as const);
  return JSON.stringify(Object.fromEntries(messages));
}

/** One file a language, by its place in the extension. */
export function localeFiles(): { readonly relativeDest: string; readonly contents: string }[] {
  return Object.entries(CATALOGUES).map(([language, catalogue]) => ({
    relativeDest: `_locales/${language}/messages.json`,
    contents: messagesFile(flatTexts(catalogue)),
  }));
}
