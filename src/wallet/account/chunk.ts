/**
 * What stands in a chunk of the history copy (SPEC 9.19): purchases with their receipts and sealed
 * terms, the reader's rules, the limit for a day. There is no place in it for a key.
 */
import { readCertificate } from '../../protocol/certificate.ts';
import { readSealedOpening, type SealedOpening } from '../../protocol/charge.ts';
import { type Micros, microsMember } from '../../protocol/money.ts';
import { paytoMember } from '../../protocol/payto.ts';
import { readReceipt } from '../../protocol/receipt.ts';
import { decodeTerms } from '../../protocol/request.ts';
import {
  compact,
  count,
  flag,
  isRecord,
  list,
  literal,
  type Reader,
  readMembers,
  refuse,
  text,
} from '../../protocol/shape.ts';
import { keptUntilSec } from '../payment/dues.ts';
import { type HostRule, itemKeyOf, type Limits, type Payment, type Seller } from '../rows.ts';
import {
  type HostRuleView,
  hostRuleView,
  type RuleView,
  readLimits,
  readRule,
} from '../sellers/sellerview.ts';

/** A purchase, as it is copied. */
export interface PaymentEntry {
  readonly url: string;
  readonly title: string;
  readonly seller: string;
  readonly at: number;
  /** With its amount as text. */
  readonly opening: object;
  readonly salt: string;
  readonly receipt: string;
  /** The seller's note, where it was undone. */
  readonly refund?: string;
  /** Its money was back when this was copied. */
  readonly back?: boolean;
}

/** What the reader lets a seller do, and enough of the seller to show it. */
export interface SellerEntry {
  readonly payto: string;
  readonly name: string;
  readonly origins: readonly string[];
  readonly rules: readonly HostRuleView[];
  readonly at: number;
}

/** A chunk's JSON. */
export interface ChunkContent {
  /** The place at which this device's copy begins. */
  readonly first: number;
  readonly payments: readonly PaymentEntry[];
  /** The certificates of the payments' purses, by their ids. */
  readonly purses: Readonly<Record<string, string>>;
  readonly sellers: readonly SellerEntry[];
  readonly limit?: { readonly amount: string; readonly at: number };
}

/** A purchase that can be copied: it has a receipt, and the certificate of its purse is at hand. */
export function paymentEntry(payment: Payment): PaymentEntry | undefined {
  const { ask, charge, receipt, undo } = payment;
  if (payment.state !== 'paid' || !charge || receipt === undefined) return undefined;
  const { opening, salt } = charge;
  const { note, isBack } = undo?.state === 'granted' ? undo : {};
  return {
    url: ask.url,
    title: ask.title,
    seller: ask.sellerName,
    at: payment.atMs,
    opening: { ...opening, amt: `${opening.amt}` },
    salt,
    receipt,
    ...(note === undefined ? {} : { refund: note }),
    ...(isBack && { back: true }),
  };
}

/** What is copied of a seller, but for the time. */
export function sellerEntry({ payto, record, rules }: Seller): Omit<SellerEntry, 'at'> {
  const { name, origins } = record;
  return {
    payto,
    name,
    origins,
    rules: rules.map(hostRuleView),
  };
}

/** A purchase by another device, as it is kept here. */
function readPayment(value: unknown, purses: Record<string, string>): Payment {
  const entry = readMembers(
    value,
    {
      url: text(2048),
      title: text(300),
      seller: text(300),
      at: count,
      opening: (it) => it,
      salt: (it) => it,
      receipt: compact,
    },
    { refund: compact, back: flag },
  );
  const sealed: SealedOpening = readSealedOpening(entry.opening, entry.salt);
  const terms = decodeTerms(sealed.opening.request);
  const { claims, token } = readReceipt(entry.receipt);
  const certificate = purses[claims.pur];
  if (URL.parse(entry.url)?.origin !== terms.origin || certificate === undefined)
    return refuse('a purchase that does not belong together');
  const { jti: id } = sealed.opening;
  const { pur: purse, seq, tot: totalMicros, bnd: binding } = claims;
  const { refund: note, back: isBack } = entry;
  const undone = { state: 'granted', token: '', note, isBack } as const;
  return {
    id,
    ask: {
      id,
      // Of a tab of another device, which is none here.
      tabId: -1,
      placement: 'same-tab',
      pageUrl: entry.url,
      url: entry.url,
      origin: terms.origin,
      title: entry.title,
      sellerName: entry.seller,
      terms,
      isVisible: true,
      reasons: [],
      atMs: entry.at,
    },
    itemKey: itemKeyOf(terms.origin, terms.item),
    atMs: entry.at,
    state: 'paid',
    pending: 0,
    charge: { ...sealed, purse, seq, totalMicros, binding, token: '' },
    attempts: 1,
    receipt: token,
    paidAtSec: claims.at,
    dueMicros: claims.amt === terms.amountMicros ? undefined : claims.amt,
    untilSec: keptUntilSec(claims, terms),
    freeUntilSec: terms.cap && claims.free,
    opened: true,
    undo: entry.refund === undefined ? undefined : undone,
    elsewhere: { certificate },
  };
}

const ruleMember: Reader<RuleView> = (value) => {
  const word = isRecord(value) ? value.kind : undefined;
  if (word === 'ask' || word === 'block') return readMembers(value, { kind: literal(word) });
  return readMembers(value, { kind: literal('one-click'), ...LIMITS });
};

const amount: Reader<string> = (value) => `${microsMember(value)}`;
const LIMITS = { itemMicros: amount, dayMicros: amount };
const limitsMember: Reader<Limits> = (value) => readLimits(readMembers(value, LIMITS));

/** The reader's rules for a seller, as another device had them. */
export interface ReadSeller {
  readonly payto: string;
  readonly name: string;
  readonly origins: readonly string[];
  readonly rules: readonly HostRule[];
  readonly at: number;
}

function readSeller(value: unknown): ReadSeller {
  const rule = (it: unknown) => {
    const named = { host: text(300), rule: ruleMember };
    const { limits, ...read } = readMembers(it, named, { limits: limitsMember });
    return { host: read.host, rule: readRule(read.rule), ...(limits && { limits }) };
  };
  return readMembers(value, {
    payto: paytoMember,
    name: text(300),
    origins: list(text(300), 32),
    rules: list(rule, 1000),
    at: count,
  });
}

/** A chunk of another device. */
export interface ReadChunk {
  readonly first: number;
  readonly payments: readonly Payment[];
  readonly sellers: readonly ReadSeller[];
  readonly limit?: { readonly amount: Micros; readonly at: number } | undefined;
}

function readPurses(value: unknown): Record<string, string> {
  if (!isRecord(value)) return refuse('no certificates');
  const certificate = (token: unknown) => readCertificate(compact(token)).token;
  const entries = Object.entries(value).map(([id, token]) => [id, certificate(token)] as const);
  return Object.fromEntries(entries);
}

/**
 * Reads a chunk's JSON. @throws FarthingError `payload_malformed` and the codes of what is in it
 */
export function readChunkContent(json: string): ReadChunk {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return refuse('not JSON');
  }
  const asIs: Reader<unknown> = (it) => it;
  const content = readMembers(
    value,
    {
      first: count,
      payments: list(asIs, 1000),
      purses: readPurses,
      sellers: list(readSeller, 1000),
    },
    { limit: (it: unknown) => readMembers(it, { amount: microsMember, at: count }) },
  );
  const { payments, purses, ...rest } = content;
  return { ...rest, payments: payments.map((it) => readPayment(it, purses)) };
}
