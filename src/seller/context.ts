/** What all parts of one seller share. */
import type { Payto } from '../protocol/payto.ts';
import type { Certificates } from './certificates/certificates.ts';
import type { SellerKeys } from './keys.ts';
import type { OtherWay, SaleEvent, UndoEvent } from './options.ts';
import type { Store } from './store.ts';

/** One payto and the purses of its provider. */
export interface PaytoAccount {
  readonly payto: Payto;
  readonly certificates: Certificates;
}

/** One seller's options, read, and what is made of them once. */
export interface SellerContext {
  /** In the seller's order of preference; at least one. */
  readonly accounts: readonly PaytoAccount[];
  readonly name: string | undefined;
  readonly origin: string | undefined;
  readonly otherWays: readonly OtherWay[];
  readonly store: Store;
  /** Of the secrets, the one in use first; the others only recognise what they signed before. */
  readonly keys: () => Promise<readonly [SellerKeys, ...SellerKeys[]]>;
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
  /** How many charges are being settled at this moment. */
  readonly atWork: { count: number };
  readonly onSale: ((sale: SaleEvent) => void) | undefined;
  readonly onUndo: ((undo: UndoEvent) => void) | undefined;
}

/** The account of one of the seller's paytos. */
export function accountOf(seller: SellerContext, payto: string): PaytoAccount | undefined {
  return seller.accounts.find((account) => account.payto.text === payto);
}

/**
 * Tells a listener of the shop's. What it does with that, now or later, costs no reader the page
 * and no process its life.
 */
export function tell<E>(
  { onError }: Pick<SellerContext, 'onError'>,
  listen: ((event: E) => unknown) | undefined,
  event: E,
): void {
  const hear = async () => listen?.(event);
  hear().catch(onError);
}

/** Seconds since 1970, rounded down. */
export function nowSec(seller: Pick<SellerContext, 'now'>): number {
  return Math.floor(seller.now() / 1000);
}
