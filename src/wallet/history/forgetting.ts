/** Wishes of the reader's that something be forgotten, as they are kept until it is. */

/** What the reader wished to be forgotten: at one host, or everywhere. */
export interface ForgetWish {
  readonly id: string;
  readonly host: string | undefined;
  /** Only what began before. */
  readonly beforeMs: number;
}

/** Where and when something was bought. */
interface Bought {
  readonly host: string;
  readonly atMs: number;
}

/** Whether `wish` is about it. */
export function isMeant({ host, atMs }: Bought, wish: ForgetWish): boolean {
  return atMs < wish.beforeMs && (wish.host === undefined || wish.host === host);
}

/** The same of a payment or of a question. */
export function isAbout(
  { ask, atMs }: { readonly ask: { readonly url: string }; readonly atMs: number },
  wish: ForgetWish,
): boolean {
  return isMeant({ host: new URL(ask.url).host, atMs }, wish);
}

/** Wishes of which something is still needed. */
export interface Forgetting {
  readonly key: 'forgetting';
  readonly wishes: readonly ForgetWish[];
}

/** The account's own end, wished for and not answered yet (SPEC 9.26). */
export interface Leaving {
  readonly key: 'leaving';
  /** Of the request that closes it. */
  readonly id: string;
  /** What becomes of the history in this browser. */
  readonly history: 'keep' | 'delete';
}
