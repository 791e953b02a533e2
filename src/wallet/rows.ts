/**
 * What the wallet keeps. Rows are plain data; amounts are bigint, times milliseconds since 1970.
 */
import type { Challenge } from '../protocol/challenge.ts';
import type { SealedOpening } from '../protocol/charge.ts';
import type { SellerRecord } from '../protocol/documents.ts';
import type { ErrorCode } from '../protocol/errors.ts';
import type { PublicJwk } from '../protocol/key.ts';
import type { Micros } from '../protocol/money.ts';
import type { RecoveryKind } from '../protocol/recovery.ts';
import type { Terms } from '../protocol/terms.ts';
import type { TopUp, Withdrawal } from './account/cardrows.ts';
import type { Forgetting, Leaving } from './history/forgetting.ts';

/** A signing key that never leaves the device, with its public half. */
export interface DeviceKey {
  readonly privateKey: CryptoKey;
  readonly jwk: PublicJwk;
}

/** The one account. It is stored before it is asked for, so that a retry is the same request. */
export interface Account {
  readonly key: 'account';
  readonly state: 'opening' | 'open';
  /** The id of the request that opens it. */
  readonly openingId: string;
  /** The provider's name for it; empty until it answered. */
  readonly id: string;
  readonly provider: string;
  readonly sandbox: boolean;
  readonly providerKeys: readonly PublicJwk[];
  readonly device: DeviceKey;
  readonly currency: string;
  readonly availableMicros: Micros;
  /** Journal number of the provider's word about the balance; the higher one holds. */
  readonly rev: number;
  /** When it said so, by its own clock. */
  readonly saidAtSec?: number | undefined;
  /**
   * What the provider's clock was ahead of ours when it last spoke: wallet clocks can be years off.
   */
  readonly clockOffsetMs: number;
  /** The reader's own limit over all sellers, a local day. */
  readonly dailyLimitMicros: Micros;
  /** Of what is available: the provider's gift, which nobody loses money by. */
  readonly starterMicros?: Micros | undefined;
  /** When the provider said that another device had removed this one: it pays nothing more. */
  readonly revokedAtMs?: number | undefined;
  /** A top-up that is not over, or whose end the reader has not seen yet. */
  readonly topUp?: TopUp | undefined;
  /** The last one. */
  readonly withdrawal?: Withdrawal | undefined;
}

/** What the reader lets a seller do: ask each time; be paid by one click in two limits; nothing. */
export type Rule = { readonly kind: 'ask' | 'block' } | ({ readonly kind: 'one-click' } & Limits);

/** What one click may pay: up to so much each, and in a day. */
export interface Limits {
  readonly itemMicros: Micros;
  readonly dayMicros: Micros;
}

/** A rule is for one payto at one exact host, which is stricter than SPEC 2.6 asks for. */
export interface HostRule {
  readonly host: string;
  readonly rule: Rule;
  /** What one click was allowed here before: offered again when it is chosen again. */
  readonly limits?: Limits | undefined;
}

export interface Seller {
  readonly payto: string;
  readonly record: SellerRecord;
  readonly fetchedAtMs: number;
  readonly rules: readonly HostRule[];
}

/** Money set aside at one seller. */
export interface Purse {
  readonly id: string;
  readonly payto: string;
  readonly currency: string;
  readonly key: DeviceKey;
  /**
   * `requested`: asked for, answer unknown; `open`: usable; `retired`: pays nothing more, what is
   * left comes back when it expires; `closing`: its seller was told to close it; `closed`: what was
   * left is back; `refused`: the provider said no, nothing was set aside.
   */
  readonly state: 'requested' | 'open' | 'retired' | 'closing' | 'closed' | 'refused';
  /** What is asked for in all: of the first request, then of a raise that is under way. */
  readonly askedMicros: Micros;
  /** The id of a raise under way. */
  readonly raiseId?: string | undefined;
  readonly certificate?: string | undefined;
  readonly limitMicros: Micros;
  readonly expiresAtSec: number;
  /** By the last receipt. */
  readonly seq: number;
  readonly totalMicros: Micros;
  /** The charge of that receipt: what a seller that lost state is shown (SPEC 6.11). */
  readonly last?: string | undefined;
  /** The most that a charge which was refused since could still take (SPEC 6.9). */
  readonly riskMicros: Micros;
  /** The seller accepted charges by its key that this wallet did not sign (SPEC 6.11). */
  readonly isUsedElsewhere?: boolean | undefined;
  /** The provider may have signed a newer certificate than this one. */
  readonly isStale?: boolean | undefined;
  readonly closing?: Closing | undefined;
  /** When its seller was last asked to close it, by this device's clock. */
  readonly closeTriedAtMs?: number | undefined;
  /** The terms and address that it was used for last: where its seller is spoken to. */
  readonly door: Door;
  readonly usedAtMs: number;
}

/** The end of a purse before its time (SPEC 5.12). */
export interface Closing {
  /** `farthing-close+jws`. */
  readonly token: string;
  /** The id of the request that hands the statement to the provider. */
  readonly handingId: string;
  /** `farthing-final+jws`. */
  readonly final?: string | undefined;
}

/** An address of a seller that answers to signed wishes (SPEC 4.6). */
export interface Door {
  readonly url: string;
  /** See `encodeTerms`. */
  readonly request: string;
}

/** Why a press asks although a click could have paid. With none of them the reader's rule asks. */
export type AskReason =
  /** Nothing was bought at this seller yet. */
  | 'first-time'
  /** Dearer than one click may pay here. */
  | 'over-item'
  /** More than one click may pay here in a day. */
  | 'over-seller-day'
  /** More than the reader's own limit for a day, over all sellers. */
  | 'over-day'
  /** One click is for what can be undone. */
  | 'no-undo'
  /** Dearer than when the page was drawn. */
  | 'price-changed'
  /** The link could not be seen where it was pressed. */
  | 'not-visible'
  /** More than five payments in ten seconds. */
  | 'too-fast'
  /** What is set aside here was spent from somewhere else too. */
  | 'used-elsewhere'
  /** An earlier payment here has no answer yet: this one sets more aside beside it. */
  | 'unresolved';

/** What is shown to the reader, fixed at that moment: what is signed later is exactly this. */
export interface Ask {
  readonly id: string;
  /** The press that it is about, where it is about one. */
  readonly pressId?: string | undefined;
  readonly tabId: number;
  readonly placement: 'same-tab' | 'new-tab';
  /** The page that asked, without fragment. */
  readonly pageUrl: string;
  readonly url: string;
  readonly origin: string;
  readonly title: string;
  readonly sellerName: string;
  readonly terms: Terms;
  /** The seller's own challenge, where one was given. */
  readonly challenge?: Challenge | undefined;
  readonly expires?: string | undefined;
  /** What it cost when the page was drawn, where that was another price. */
  readonly formerMicros?: Micros | undefined;
  /** Whether what was pressed could be seen. */
  readonly isVisible: boolean;
  /** The cap here is reached: it is shown as free, and a yes to it pays nothing. */
  readonly isFree?: boolean | undefined;
  readonly reasons: readonly AskReason[];
  readonly atMs: number;
}

/** The signed charge of a payment, stored before it is sent. */
export interface SignedCharge extends SealedOpening {
  readonly purse: string;
  readonly seq: number;
  readonly totalMicros: Micros;
  readonly binding: string;
  readonly token: string;
}

/** A charge that was given up for another one under the same yes, and what it was signed for. */
export interface GivenUp extends Pick<Payment, 'challenge' | 'dueMicros'> {
  readonly charge: SignedCharge;
  readonly terms: Terms;
}

/** What became of the reader's wish to undo a purchase (SPEC 7.4). */
export interface Undoing {
  /** `asked`: signed, and perhaps sent; `granted`: the seller's note is here. */
  readonly state: 'asked' | 'granted' | 'refused';
  /** `farthing-undo+jws`. */
  readonly token: string;
  /** When the wish was stored, by this device's clock. */
  readonly wishedAtMs?: number | undefined;
  /** The id of the request that asks the provider, once the seller has failed (SPEC 7.8). */
  readonly judgingId?: string | undefined;
  /** `farthing-refund+jws`. */
  readonly note?: string | undefined;
  /** The id of the request that hands the note to the provider, until it was answered. */
  readonly handingId?: string | undefined;
  /** By the provider's word the money is back; before, the seller has not collected it yet. */
  readonly isBack?: boolean | undefined;
  readonly refusal?: { readonly code: ErrorCode; readonly detail: string } | undefined;
}

/** Money on its way back from sellers to pay another one. */
export interface Fetching {
  readonly amountMicros: Micros;
  readonly sellerNames: readonly string[];
}

/** Money that a seller did not give back in time. */
export interface Missed {
  readonly sellerName: string;
  readonly amountMicros: Micros;
  /** When it is back at the latest, by the provider's clock. */
  readonly backBySec: number;
}

/** One purchase, from the reader's yes to its end. */
export interface Payment {
  /** The opening's `jti`. */
  readonly id: string;
  readonly ask: Ask;
  /** See `itemKeyOf`. */
  readonly itemKey: string;
  readonly atMs: number;
  /**
   * `intended`: the reader said yes, nothing was signed; `sending`: signed, outcome unknown;
   * `paid`: a receipt is here; `refused`: the seller or provider said no, with `refusal`; `taken`:
   * by the provider's word the seller took the money, and never gave a receipt.
   */
  readonly state: 'intended' | 'sending' | 'paid' | 'refused' | 'taken';
  /** 1 while something is left to do: an outcome to learn, a tab to open. (An index key.) */
  readonly pending: 0 | 1;
  readonly challenge?: Challenge | undefined;
  readonly charge?: SignedCharge | undefined;
  /** Until a receipt is here: a seller that refused them may have accepted one all the same. */
  readonly givenUp?: readonly GivenUp[] | undefined;
  /** The purse that signed more for the same yes: on another one both could be taken. */
  readonly signedBy?: string | undefined;
  /** The seller is behind: the charge before this one goes along (SPEC 6.11). */
  readonly isWithPrior?: boolean | undefined;
  /** What a cap leaves of the price, as the seller counts (SPEC 7.7); 0 where nothing is due. */
  readonly dueMicros?: Micros | undefined;
  readonly attempts: number;
  /** When it was tried last, by this device's clock. */
  readonly triedAtMs?: number | undefined;
  /** What is set aside elsewhere is being fetched back for it. */
  readonly fetching?: Fetching | undefined;
  /** That was done; what did not come back in time. */
  readonly missed?: readonly Missed[] | undefined;
  readonly receipt?: string | undefined;
  readonly paidAtSec?: number | undefined;
  readonly untilSec?: number | undefined;
  /** Its receipt has reached a cap: until then all else under it is free. */
  readonly freeUntilSec?: number | undefined;
  /** The payment on whose account this one was free: it has no receipt of its own. */
  readonly freeBy?: string | undefined;
  /** Whether the tab was sent there. */
  readonly opened: boolean;
  /** Used up at once: `left`: its tab had gone elsewhere; `spent`: by its seller it was opened. */
  readonly ticket?: 'left' | 'spent' | undefined;
  readonly refusal?: { readonly code: ErrorCode; readonly detail: string } | undefined;
  readonly undo?: Undoing | undefined;
  /**
   * Bought by another device of the account: the certificate of its purse. Its key is there, and
   * with it the right to undo.
   */
  readonly elsewhere?: { readonly certificate: string } | undefined;
}

/** The copy of the history at the provider (SPEC 9.19), as this device keeps it. */
export interface HistoryCopy {
  readonly key: 'copy';
  /** `full`: there is no room for more. */
  readonly state: 'on' | 'off' | 'full';
  /**
   * 32 bytes. It guards what stands beside it in the clear, and is sealed anew for each recovery
   * secret: so it is kept as it is.
   */
  readonly historyKey: Uint8Array<ArrayBuffer>;
  /** This device's last chunk, and the one that its copy begins with. */
  readonly place: number;
  readonly first: number;
  /** Payments that began before are there, or never will be. */
  readonly sinceMs: number;
  /** The number of the last chunk that was read. */
  readonly after: number;
  /** Of each other device: the place of its last chunk that was read. */
  readonly read: Readonly<Record<string, number>>;
  /** Chunks that did not open, or were not there. */
  readonly damaged: number;
}

/** What is being sent, stored before it is: the same bytes under the same id each time. */
export interface Outbox {
  readonly key: 'outbox';
  readonly id: string;
  readonly place: number;
  readonly chunk: string;
  readonly marks: readonly CopyMark[];
}

/** The copy's end, asked for and not yet confirmed. */
export interface Erasing {
  readonly key: 'erasing';
  readonly id: string;
}

/** A recovery secret's keys on their way to the provider; the secret itself is never stored. */
export interface RecoverySetting {
  readonly key: 'setting';
  readonly id: string;
  readonly kind: RecoveryKind;
  readonly kid: string;
  readonly sealed: string;
  readonly historyKey: Uint8Array<ArrayBuffer>;
}

/** What brings the account back, by the provider's last word. */
export interface Safety {
  readonly key: 'safety';
  readonly kinds: readonly RecoveryKind[];
  /** The recovery key by which the account came to this device, if it did. */
  readonly restoredBy?: string | undefined;
  /** When the reader put off keeping the account safe. */
  readonly laterAtMs?: number | undefined;
}

/** An account on its way to this device. */
export interface Restoring {
  readonly key: 'restoring';
  readonly id: string;
  readonly provider: string;
  readonly sandbox: boolean;
  readonly providerKeys: readonly PublicJwk[];
  readonly currency: string;
  /** Derived from the secret: it may add a device, and open the history key. */
  readonly recovery: DeviceKey & { readonly kid: string };
  readonly seal: CryptoKey;
  readonly kind: RecoveryKind;
  /** This device's own, and its name. */
  readonly device: DeviceKey;
  readonly name: string;
}

/** How far payments from before there was a history of this form have theirs. */
export interface CatchingUp {
  readonly key: 'catching-up';
  /** Those that began before are still to come; 0 where none is. */
  readonly untilMs: number;
}

/** What is kept beside the account: at most one row of each kind. */
export type Keep =
  | HistoryCopy
  | Outbox
  | Erasing
  | RecoverySetting
  | Safety
  | Restoring
  | CatchingUp
  | Forgetting
  | Leaving;

/** Something that the copy has, as it was then. */
export interface CopyMark {
  /** `payment ID`, `seller PAYTO` or `limit`; `forgotten ID` of what is read from no copy again. */
  readonly key: string;
  readonly digest: string;
  /** Of rules and limits the later one holds. */
  readonly atMs: number;
  /** The copy has it no more: it goes there again, as the word of then. */
  readonly isErased?: true | undefined;
}

/** Items are scoped by origin (SPEC 2.6). */
export function itemKeyOf(origin: string, item: string): string {
  return `${origin}\n${item}`;
}
