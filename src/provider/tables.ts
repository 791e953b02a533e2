/** The rows of the provider's database. Money is `Micros`, times are seconds since 1970. */
import type { ColumnType, Generated } from 'kysely';
import type { Micros } from '../protocol/money.ts';
import type { RecoveryKind } from '../protocol/recovery.ts';
import type { LedgerKind } from './ledger/chart.ts';

/** Whole numbers that are not money: read as bigint, written as either. */
type Whole = ColumnType<bigint, number | bigint, number | bigint>;

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

interface SellerRow {
  handle: string;
  account: string;
  name: string;
  /** JSON lists. */
  origins: string;
  keys: string;
  changed_at_sec: Whole;
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
  last_seq: Whole;
  expires_at_sec: Whole;
  state: 'open' | 'released';
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
  seq: Whole;
  total_micros: Micros;
  amount_micros: Micros;
  charge: string;
  at_sec: Whole;
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
  ledger_account: LedgerAccountRow;
  ledger_transaction: LedgerTransactionRow;
  posting: PostingRow;
}
