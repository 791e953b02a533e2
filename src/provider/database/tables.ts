/** The rows of the provider's database. Money is `Micros`, times are seconds since 1970. */
import type { ColumnType, Generated } from 'kysely';
import type { Micros } from '../../protocol/money.ts';
import type { RecoveryKind } from '../../protocol/recovery.ts';
import type {
  CostRow,
  DisputeMoveRow,
  DisputeRow,
  TopUpRow,
  WithdrawalPartRow,
  WithdrawalRow,
} from '../funding/rows.ts';
import type { LedgerKind } from '../ledger/chart.ts';
import type { Whole } from './columns.ts';

/** What a database must remember about itself: the provider's address, the nonce secret. */
interface SettingRow {
  name: string;
  value: string;
}

interface SigningKeyRow {
  kid: string;
  /** The private JWK: the file's mode keeps it. */
  jwk: string;
  made_at_sec: Whole;
  /** From then on it signs, until a newer one does; the first one from the beginning. */
  signs_from_sec: Whole;
  /** When it leaves the public set; null while nothing follows it. */
  leaves_at_sec: ColumnType<bigint | null, number | null, number | null>;
  /** Since when nothing by it counts, and it is not in the set; null of a good one. */
  revoked_at_sec: ColumnType<bigint | null, number | null | undefined, number>;
}

/** One stretch of time in which collections could be handed in (SPEC 5.11). */
interface RunRow {
  id: Generated<bigint>;
  opened_at_sec: Whole;
  seen_at_sec: Whole;
}

interface AccountRow {
  id: string;
  opened_at_sec: Whole;
  /** What it was given to begin with. */
  starter_micros: Micros;
  /** Characters of its history copy. */
  history_length: Whole;
  /** Two letters, where something has said so. */
  country: ColumnType<string | null, null | undefined, string | null>;
  /** Since when a card's word stops it (SPEC 10.9). */
  frozen_at_sec: ColumnType<bigint | null, number | null | undefined, number | null>;
  /** Since when it is nobody's (SPEC 9.26). */
  closed_at_sec: ColumnType<bigint | null, null | undefined, number>;
}

/** A device key of an account, by its thumbprint. */
interface DeviceRow {
  kid: string;
  account: string;
  added_at_sec: Whole;
  name: string;
  revoked_at_sec: ColumnType<bigint | null, number | null | undefined, number>;
  /** Chunks of the history copy that it has written. */
  place: Whole;
  /** The thumbprint of the key that has added it; null where it has opened the account. */
  added_by: ColumnType<string | null, string | undefined, never>;
}

/** A key that may add a device (SPEC 9.18). */
interface RecoveryKeyRow {
  account: string;
  kind: RecoveryKind;
  kid: string;
  /** The account's history key, sealed for whoever has the secret. */
  sealed: string;
  set_at_sec: Whole;
}

/** A sealed part of the history copy (SPEC 9.19). */
interface HistoryChunkRow {
  /** In the order in which they came; never given twice. */
  number: Generated<bigint>;
  account: string;
  device: string;
  place: Whole;
  chunk: string;
}

/** A write that was answered (SPEC 9.5): the same id gets this answer for ever. */
export interface AnsweredWriteRow {
  account: string;
  id: string;
  /** SHA-256 of what was asked for. */
  digest: string;
  status: Whole;
  body: string;
  at_sec: Whole;
}

/** A reader's name at one seller (SPEC 5.8 `sub`). */
interface PseudonymRow {
  account: string;
  payto: string;
  sub: string;
}

export interface SellerRow {
  handle: string;
  account: string;
  name: string;
  /** JSON lists. */
  origins: string;
  keys: string;
  changed_at_sec: Whole;
  registered_at_sec: Whole;
  /** Since when an operator holds its payouts back, and those of its account's other sellers. */
  held_at_sec: ColumnType<bigint | null, null | undefined, number | null>;
  /** Where it is paid: a `BankAccount` as JSON; and since when. */
  bank: ColumnType<string | null, null | undefined, string | null>;
  bank_at_sec: ColumnType<bigint | null, null | undefined, number>;
  /** When it is looked at again whether something is to be paid out. */
  payout_at_sec: Whole;
}

/** What a seller earned under one fee rate (SPEC 10.4): a new rate starts a new row. */
export interface EarningsRow {
  handle: string;
  currency: string;
  rate_basis_points: Whole;
  collected_micros: Micros;
  /** Of that, given back again (SPEC 10.4). */
  refunded_micros: Micros;
  fees_micros: Micros;
  /** Of the journal's last entry when something was last collected under this rate. */
  changed_number: Whole;
}

export interface PurseRow {
  id: string;
  account: string;
  /** The thumbprint of the device key that asked for it. */
  device: string;
  /** When it was asked back from its seller (SPEC 9.20). */
  asked_at_sec: ColumnType<bigint | null, number | null | undefined, number>;
  payto: string;
  currency: string;
  /** Everything that was ever set aside in it. */
  limit_micros: Micros;
  /** The part of what is left that is starter credit. */
  starter_micros: Micros;
  captured_micros: Micros;
  /** Of what was captured: the part that was starter credit. */
  captured_starter_micros: Micros;
  /** Of what was captured: given back again, and its part that was starter credit. */
  refunded_micros: Micros;
  refunded_starter_micros: Micros;
  /** Of what was captured: promised back, and waiting for its seller's money. */
  owed_micros: Micros;
  /** Notes that wait for more to be collected. */
  early_count: Whole;
  /** When something was captured of it. */
  first_captured_at_sec: ColumnType<bigint | null, null | undefined, number>;
  last_captured_at_sec: ColumnType<bigint | null, null | undefined, number>;
  last_seq: Whole;
  expires_at_sec: Whole;
  state: 'open' | 'released';
  /** Its reader's when it was asked for (SPEC 5.8 `cty`). */
  country: string | null;
  key: string;
  sub: string;
  /** The last certificate, byte for byte. */
  certificate: string;
}

/** Each time money went into a purse, for the cap over a rolling day. */
interface SetAsideRow {
  id: string;
  account: string;
  purse: string;
  amount_micros: Micros;
  at_sec: Whole;
}

/** A charge that was captured, with the token that proves it. */
export interface CaptureRow {
  purse: string;
  /** The purse's. */
  payto: string;
  seq: Whole;
  total_micros: Micros;
  amount_micros: Micros;
  /** Of that the seller's, less fees: in money, and in starter credit. */
  earned_micros: Micros;
  earned_starter_micros: Micros;
  /** Of the amount, given back again. */
  refunded_micros: ColumnType<Micros, Micros | undefined, Micros>;
  charge: string;
  at_sec: Whole;
  /** The purse's. */
  country: string | null;
}

/**
 * A charge that its seller gives back: booked once, owed as soon as enough was collected, paid
 * when its seller has the money.
 */
export interface RefundRow {
  /** In the order in which they came, without a gap. */
  number: Whole;
  purse: string;
  seq: Whole;
  /** The purse's. */
  payto: string;
  /** What the note says; once its purse has ended, no more than was left of what was captured. */
  amount_micros: Micros;
  /** `farthing-refund+jws`. */
  note: string;
  /** The receipt key (a JWK) that signed it; null where it came before keys were kept. */
  key: string | null;
  /**
   * `early`: not enough was collected of its open purse yet. `void`: its purse was released, and
   * there was nothing to give back for that place.
   */
  state: 'early' | 'pending' | 'paid' | 'void';
  at_sec: Whole;
  /** When what it gives back was; null while that is not collected. */
  captured_at_sec: ColumnType<bigint | null, number | null | undefined, number>;
  paid_at_sec: ColumnType<bigint | null, number | null | undefined, number>;
}

/** An undo that the provider granted in a seller's name, with what proves that it had to. */
export interface JudgedUndoRow {
  purse: string;
  seq: Whole;
  /** `farthing-receipt+jws`: the seller's promise. */
  receipt: string;
  /** `farthing-undo+jws`: the reader's wish. */
  undo: string;
  at_sec: Whole;
}

/** An origin of a seller, and how often in a row it was not proven (SPEC 2.3). */
interface OriginCheckRow {
  handle: string;
  origin: string;
  failure_count: Whole;
  due_at_sec: Whole;
}

/** One sum that a seller is paid, from before anything is told to a bank. */
export interface PayoutRow {
  /** For the bank: 32 hexadecimal digits, a hash of what it is told. */
  id: string;
  /** Of its `payout` entry in the journal. */
  number: Whole;
  handle: string;
  currency: string;
  amount_micros: Micros;
  /** The part of it that was earned of starter credit. */
  starter_micros: Micros;
  /** A `BankAccount` as JSON, as it was then. */
  bank: string;
  /** Who is told: the `method` of a `Bank`; and in which run. */
  method: string;
  run: string;
  /** `sent`: the bank has it. `bounced`: it came back, also after it was paid. */
  state: 'made' | 'sent' | 'paid' | 'bounced';
  made_at_sec: Whole;
  sent_at_sec: ColumnType<bigint | null, null | undefined, number>;
  paid_at_sec: ColumnType<bigint | null, null | undefined, number>;
  bounced_at_sec: ColumnType<bigint | null, null | undefined, number>;
}

/** How money stood on a day (UTC), in each currency. */
export interface FloatRow {
  day: string;
  currency: string;
  at_sec: Whole;
  outside_micros: bigint;
  readers_micros: bigint;
  sellers_micros: bigint;
  transit_micros: bigint;
}

export interface LedgerAccountRow {
  id: string;
  kind: LedgerKind;
  owner: string;
  currency: string;
  /** On the account's own side: never below zero. */
  balance_micros: Micros;
}

export interface LedgerTransactionRow {
  number: Whole;
  id: string;
  kind: string;
  at_sec: Whole;
  previous_hash: string;
  hash: string;
}

export interface PostingRow {
  number: Whole;
  line: Whole;
  account: string;
  /** Credit is positive, debit negative. */
  amount_micros: bigint;
}

export interface Tables {
  setting: SettingRow;
  signing_key: SigningKeyRow;
  run: RunRow;
  account: AccountRow;
  device: DeviceRow;
  recovery_key: RecoveryKeyRow;
  history_chunk: HistoryChunkRow;
  answered_write: AnsweredWriteRow;
  pseudonym: PseudonymRow;
  seller: SellerRow;
  earnings: EarningsRow;
  purse: PurseRow;
  set_aside: SetAsideRow;
  capture: CaptureRow;
  refund: RefundRow;
  judged_undo: JudgedUndoRow;
  /** Judged in the name of a seller that has not heard of it. */
  untold_undo: Pick<JudgedUndoRow, 'purse' | 'seq'> & { payto: string };
  payout: PayoutRow;
  origin_check: OriginCheckRow;
  float_report: FloatRow;
  topup: TopUpRow;
  dispute: DisputeRow;
  dispute_move: DisputeMoveRow;
  withdrawal: WithdrawalRow;
  withdrawal_part: WithdrawalPartRow;
  cost: CostRow;
  ledger_account: LedgerAccountRow;
  ledger_transaction: LedgerTransactionRow;
  posting: PostingRow;
}
