/**
 * From a charge to a sale: the one place where a purse's row moves (SPEC 6.5 to 6.7). The row is
 * written before anything is handed out, together with the receipt that will go out.
 */
import { FarthingError } from '../protocol/errors.ts';
import { MICROS_ZERO } from '../protocol/money.ts';
import { type Receipt, readReceipt, signReceipt } from '../protocol/receipt.ts';
import { decodeTerms } from '../protocol/terms.ts';
import type { CheckedPurse } from './certificates.ts';
import type { SellerContext } from './context.ts';
import { checkShown, type Shown } from './show.ts';
import type { PurseRow, Store } from './store.ts';
import {
  type ChargeCredential,
  isKnown,
  type Offered,
  readCredential,
  readOffered,
  stateRefusal,
  verify,
} from './verify.ts';
import { isRead, type Visit } from './visit.ts';

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
}

/** Why there is none, and what goes with the answer. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly error: FarthingError;
  /** The last accepted charge, for a wallet that is out of step (SPEC 4.7). */
  readonly last?: string | undefined;
  /** The charge was accepted before: its receipt goes along, although nothing is opened. */
  readonly receipt?: SignedReceipt | undefined;
}

function nowSec(seller: SellerContext): number {
  return Math.floor(seller.now() / 1000);
}

async function writeReceipt(
  seller: SellerContext,
  visit: Visit,
  offered: Offered,
): Promise<SignedReceipt> {
  const { pur, seq, tot, bnd } = offered.charge.claims;
  const { amt } = offered.credential.payload.opening;
  const at = nowSec(seller);
  const claims = { pur, seq, tot, bnd, amt, at, until: at + visit.route.durationSec, undo: at };
  return { claims, token: await signReceipt(claims, (await seller.keys()).receipt) };
}

const NOTHING_ACCEPTED = {
  rev: 0,
  seq: 0,
  tot: MICROS_ZERO,
  charge: undefined,
  receipt: undefined,
  firm: false,
  closed: false,
  handingSeq: 0,
  handedSeq: 0,
  capturedTot: MICROS_ZERO,
} as const;

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
    if (await store.put(rowWithout(row, before))) return true;
    row = await store.get(accepted.purse);
  }
  return false;
}

/**
 * Sees to it that the last charge is never taken back, before somebody hears of it who did not send
 * it in this request. False where another writer was first.
 */
async function makeFirm(store: Store, row: PurseRow): Promise<boolean> {
  return row.firm || (await store.put({ ...row, firm: true, rev: row.rev + 1 }));
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

/** Accepts a charge; undefined where another writer was first. */
async function accept(
  seller: SellerContext,
  visit: Visit,
  offered: Offered,
  row: PurseRow | undefined,
): Promise<Sale | Refusal | undefined> {
  const purse = await verify(seller, visit, offered, row);
  const error = stateRefusal(row, offered, purse);
  if (error) return refuse(seller.store, row, error);
  // What the shop got wrong shows before anything is booked: without its path there is no pass.
  await visit.path();
  const receipt = await writeReceipt(seller, visit, offered);
  const next = rowWith(row, offered, { purse, receipt: receipt.token });
  if (!(await seller.store.put(next))) return undefined;
  return { kind: 'sale', receipt, takeBack: () => takeBack(seller.store, next, row) };
}

/** Why a charge that was accepted before opens nothing here and now. */
function knownRefusal(
  seller: SellerContext,
  visit: Visit,
  { credential }: Offered,
  { claims }: SignedReceipt,
): FarthingError | undefined {
  const { opening } = credential.payload;
  if (claims.until === claims.at || claims.until <= nowSec(seller))
    return new FarthingError('used', 'it was yours for as long as was agreed');
  if (decodeTerms(opening.request).item !== visit.item || opening.realm !== visit.url.hostname)
    return new FarthingError('terms_changed', 'this charge bought something else');
  if (!isRead(visit))
    return new FarthingError('method_not_bound', 'only GET and HEAD are sold here');
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
  const error = knownRefusal(seller, visit, offered, receipt);
  if (error) return { kind: 'refusal', error, receipt };
  return { kind: 'sale', receipt, takeBack: async () => false };
}

function hasReceipt(row: PurseRow | undefined): row is PurseRow & { readonly receipt: string } {
  return row?.receipt !== undefined;
}

/** A receipt that is shown opens again what it bought; there is no charge to take back. */
async function reopen(seller: SellerContext, visit: Visit, shown: Shown): Promise<Sale> {
  const receipt = await checkShown(seller, visit, shown);
  return { kind: 'sale', receipt, takeBack: async () => false };
}

async function settle(seller: SellerContext, visit: Visit, credential: ChargeCredential) {
  const offered = await readOffered(credential);
  for (let attempt = 0; attempt < ATTEMPT_COUNT; attempt++) {
    const row = await seller.store.get(offered.charge.claims.pur);
    const settled =
      hasReceipt(row) && isKnown(row, offered)
        ? await recognise(seller, visit, offered, row)
        : await accept(seller, visit, offered, row);
    if (settled) return settled;
  }
  // Not a refusal with a code, which would resolve a charge that may be under way (SPEC 6.8).
  throw new Error('too much is going on in this purse: the charge is undecided');
}

/**
 * Turns the payment header of a visit into a sale, or says why not. A refusal moves no total.
 */
export async function sell(
  seller: SellerContext,
  visit: Visit,
  header: string,
): Promise<Sale | Refusal> {
  try {
    const { challenge, payload } = readCredential(header);
    if (payload.action === 'show') return await reopen(seller, visit, { challenge, payload });
    return await settle(seller, visit, { challenge, payload });
  } catch (error) {
    if (error instanceof FarthingError) return { kind: 'refusal', error };
    throw error;
  }
}
