/**
 * The bodies of the provider's API (SPEC 9.5–9.22) as they stand on the wire: amounts are canonical
 * decimals in micros, ids are 16 random bytes made by the caller. Types only; each side validates.
 */
import type { PublicJwk } from './key.ts';
import type { RecoveryKind } from './recovery.ts';

/** `POST /v1/accounts` (SPEC 9.6). */
export interface OpenAccountBody {
  readonly id: string;
  /** Without starter credit, where that is used up for the day. */
  readonly starter?: 'none';
}
/** What is answered to whatever changes or asks for an account (SPEC 9.6, 9.7). */
export interface AccountAnswer {
  readonly account: string;
  /** `farthing-balance+jwt`. */
  readonly balance: string;
}

/** `POST /v1/topups` (SPEC 9.8). */
export interface TopUpBody {
  readonly id: string;
  readonly amount: string;
  readonly currency: string;
  /** What the sandbox card is to do. */
  readonly card?: string;
}
/** How a top-up stands (SPEC 9.8). */
export type TopUpState = 'begun' | 'paid' | 'failed' | 'disputed' | 'charged back';
/** `POST /v1/topups`, `GET /v1/topups/ID` (SPEC 9.8). */
export interface TopUpAnswer extends AccountAnswer {
  readonly topup: string;
  readonly state: TopUpState;
  readonly amount: string;
  /** Where the reader pays, while it is begun and something has to be done there. */
  readonly url?: string;
}

/** `POST /v1/withdrawals` (SPEC 9.24). */
export interface WithdrawBody {
  readonly id: string;
  readonly currency: string;
  /** Whole cents; left out for all that can go back. */
  readonly amount?: string;
}
/** `POST /v1/withdrawals`, `GET /v1/withdrawals/ID` (SPEC 9.24), in micros. */
export interface WithdrawalAnswer extends AccountAnswer {
  readonly withdrawal: string;
  readonly amount: string;
  /** Gone back to its cards. */
  readonly withdrawn: string;
  /** What cards did not take: it is available again. The rest is on its way. */
  readonly failed: string;
}

/** One movement of a reader's money (SPEC 9.25). */
export interface AccountMovement {
  /** Of its journal entry. */
  readonly number: number;
  readonly kind:
    | ('starter' | 'top-up' | 'set aside' | 'captured' | 'released' | 'given back')
    | ('charged back' | 'chargeback won' | 'debt paid')
    | ('withdrawal' | 'withdrawn' | 'withdrawal failed');
  /** Seconds since 1970. */
  readonly at: number;
  /** In micros, more than nothing. */
  readonly amount: string;
  /** Where it was set aside, and for whom. */
  readonly purse?: string;
  readonly payto?: string;
}
/** `GET /v1/account/statement` (SPEC 9.25), newest first. */
export interface AccountStatementAnswer {
  readonly movements: readonly AccountMovement[];
  readonly more: boolean;
}

/** `POST /v1/purses` (SPEC 9.9). */
export interface IssuePurseBody {
  /** Becomes the purse's `jti`. */
  readonly id: string;
  readonly payto: string;
  readonly currency: string;
  readonly amount: string;
  readonly key: PublicJwk;
}
/** `POST /v1/purses/PURSE/raise` (SPEC 9.9). */
export interface RaisePurseBody {
  readonly id: string;
  /** The new limit in all. */
  readonly amount: string;
}
/** A purse, new or raised, and the balance after it (SPEC 9.9). */
export interface PurseAnswer {
  readonly certificate: string;
  readonly balance: string;
}

/** `GET /v1/purses/PURSE` (SPEC 9.14). */
export interface PurseStatementAnswer {
  /** `farthing-statement+jwt`. */
  readonly statement: string;
  /** The newest one. */
  readonly certificate: string;
  /** The charge that was collected last, by the purse's own key; left out where there is none. */
  readonly last?: string | undefined;
}

/** `POST /v1/sellers` (SPEC 9.10). */
export interface RegisterSellerBody {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly origins: readonly string[];
  /** Receipt keys. */
  readonly keys: readonly PublicJwk[];
}
/** The seller's record as it now is (SPEC 9.10). */
export interface SellerAnswer {
  /** `farthing-seller+jwt`. */
  readonly record: string;
}

/** `POST /v1/sellers/HANDLE/bank` (SPEC 9.21): either `iban` or `account`. */
export interface SetBankBody {
  readonly id: string;
  /** The holder's. */
  readonly name: string;
  readonly iban?: string;
  readonly account?: string;
}
/** Where a seller is paid from when on (SPEC 9.21). */
export interface SetBankAnswer {
  readonly name: string;
  /** The last characters of the number. */
  readonly number: string;
  /** The first payout there is no earlier; seconds since 1970. */
  readonly from: number;
}

/** `GET /v1/sellers/HANDLE/earnings?before=NUMBER` (SPEC 9.22); amounts in micros. */
export interface EarningsAnswer {
  readonly currency: string;
  /** In all: what was collected, given back of it, and taken as fees of the rest. */
  readonly collected: string;
  readonly refunded: string;
  readonly fees: string;
  /** What of the rest is here, is on its way to the bank, and has arrived. */
  readonly earned: string;
  readonly transit: string;
  readonly paid: string;
  /** Promised back to readers, and waiting for earnings. */
  readonly pending: string;
  /** What the next payout would be now. */
  readonly payable: string;
  /** When it is made at the earliest; left out where that hangs on somebody. */
  readonly next?: number;
  readonly waits: readonly PayoutWait[];
  readonly bank?: SetBankAnswer;
  /** Of the last 60 days (UTC), those on which something was collected or given back. */
  readonly days: readonly EarningsDay[];
  /** The same by the readers' countries; `country` is left out where it is not known. */
  readonly countries: readonly EarningsCountry[];
  /** Newest first, at most 50. */
  readonly payouts: readonly PayoutAnswer[];
  /** Whether there are older ones. */
  readonly more: boolean;
}
/** What one day brought (SPEC 9.22). */
export interface EarningsDay {
  /** `2027-01-15`. */
  readonly day: string;
  readonly collected: string;
  /** Less fees. */
  readonly earned: string;
  readonly refunded: string;
}
/** What readers of one country brought (SPEC 9.22). */
export interface EarningsCountry {
  readonly country?: string;
  readonly collected: string;
  readonly earned: string;
}
/** One payout (SPEC 9.22); times are seconds since 1970. */
export interface PayoutAnswer {
  /** What the bank's statement names. */
  readonly id: string;
  /** For `before`. */
  readonly number: number;
  readonly amount: string;
  readonly state: 'made' | 'sent' | 'paid' | 'bounced';
  readonly made: number;
  readonly ended?: number;
  /** Where to. */
  readonly name: string;
  readonly account: string;
}

/** What a payout waits for (SPEC 9.22); `until` where it ends by itself, seconds since 1970. */
export interface PayoutWait {
  readonly code:
    | 'bank_missing'
    | 'bank_new'
    | 'bank_bounced'
    | 'seller_new'
    | 'held'
    | 'period'
    | 'young'
    | 'starter'
    | 'threshold';
  readonly until?: number;
}

/** `POST /v1/collections` (SPEC 9.11). */
export interface CollectBody {
  readonly id: string;
  readonly payto: string;
  /** The last charge of each purse, at most 1,000. */
  readonly charges: readonly string[];
}
/** What became of one charge that was handed in (SPEC 9.11). */
export interface CollectResult {
  readonly pur: string;
  /** `captured`: more was taken; `known`: this or a later one was taken before. */
  readonly state: 'captured' | 'known' | 'refused';
  /** Why, when refused. */
  readonly code?: string;
  /** The provider's own last (seq, tot): a floor for a seller that lost state. */
  readonly seq: number;
  readonly tot: string;
}
/** One result a charge, in the order of the charges (SPEC 9.11). */
export interface CollectAnswer {
  readonly results: readonly CollectResult[];
  /** Certificates of purses whose devices are lost: to be closed (SPEC 9.20). */
  readonly asked?: readonly string[];
  /** Notes by which the provider took charges back in the seller's name (SPEC 7.8). */
  readonly undone?: readonly string[];
}

/** `POST /v1/closings` (SPEC 9.20). */
export interface ClosingsBody {
  readonly id: string;
  readonly payto: string;
  /** At most 100; the charge is left out where there is none. */
  readonly closings: readonly { readonly final: string; readonly charge?: string }[];
}
/** What became of one final statement (SPEC 9.20). */
export interface ClosingResult {
  readonly pur: string;
  readonly state: 'closed' | 'refused';
  /** Why, when refused. */
  readonly code?: string;
}
/** One result a statement, in their order (SPEC 9.20). */
export interface ClosingsAnswer {
  readonly results: readonly ClosingResult[];
}

/** `POST /v1/refunds` (SPEC 9.12). */
export interface RefundsBody {
  readonly id: string;
  readonly payto: string;
  /** Refund notes, at most 1,000. */
  readonly notes: readonly string[];
}
/** What became of one refund note (SPEC 9.12). */
export interface RefundResult {
  readonly pur: string;
  readonly seq: number;
  /** `pending`: it waits for the charge to be collected, or for the seller's next earnings. */
  readonly state: 'paid' | 'pending' | 'refused';
  /** Why, when refused. */
  readonly code?: string;
}
/** One result a note, in the order of the notes (SPEC 9.12). */
export interface RefundsAnswer {
  readonly results: readonly RefundResult[];
}

/** `POST /v1/undos` (SPEC 9.15). */
export interface UndoBody {
  readonly id: string;
  readonly payto: string;
  /** `farthing-receipt+jws`; its opening stays with the wallet. */
  readonly receipt: string;
  /** `farthing-undo+jws`. */
  readonly undo: string;
}
/** What is booked for the charge (SPEC 9.15). */
export interface UndoAnswer {
  readonly state: 'paid' | 'pending';
  /** `farthing-refund+jws`, by the seller, or by the provider in its name. */
  readonly refund: string;
}

/** `POST /v1/purses/PURSE/close` (SPEC 9.13). */
export interface ClosePurseBody {
  readonly id: string;
  /** `farthing-final+jws`. */
  readonly final: string;
  /** The last charge; left out where there is none. */
  readonly charge?: string;
}
/** The balance after it (SPEC 9.13). */
export interface ClosePurseAnswer {
  readonly balance: string;
}

/** `POST /v1/devices` (SPEC 9.16): by a device of the account, or by its recovery key. */
export interface AddDeviceBody {
  readonly id: string;
  /** The new device's. */
  readonly key: PublicJwk;
  readonly name: string;
}
/** The account that the device now belongs to (SPEC 9.16). */
export interface AddDeviceAnswer extends AccountAnswer {
  /** The history key, sealed for the recovery key that asked; absent where a device did. */
  readonly sealed?: string;
}
/** `POST /v1/devices/KID/name` (SPEC 9.16). */
export interface NameDeviceBody {
  readonly id: string;
  readonly name: string;
}
/** `POST /v1/devices/KID/revoke` (SPEC 9.17). */
export interface RevokeDeviceBody {
  readonly id: string;
}
/** One device of the account (SPEC 9.16); times are seconds since 1970. */
export interface DeviceAnswer {
  readonly kid: string;
  /** Empty where nobody named it. */
  readonly name: string;
  readonly added: number;
  readonly revoked?: number;
  /** Chunks of the history copy that it has written. */
  readonly place: number;
  /** What it holds set aside and has not been collected, in micros. */
  readonly aside: string;
  /** By when that is back at the latest; 0 where there is none. */
  readonly back: number;
}
/** `GET /v1/devices` (SPEC 9.16), and what the writes to devices and recovery answer. */
export interface DevicesAnswer {
  readonly devices: readonly DeviceAnswer[];
  /** What brings the account back, and since when. */
  readonly recovery: readonly { readonly kind: RecoveryKind; readonly set: number }[];
}

/** `POST /v1/recovery` (SPEC 9.18). */
export interface SetRecoveryBody {
  readonly id: string;
  readonly kind: RecoveryKind;
  /** The thumbprint of the recovery key. */
  readonly kid: string;
  /** The history key, sealed for it. */
  readonly sealed: string;
}

/** `POST /v1/history` (SPEC 9.19). */
export interface AddChunkBody {
  readonly id: string;
  /** This device's last one and one more. */
  readonly place: number;
  readonly chunk: string;
}
/** `POST /v1/history/erase` (SPEC 9.19). */
export interface EraseHistoryBody {
  readonly id: string;
}
/** `GET /v1/history?after=NUMBER` (SPEC 9.19). */
export interface HistoryAnswer {
  readonly chunks: readonly HistoryChunk[];
  /** Whether there are more after these. */
  readonly more: boolean;
}
/** A chunk as it is kept (SPEC 9.19). */
export interface HistoryChunk {
  /** Grows with each chunk of the account. */
  readonly number: number;
  readonly device: string;
  readonly place: number;
  readonly chunk: string;
}
