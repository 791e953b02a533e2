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
import type { PurseRow, Store } from './store.ts';
import { isKnown, type Offered, readOffered, stateRefusal, verify } from './verify.ts';
import { isRead, type Visit } from './visit.ts';

/** Another request of the purse was quicker: look again this often before asking the wallet to. */
const ATTEMPT_COUNT = 3;

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

/** Accepts a charge; undefined where another writer was first. */
async function accept(
  seller: SellerContext,
  visit: Visit,
  offered: Offered,
  row: PurseRow | undefined,
): Promise<Sale | Refusal | undefined> {
  const purse = await verify(seller, visit, offered, row);
  const error = stateRefusal(row, offered, purse);
  if (error) {
    const isAstray = error.code === 'out_of_sync' || error.code === 'superseded';
    return { kind: 'refusal', error, last: isAstray ? row?.charge : undefined };
  }
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
  if (!row.firm && !(await seller.store.put({ ...row, firm: true, rev: row.rev + 1 })))
    return undefined;
  const receipt = readReceipt(row.receipt);
  const error = knownRefusal(seller, visit, offered, receipt);
  if (error) return { kind: 'refusal', error, receipt };
  return { kind: 'sale', receipt, takeBack: async () => false };
}

function hasReceipt(row: PurseRow | undefined): row is PurseRow & { readonly receipt: string } {
  return row?.receipt !== undefined;
}

async function settle(seller: SellerContext, visit: Visit, header: string) {
  const offered = await readOffered(header);
  for (let attempt = 0; ; attempt++) {
    const row = await seller.store.get(offered.charge.claims.pur);
    if (attempt === ATTEMPT_COUNT) return busy(row);
    const settled =
      hasReceipt(row) && isKnown(row, offered)
        ? await recognise(seller, visit, offered, row)
        : await accept(seller, visit, offered, row);
    if (settled) return settled;
  }
}

function busy(row: PurseRow | undefined): Refusal {
  const error = new FarthingError('out_of_sync', 'other charges of this purse are under way');
  return { kind: 'refusal', error, last: row?.charge };
}

/**
 * Turns the payment header of a visit into a sale, or says why not; nothing is stored for a
 * refusal.
 */
export async function sell(
  seller: SellerContext,
  visit: Visit,
  header: string,
): Promise<Sale | Refusal> {
  try {
    return await settle(seller, visit, header);
  } catch (error) {
    if (error instanceof FarthingError) return { kind: 'refusal', error };
    throw error;
  }
}
