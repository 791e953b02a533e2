/** What all parts of one seller share. */
import type { Payto } from '../protocol/payto.ts';
import type { Certificates } from './certificates.ts';
import type { OtherWay } from './options.ts';
import type { SellerKeys } from './secret.ts';
import type { Store } from './store.ts';

/** One seller's options, read, and what is made of them once. */
export interface SellerContext {
  readonly payto: Payto;
  readonly name: string | undefined;
  readonly origin: string | undefined;
  readonly otherWays: readonly OtherWay[];
  readonly store: Store;
  readonly keys: () => Promise<SellerKeys>;
  readonly certificates: Certificates;
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}
