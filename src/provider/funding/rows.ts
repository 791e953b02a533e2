/** The rows of readers' payments, in and back. Money is `Micros`, times are seconds since 1970. */
import type { ColumnType } from 'kysely';
import type { TopUpState } from '../../protocol/api.ts';
import type { Micros } from '../../protocol/money.ts';
import type { Moment, Whole } from '../database/columns.ts';

/** Money that comes in (SPEC 9.8): there before anything is sent for it. */
export interface TopUpRow {
  account: string;
  /** Its caller's. */
  id: string;
  /** SHA-256 of what was asked for. */
  digest: string;
  amount_micros: Micros;
  currency: string;
  /** Which funding it is paid by. */
  method: string;
  /** How the funding calls the attempt to pay, as soon as that has a name. */
  reference: string | null;
  /** Where the reader pays. */
  url: string | null;
  /** How the funding calls the payment: what money goes back to, and what is disputed. */
  payment: string | null;
  state: TopUpState;
  begun_at_sec: Whole;
  /** When its funding was last asked what became of it. */
  asked_at_sec: Whole;
  paid_at_sec: ColumnType<bigint | null, number | null | undefined, number>;
  /** What disputes hold of it, or have taken. */
  charged_back_micros: ColumnType<Micros, Micros | undefined, Micros>;
  /** What of it is on its way back, or has gone back (SPEC 10.11). */
  withdrawn_micros: ColumnType<Micros, Micros | undefined, Micros>;
  /** What its reader reads on the page of the card's side; null where that was not kept. */
  name: ColumnType<string | null, string | undefined, never>;
  /** Since when its card's side takes nothing back for it. */
  shut_at_sec: Moment;
}

/** Money that a reader wants back (SPEC 9.24). */
export interface WithdrawalRow {
  account: string;
  /** Its caller's. */
  id: string;
  /** SHA-256 of what was asked for. */
  digest: string;
  amount_micros: Micros;
  currency: string;
  at_sec: Whole;
}

/** What of a withdrawal goes back to one payment. */
export interface WithdrawalPartRow {
  account: string;
  withdrawal: string;
  /** From 1. */
  number: Whole;
  topup: string;
  amount_micros: Micros;
  /** How the funding calls it; null until it has been told. */
  reference: string | null;
  /** `sent`: the funding has it. `failed`: it came back, also after it was withdrawn. */
  state: 'made' | 'sent' | 'withdrawn' | 'failed';
  /** When its funding was last told of it, or asked what became of it. */
  asked_at_sec: Whole;
  withdrawn_at_sec: ColumnType<bigint | null, null | undefined, number>;
  failed_at_sec: ColumnType<bigint | null, null | undefined, number>;
  /** Why its funding did not take it, when it was told last. */
  refusal: ColumnType<string | null, null | undefined, string | null>;
  /** How often it has said no, so that each try has a name of its own. */
  refusal_count: ColumnType<bigint, bigint | undefined, bigint>;
  /** When an operator was last about to give it up: for an hour it is not sent. */
  stopped_at_sec: Moment;
}

/** A payment that its card wants back, or that somebody has refunded beside us (SPEC 10.9). */
export interface DisputeRow {
  /** How the funding calls it, or the refund. */
  reference: string;
  account: string;
  topup: string;
  /** What it has taken; of one that was won, what it had taken before. */
  amount_micros: Micros;
  state: 'open' | 'lost' | 'won';
  at_sec: Whole;
  ended_at_sec: Moment;
}

/** Each time that a dispute moved money. */
export interface DisputeMoveRow {
  /** The dispute's. */
  reference: string;
  /** From 1. */
  number: Whole;
  account: string;
  /** Taken; what came back is below zero. */
  amount_micros: bigint;
  at_sec: Whole;
}

/** What the card's side has kept for itself of a payment (SPEC 10.13). */
export interface CostRow {
  /** How the funding calls the movement by which it was kept. */
  reference: string;
  /** Kept; what was given back is below zero. */
  amount_micros: bigint;
  /** When it was booked. */
  at_sec: Whole;
}
