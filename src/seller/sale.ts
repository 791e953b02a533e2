/**
 * From a charge to a sale: the one place where a purse's row moves (SPEC 6.5 to 6.7). The row is
 * written before anything is handed out, together with the receipt that will go out.
 */
import { FarthingError } from '../protocol/errors.ts';
import { MICROS_ZERO, type Micros } from '../protocol/money.ts';
import { type Receipt, readReceipt, signReceipt } from '../protocol/receipt.ts';
import { decodeTerms } from '../protocol/request.ts';
import type { CapOwner } from './caps.ts';
import type { CheckedPurse } from './certificates.ts';
import { nowSec, type SellerContext } from './context.ts';
import type { SaleEvent } from './options.ts';
import { getPurse, NOTHING_ACCEPTED, type PurseRow, putPurse, refundOf } from './purses.ts';
import type { Store } from './store.ts';
import {
  type ChargeCredential,
  isKnown,
  type Offered,
  readOffered,
  stateRefusal,
  verify,
} from './verify.ts';
import type { Visit } from './visit.ts';

/** Another request of the purse was quicker: look again this often before giving up. */
const ATTEMPT_COUNT = 8;

/** A receipt of this seller, signed now or stored before. */
export interface SignedReceipt {
  readonly claims: Receipt;
  readonly token: string;
}

/** An accepted charge, now or before. */
export interface Sale {
  readonly kind: 'sale';
  readonly receipt: SignedReceipt;
  /** Puts the row back where it was; false where the charge stands by now (SPEC 6.7). */
  readonly takeBack: () => Promise<boolean>;
  /** For `onSale`; only of a charge that was accepted now. */
  readonly event?: SaleEvent | undefined;
  /** The pass is for what else is free under the cap: its count, and until when (SPEC 7.7). */
  readonly free?: { readonly key: string; readonly untilSec: number } | undefined;
}

/** Why there is none, and what goes with the answer. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly error: FarthingError;
  /** The last accepted charge, for a wallet that is out of step (SPEC 4.7). */
  readonly last?: string | undefined;
  /** What a cap leaves of the price (SPEC 7.7). */
  readonly dueMicros?: Micros | undefined;
  /** Where and in what it was paid: the challenge for that comes first. */
  readonly paidBy?: { readonly payto: string; readonly currency: string } | undefined;
  /** The charge was accepted before: its receipt goes along, although nothing is opened. */
  readonly receipt?: SignedReceipt | undefined;
}

interface Terms {
  readonly route: Visit['route'];
  readonly freeUntilSec: number | undefined;
}

async function writeReceipt(
  seller: SellerContext,
  { charge, credential }: Offered,
  { route, freeUntilSec }: Terms,
): Promise<SignedReceipt> {
  const { pur, seq, tot, bnd } = charge.claims;
  const { amt } = credential.payload.opening;
  const at = nowSec(seller);
  const ends = { until: at + route.durationSec, undo: at + route.refundSec, free: freeUntilSec };
  const claims = { pur, seq, tot, bnd, amt, at, ...ends };
  const [{ receipt }] = await seller.keys();
  return { claims, token: await signReceipt(claims, receipt) };
}

function rowWith(
  row: PurseRow | undefined,
  { charge }: Offered,
  { purse, receipt }: { purse: CheckedPurse; receipt: string },
): PurseRow {
  const { pur, seq, tot } = charge.claims;
  const advanced = { certificate: purse.token, seq, tot, charge: charge.token, receipt };
  const from = row ?? NOTHING_ACCEPTED;
  return { ...from, ...advanced, purse: pur, rev: from.rev + 1, firm: false };
}

/**
 * The row with the charge taken back: the last charge is the one before, all else stays as it is.
 */
function rowWithout(row: PurseRow, before: PurseRow | undefined): PurseRow {
  const { seq, tot, charge, receipt, firm } = before ?? NOTHING_ACCEPTED;
  return { ...row, seq, tot, charge, receipt, firm, rev: row.rev + 1 };
}

/** SPEC 6.7: unless its receipt has left already, or it is on its way to the provider. */
function mayGoBack(row: PurseRow | undefined, { charge }: PurseRow): row is PurseRow {
  return row?.charge === charge && row?.firm === false && row.handingSeq < row.seq;
}

async function takeBack(
  store: Store,
  accepted: PurseRow,
  before: PurseRow | undefined,
): Promise<boolean> {
  let row: PurseRow | undefined = accepted;
  while (mayGoBack(row, accepted)) {
    if (await putPurse(store, rowWithout(row, before))) return true;
    row = await getPurse(store, accepted.purse);
  }
  return false;
}

/**
 * Sees to it that the last charge is never taken back, before somebody hears of it who did not send
 * it in this request. False where another writer was first.
 */
async function makeFirm(store: Store, row: PurseRow): Promise<boolean> {
  return row.firm || (await putPurse(store, { ...row, firm: true, rev: row.rev + 1 }));
}

/**
 * A wallet that is out of step goes on from the last accepted charge: what it is told must stand,
 * also where that charge's page is still being made by another request.
 */
async function refuse(
  store: Store,
  row: PurseRow | undefined,
  error: FarthingError,
): Promise<Refusal | undefined> {
  const isAstray = error.code === 'out_of_sync' || error.code === 'superseded';
  if (!isAstray || row?.charge === undefined) return { kind: 'refusal', error };
  return (await makeFirm(store, row)) ? { kind: 'refusal', error, last: row.charge } : undefined;
}

/** The count that a charge belongs to, where the route has a cap in its currency. */
function capOwnerOf(visit: Visit, { charge }: Offered, { claims }: CheckedPurse) {
  const cap = visit.route.capRead;
  if (cap?.currency !== charge.claims.cur) return undefined;
  return { payto: claims.aud, sub: claims.sub, currency: claims.cur, cap };
}

/** Until when all is free after this charge; a refusal where the cap leaves another amount. */
async function takeShare(
  seller: SellerContext,
  owner: CapOwner,
  { offered, visit }: { offered: Offered; visit: Visit },
): Promise<number | undefined | Refusal> {
  const { pur, seq, cur } = offered.charge.claims;
  const { amt } = offered.credential.payload.opening;
  const price = (await visit.prices()).find(({ currency }) => currency === cur);
  const priceMicros = price?.amountMicros ?? MICROS_ZERO;
  const { countCharge } = await import('./caps.ts');
  const share = await countCharge(seller, owner, {
    charge: { purse: pur, seq, amt },
    priceMicros,
  });
  if (share.dueMicros === amt && amt > 0n) return share.freeUntilSec;
  const error = new FarthingError('amount_mismatch', 'the cap leaves another amount');
  return { kind: 'refusal', error, dueMicros: share.dueMicros };
}

/** The seller's state moves: the charge is counted under its cap, then it is the row's last. */
async function advance(
  seller: SellerContext,
  visit: Visit,
  { offered, row, purse }: { offered: Offered; row: PurseRow | undefined; purse: CheckedPurse },
): Promise<Sale | Refusal | undefined> {
  const owner = capOwnerOf(visit, offered, purse);
  const share = owner && (await takeShare(seller, owner, { offered, visit }));
  if (typeof share === 'object') return share;
  const terms = { route: visit.route, freeUntilSec: share };
  const receipt = await writeReceipt(seller, offered, terms);
  const next = rowWith(row, offered, { purse, receipt: receipt.token });
  const uncount = async () => {
    if (!owner) return;
    const { pur, seq } = offered.charge.claims;
    await (await import('./caps.ts')).uncountCharge(seller, owner, { purse: pur, seq });
  };
  if (!(await putPurse(seller.store, next))) {
    await uncount();
    return undefined;
  }
  const back = async () => {
    const isBack = await takeBack(seller.store, next, row);
    if (isBack) await uncount();
    return isBack;
  };
  const event = saleEvent(purse.claims, offered, visit);
  return { kind: 'sale', receipt, takeBack: back, event };
}

function saleEvent(
  { aud, sub }: CheckedPurse['claims'],
  { charge, credential }: Offered,
  { url, item }: Visit,
): SaleEvent {
  const { pur, seq, cur } = charge.claims;
  const { amt } = credential.payload.opening;
  const what = { origin: url.origin, item, amountMicros: amt, currency: cur };
  return { ...what, payto: aud, reader: sub, reference: `${pur}.${seq}` };
}

/** Accepts a charge; undefined where another writer was first. */
async function accept(
  seller: SellerContext,
  visit: Visit,
  { offered, row }: { readonly offered: Offered; readonly row: PurseRow | undefined },
): Promise<Sale | Refusal | undefined> {
  const purse = await verify(seller, visit, offered, row);
  const error = stateRefusal(row, offered, purse);
  if (error) return refuse(seller.store, row, error);
  // What the shop got wrong shows before anything is booked: without its path there is no pass.
  await visit.path();
  return advance(seller, visit, { offered, row, purse });
}

/** A charge is good for the body that it was made for, also the second time. */
async function digestRefusal(visit: Visit, { credential }: Offered) {
  if (credential.payload.opening.digest === (await visit.digest())) return undefined;
  return new FarthingError('digest_mismatch', 'this charge bought the answer to another body');
}

/** Why a charge that was accepted before opens nothing here and now. */
function knownRefusal(
  seller: SellerContext,
  visit: Visit,
  { offered, receipt, row }: { offered: Offered; receipt: SignedReceipt; row: PurseRow },
): FarthingError | undefined {
  const { claims } = receipt;
  const { opening } = offered.credential.payload;
  if (refundOf(row, claims.seq)) return new FarthingError('refunded', 'its money went back');
  if (claims.until === claims.at || claims.until <= nowSec(seller))
    return new FarthingError('used', 'it was yours for as long as was agreed');
  const { item, origin } = decodeTerms(opening.request);
  if (item !== visit.item || origin !== visit.url.origin)
    return new FarthingError('terms_changed', 'this charge bought something else');
  return undefined;
}

/**
 * The last accepted charge again (SPEC 6.5): its stored receipt, whatever has changed since. The
 * row is made firm first: two answers may be under way, and what one hands out the other must not
 * take back.
 */
async function recognise(
  seller: SellerContext,
  visit: Visit,
  offered: Offered,
  row: PurseRow & { readonly receipt: string },
): Promise<Sale | Refusal | undefined> {
  if (!(await makeFirm(seller.store, row))) return undefined;
  const receipt = readReceipt(row.receipt);
  const error =
    knownRefusal(seller, visit, { offered, receipt, row }) ?? (await digestRefusal(visit, offered));
  if (error) return { kind: 'refusal', error, receipt };
  return { kind: 'sale', receipt, takeBack: async () => false };
}

function hasReceipt(row: PurseRow | undefined): row is PurseRow & { readonly receipt: string } {
  return row?.receipt !== undefined;
}

/** One attempt to settle a charge on the row as it is now. */
async function settleOnce(
  seller: SellerContext,
  visit: Visit,
  offered: Offered,
): Promise<Sale | Refusal | undefined> {
  const row = await getPurse(seller.store, offered.charge.claims.pur);
  if (hasReceipt(row) && isKnown(row, offered)) return recognise(seller, visit, offered, row);
  if (offered.credential.payload.prior === undefined)
    return accept(seller, visit, { offered, row });
  const { adoptBefore } = await import('./sync.ts');
  const adopted = await adoptBefore(seller, offered, row);
  return adopted && accept(seller, visit, { offered, row: adopted.row });
}

/**
 * Turns the charge in the payment header of a visit into a sale, or says why not. A refusal moves
 * no total.
 * @throws FarthingError the codes of SPEC 6.4
 */
export async function sell(
  seller: SellerContext,
  visit: Visit,
  credential: ChargeCredential,
): Promise<Sale | Refusal> {
  const { atWork } = seller;
  atWork.count += 1;
  try {
    const offered = await readOffered(credential);
    for (let attempt = 0; attempt < ATTEMPT_COUNT; attempt++) {
      const settled = await settleOnce(seller, visit, offered);
      if (settled) return settled;
    }
  } finally {
    atWork.count -= 1;
  }
  // Not a refusal with a code, which would resolve a charge that may be under way (SPEC 6.8).
  throw new Error('too much is going on in this purse: the charge is undecided');
}
