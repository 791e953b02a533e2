/** What a seller keeps of one purse, and how that stands in a row of its store (SPEC 6.6). */
import { MICROS_ZERO, type Micros, micros } from '../../protocol/money.ts';
import type { Row, Store } from '../store.ts';

/** A charge that was undone (SPEC 7.4). */
export interface Refund {
  readonly seq: number;
  readonly amt: Micros;
  /** `farthing-refund+jws`, byte for byte. */
  readonly note: string;
}

/** What is used up at once, paid and not opened yet (SPEC 7.9). */
export interface Ticket {
  /** The charge that bought it. */
  readonly seq: number;
  readonly untilSec: number;
  /** See `passName`. */
  readonly place: string;
}

/** One purse, as far as this seller has accepted charges of it. */
export interface PurseRow {
  /** The purse's id: the key. */
  readonly purse: string;
  /** Counts the writes of this row, from 1. */
  readonly rev: number;
  /** The newest checked certificate, `farthing-purse+jwt`. */
  readonly certificate: string;
  /** Accepted charges; 0 where the only one was taken back. */
  readonly seq: number;
  /** What they come to, in micros. */
  readonly tot: Micros;
  /** The last accepted charge, byte for byte; undefined at `seq` 0. */
  readonly charge: string | undefined;
  /** Its receipt; undefined also where the charge was adopted (SPEC 6.11). */
  readonly receipt: string | undefined;
  /**
   * Somebody else has heard of this charge (its receipt left a second time, or a wallet out of step
   * was told of it), so it is never taken back (SPEC 6.5, 6.7).
   */
  readonly firm: boolean;
  /** The final statement of a purse that was closed (SPEC 5.12). */
  readonly final: string | undefined;
  readonly refunds: readonly Refund[];
  readonly tickets: readonly Ticket[];
  /** Marked before a charge is sent to the provider: from then on it is never taken back. */
  readonly handingSeq: number;
  /** The provider has booked the charges up to this one. */
  readonly handedSeq: number;
  /** So many of `refunds`, from the first, are at the provider. */
  readonly handedRefunds: number;
  /**
   * The provider's last word on what it has captured of this purse, in micros; for reports only.
   */
  readonly capturedTot: Micros;
}

/** A purse of which nothing was accepted yet. */
export const NOTHING_ACCEPTED = {
  rev: 0,
  seq: 0,
  tot: MICROS_ZERO,
  charge: undefined,
  receipt: undefined,
  firm: false,
  final: undefined,
  refunds: [],
  tickets: [],
  handingSeq: 0,
  handedSeq: 0,
  handedRefunds: 0,
  capturedTot: MICROS_ZERO,
} as const;

/** Whether there is something in it to hand in. */
export function isDue({ seq, handedSeq, refunds, handedRefunds }: PurseRow): boolean {
  return handedSeq < seq || handedRefunds < refunds.length;
}

/** The row of a store. */
export function writePurse(purse: PurseRow): Row {
  const { tot, capturedTot, refunds } = purse;
  const amounts = { tot: `${tot}`, capturedTot: `${capturedTot}` };
  const stored: StoredPurse = {
    ...purse,
    ...amounts,
    refunds: refunds.map((refund) => ({ ...refund, amt: `${refund.amt}` })),
  };
  const text = JSON.stringify(stored);
  return { key: purse.purse, rev: purse.rev, isDue: isDue(purse), text };
}

interface StoredPurse extends Omit<PurseRow, 'tot' | 'capturedTot' | 'refunds'> {
  readonly tot: string;
  readonly capturedTot: string;
  readonly refunds: readonly (Omit<Refund, 'amt'> & { readonly amt: string })[];
}

function amountOf(text: string): Micros {
  return micros(BigInt(text));
}

/** The inverse of `writePurse`. */
export function readPurse({ text }: Row): PurseRow {
  const { tot, capturedTot, refunds, ...rest } = JSON.parse(text) as StoredPurse;
  return {
    ...NOTHING_ACCEPTED,
    ...rest,
    tot: amountOf(tot),
    capturedTot: amountOf(capturedTot),
    refunds: refunds.map((refund) => ({ ...refund, amt: amountOf(refund.amt) })),
  };
}

/** The purse of this id, where one of its charges was ever accepted. */
export async function getPurse(
  store: Pick<Store, 'get'>,
  purse: string,
): Promise<PurseRow | undefined> {
  const row = await store.get(purse);
  return row && readPurse(row);
}

/** See `Store.put`. */
export function putPurse(store: Store, purse: PurseRow): Promise<boolean> {
  return store.put(writePurse(purse));
}

/** The refund of a charge, where it was undone. */
export function refundOf(purse: PurseRow | undefined, seq: number): Refund | undefined {
  return purse?.refunds.find((refund) => refund.seq === seq);
}
