/**
 * The browser that a screen finds when it is looked at alone: its wallet answers from a table, its
 * clock stands still. `standIn` runs inside the page, before anything else, and reaches nothing
 * outside its own braces.
 */
import type { Answers } from './state.ts';

/** What travels into the page. */
export interface Surroundings {
  readonly answers: Answers;
  readonly nowMs: number;
  /** The texts of the language, by their names. */
  readonly texts: Readonly<Record<string, string>>;
  /** BCP 47. */
  readonly language: string;
  /** Timers of this length do not end. */
  readonly heldMs: number | undefined;
}

export function standIn({ answers, nowMs, texts, language, heldMs }: Surroundings): void {
  type Given = { value?: unknown; later?: unknown; code?: string };
  const table = answers as unknown as Record<string, Given | 'never' | undefined>;
  const asked = new Set<string>();

  async function answer({ type }: { readonly type: string }): Promise<unknown> {
    const given = table[type];
    if (given === 'never') return new Promise(() => undefined);
    if (!given) throw new TypeError(`Nothing answers "${type}" in this state`);
    if (given.code) return { ok: false, code: given.code, detail: given.code };
    const isAgain = asked.has(type);
    asked.add(type);
    return { ok: true, value: isAgain && 'later' in given ? given.later : given.value };
  }

  const event = { addListener: () => undefined, removeListener: () => undefined };
  const nothing = async () => undefined;
  const stand = {
    runtime: {
      ...{ id: 'farthing', sendMessage: answer, onMessage: event, getURL: String },
      getManifest: () => ({ version: '0.1.0' }),
    },
    i18n: { getMessage: (name: string) => texts[name] ?? '', getUILanguage: () => language },
    permissions: { request: () => new Promise(() => undefined), remove: nothing },
    tabs: { create: nothing, query: async () => [] },
  };
  Object.assign(globalThis, { browser: stand });

  const realTimeout = globalThis.setTimeout.bind(globalThis);
  const setTimeout = (work: () => void, ms?: number) => (ms === heldMs ? 0 : realTimeout(work, ms));
  if (heldMs !== undefined) Object.assign(globalThis, { setTimeout });

  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...given: ConstructorParameters<typeof Date> | []) {
      super(...((given.length === 0 ? [nowMs] : given) as ConstructorParameters<typeof Date>));
    }
    static override now(): number {
      return nowMs;
    }
  } as DateConstructor;
}
