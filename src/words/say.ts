/**
 * Says things in the reader's language. The browser itself keeps the texts of the one language that
 * it speaks (`_locales`) and has them at once: nothing is loaded, no picture waits for words.
 */
import type { CountedKey, Key, Names } from './catalogue.ts';

/** What of `browser.i18n` is used. */
export interface Speaker {
  /** Empty where there is no such text. */
  getMessage(name: string): string;
  /** BCP 47. */
  getUILanguage(): string;
}

/** The values of what is put into a text, where anything is. */
type Filling<K extends Key | CountedKey> = [Names<K>] extends [never]
  ? []
  : [values: Readonly<Record<Names<K>, string>>];

/** Keep what is put in apart from the words around it, which may run the other way. */
const ISOLATE = '\u2068';
const ISOLATE_LTR = '\u2066';
const ISOLATE_END = '\u2069';
/** What runs from right to left: Hebrew, Arabic and their neighbours. */
const RTL = /[\u0590-\u08ff]/;

let speaker: Speaker | undefined;
let known = new Map<string, string>();

/** From now on texts come from there; each context begins with this. */
export function speak(next: Speaker): void {
  speaker = next;
  known = new Map();
}

/** The text of a name, or undefined where there is none. */
function find(name: string): string | undefined {
  if (!speaker) throw new TypeError('Nobody speaks yet: call speak first');
  const text = known.get(name) ?? speaker.getMessage(name);
  known.set(name, text);
  return text === '' ? undefined : text;
}

function textOf(name: string): string {
  const text = find(name);
  if (text === undefined) throw new TypeError(`There is no text "${name}"`);
  return text;
}

/** The language of the texts, which is English where the browser's has none. */
export function language(): string {
  return textOf('language');
}

/** Which way they run. */
export function direction(): 'ltr' | 'rtl' {
  return textOf('direction') === 'rtl' ? 'rtl' : 'ltr';
}

/** How numbers and dates are written: as the reader's country does, where it has the language. */
export function locale(): string {
  const own = speaker?.getUILanguage() ?? '';
  return own.split('-')[0] === language() ? own : language();
}

/** The text with its values between its words, for those who draw them each in its own way. */
function pieces<T>(text: string, values: Readonly<Record<string, T>>): (string | T)[] {
  return text.split(/\{(\w+)\}/).flatMap((piece, index): (string | T)[] => {
    if (index % 2 === 0) return piece === '' ? [] : [piece];
    const value = values[piece];
    return value === undefined ? [] : [value];
  });
}

function filled(text: string, values: Readonly<Record<string, string>> = {}): string {
  if (!text.includes('{')) return text;
  const isRtl = direction() === 'rtl';
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name] ?? '';
    return isRtl || RTL.test(value) ? `${ISOLATE}${value}${ISOLATE_END}` : value;
  });
}

/**
 * An amount, whose signs and figures keep their order also between words that run the other way:
 * `4.31 US$`, and not `$US 4.31`.
 */
export function leftToRight(amount: string): string {
  if (direction() === 'ltr') return amount;
  return `${ISOLATE_LTR}${amount.replace(/[\u200e\u200f]/g, '')}${ISOLATE_END}`;
}

/** A text, with what is put into it. */
export function say<K extends Key>(key: K, ...[values]: Filling<K>): string {
  return filled(textOf(key), values);
}

/** A text whose values are drawn, each in its own way, between its words. */
export function sayAround<K extends Key, T>(
  key: K,
  values: Readonly<Record<Names<K>, T>>,
): (string | T)[] {
  return pieces<T>(textOf(key), values);
}

/** A text that counts something, in the form that the language has for that many, if another. */
export function sayCount<K extends CountedKey>(
  key: K,
  count: number,
  ...[values]: Filling<K>
): string {
  const form = new Intl.PluralRules(locale()).select(count);
  const text = find(`${key}_${form}`) ?? textOf(`${key}_other`);
  return filled(text, { ...values, count: numberText(count) });
}

/** One of a family of texts that has not all of them: `reason_used`, else `reason_other`. */
export function sayReason(code: string): string {
  return find(`reason_${code}`) ?? textOf('reason_other');
}

/** A whole number, in the reader's digits. */
export function numberText(count: number): string {
  return new Intl.NumberFormat(locale()).format(count);
}
