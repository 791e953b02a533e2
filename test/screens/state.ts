/** A state of a screen: what the wallet answers, and what the reader has pressed. */
import type { OwnAnswers, OwnMessage } from '../../src/extension/messages.ts';
import type { ErrorCode } from '../../src/protocol/errors.ts';

/** `never`: no answer comes; a code: it is refused. */
export type Answer<T> =
  | { readonly value: T /** All but the first time. */; readonly later?: T }
  | { readonly code: ErrorCode }
  | 'never';

/** Plain data: it travels into the page. */
export type Answers = { readonly [T in OwnMessage['type']]?: Answer<OwnAnswers[T]> };

export interface State {
  /** The document, with its query and fragment. */
  readonly path: string;
  readonly answers: Answers;
  /** What is pressed or typed into, one after the other, once it is there. */
  readonly acts?: readonly Act[];
  /** What is there once it is drawn, where that comes later than all else. */
  readonly until?: string;
  /** A timer of so many milliseconds does not end: what passes by itself stays. */
  readonly heldMs?: number;
}

/** A selector to press, or to type into. */
export type Act = string | { readonly into: string; readonly text: string };

/** Every state of a screen by its name. */
export type States = Readonly<Record<string, State>>;

/** The moment at which all of them are looked at, in UTC. */
export const NOW_MS = Date.UTC(2026, 10, 25, 14, 0, 0);

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** An answer that comes. */
export function gives<T>(value: T): { readonly value: T } {
  return { value };
}
