/** Wishes of the reader's that something be forgotten, as they are kept until it is. */

/** What the reader wished to be forgotten: at one host, or everywhere. */
export interface ForgetWish {
  readonly id: string;
  readonly host: string | undefined;
  /** Only what began before. */
  readonly beforeMs: number;
}

/** Wishes of which something is still needed. */
export interface Forgetting {
  readonly key: 'forgetting';
  readonly wishes: readonly ForgetWish[];
}
