/** The form of a language's texts: the keys of English, each with the text or the counted forms. */
import type { en } from './en.ts';

/** A long text is several lines; a space joins them. `{name}` stands where something is put in. */
export type Text = string | readonly string[];

/** The forms of a text that counts something, `{count}`; which there are is the language's own. */
export type Counted<Category extends Intl.LDMLPluralRule> = Readonly<Record<Category, Text>>;

type English = typeof en;

/** What a language has to say; a key that is missing is an error of the compiler's. */
export type Catalogue<Category extends Intl.LDMLPluralRule> = {
  readonly [K in keyof English]: English[K] extends Counted<'other'> ? Counted<Category> : Text;
};

/** A text that counts something. */
export type CountedKey = {
  [K in keyof English]: English[K] extends Counted<'other'> ? K : never;
}[keyof English];

/** Any other text. */
export type Key = Exclude<keyof English, CountedKey>;

type NamesIn<T> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;

type LinesOf<T> =
  T extends Counted<'other'> ? LinesOf<T['other']> : T extends readonly string[] ? T[number] : T;

/** The names of what is put into a text. */
export type Names<K extends keyof English> = Exclude<NamesIn<LinesOf<English[K]>>, 'count'>;

/** The text in one piece. */
export function wholeText(text: Text): string {
  return typeof text === 'string' ? text : text.join(' ');
}

function isCounted(text: Text | Counted<'other'>): text is Counted<'other'> {
  return typeof text === 'object' && !Array.isArray(text);
}

/** English has them: where a language lacks a text, browsers take the English one. */
const ENGLISH_FORMS = ['one', 'other'];

/**
 * Every text under the name that the browser finds it by; `time_day_two` is a counted one's, where
 * it is not the same as `time_day_other`.
 */
export function flatTexts(catalogue: Catalogue<'other'>): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, text] of Object.entries(catalogue)) {
    if (!isCounted(text)) texts.set(key, wholeText(text));
    else {
      const other = wholeText(text.other);
      for (const [form, it] of Object.entries(text))
        if (ENGLISH_FORMS.includes(form) || wholeText(it) !== other)
          texts.set(`${key}_${form}`, wholeText(it));
    }
  }
  return texts;
}
