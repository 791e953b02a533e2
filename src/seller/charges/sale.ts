/**
 * From a charge to a sale: the one place where a purse's row moves (SPEC 6.5 to 6.7). The row is
 * written before anything is handed out, together with the receipt that will go out.
 */
import type { FarthingError } from '../../protocol/errors.ts';
import type { Micros } from '../../protocol/money.ts';
import { type Receipt, signReceipt } from '../../protocol/receipt.ts';
import type { CheckedPurse } from '../certificates/certificates.ts';
import { nowSec, type SellerContext } from '../context.ts';
import type { SaleEvent } from '../options.ts';
import type { Visit } from '../visits/visit.ts';
import { getPurse, NOTHING_ACCEPTED, type PurseRow, putPurse, type Ticket } from './purses.ts';
import {
  type ChargeCredential,
  isKnown,
  isNext,
  type Offered,
  readOffered,
  verify,
} from './verify.ts';

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
  /** What is to be done once the charge stands, before its answer leaves. */
  readonly keep?: (() => Promise<unknown>) | undefined;
  /** For `onSale`; only of a charge that was accepted now. */
  readonly event?: SaleEvent | undefined;
  /** Nothing is opened yet: the navigation that follows does, until then (SPEC 7.9). */
  readonly ticketUntilSec?: number | undefined;
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

/** A charge's part of what is paid under a cap. */
export interface Share {
  /** What it changes in the times of a receipt. */
  readonly endsFor: (receipt: Pick<Receipt, 'until'>) => Pick<Receipt, 'until' | 'free'>;
  /** What it adds to the sale. */
  readonly opens: Pick<Sale, 'keep' | 'free'>;
  /** Takes off the count what this request has put there, and what was not accepted. */
  readonly giveBack: () => Promise<boolean>;
  /** Takes it back with `goBack`, which moves the row; false where the charge stands. */
  readonly takeBack: (goBack: () => Promise<boolean>) => Promise<boolean>;
}

interface Terms {
  readonly route: Visit['route'];
  readonly share: Share | undefined;
}

async function writeReceipt(
  seller: SellerContext,
  { charge, credential }: Offered,
  { route, share }: Terms,
): Promise<SignedReceipt> {
  const { pur, seq, tot, bnd } = charge.claims;
  const { amt } = credential.payload.opening;
  const at = nowSec(seller);
  const ends = { until: at + route.durationSec, undo: at + route.refundSec };
  const claims = { pur, seq, tot, bnd, amt, at, ...ends, ...share?.endsFor(ends) };
  const [{ receipt }] = await seller.keys();
  return { claims, token: await signReceipt(claims, receipt) };
}

type Tickets = readonly Ticket[] | undefined;

/** What is used up at once and wanted later, by a navigation. */
async function ticketsOf(
  visit: Visit,
  { offered, row }: Checked,
  { receipt, share }: { receipt: SignedReceipt; share: Share | undefined },
): Promise<Tickets> {
  if (visit.route.durationSec > 0 || share?.opens.free) return undefined;
  const { ticketsWith } = await import('./tickets.ts');
  const { seq } = offered.charge.claims;
  return ticketsWith(row, visit, { seq, atSec: receipt.claims.at });
}

function rowWith(
  row: PurseRow | undefined,
  { charge }: Offered,
  { purse, receipt, tickets }: { purse: CheckedPurse; receipt: string; tickets: Tickets },
): PurseRow {
  const { pur, seq, tot } = charge.claims;
  const advanced = { certificate: purse.token, seq, tot, charge: charge.token, receipt };
  const from = row ?? NOTHING_ACCEPTED;
  const counted = { rev: from.rev + 1, tickets: tickets ?? from.tickets };
  return { ...from, ...advanced, ...counted, purse: pur, firm: false };
}

/** The share of a charge whose route has a cap in its currency; undefined for all others. */
async function shareOf(seller: SellerContext, visit: Visit, parts: Checked) {
  if (visit.route.capRead?.currency !== parts.offered.charge.claims.cur) return undefined;
  const { takeShare } = await import('./share.ts');
  return takeShare(seller, visit, parts);
}

/** A charge that has passed all checks, and the row that it moves. */
interface Checked {
  readonly offered: Offered;
  readonly row: PurseRow | undefined;
  readonly purse: CheckedPurse;
}

/** The seller's state moves: the charge is counted under its cap, then it is the row's last. */
async function advance(
  seller: SellerContext,
  visit: Visit,
  checked: Checked,
): Promise<Sale | Refusal | undefined> {
  const { offered, row, purse } = checked;
  const share = await shareOf(seller, visit, checked);
  if (share && 'error' in share) return share;
  const receipt = await writeReceipt(seller, offered, { route: visit.route, share });
  const tickets = await ticketsOf(visit, checked, { receipt, share });
  const next = rowWith(row, offered, { purse, receipt: receipt.token, tickets });
  if (!(await putPurse(seller.store, next))) {
    await share?.giveBack();
    return undefined;
  }
  const takeBack = async () =>
    (await import('./firmness.ts')).takeBack(seller.store, { accepted: next, before: row, share });
  const event = saleEvent(purse.claims, offered, { visit, soldAtSec: receipt.claims.at });
  const ticketUntilSec = tickets?.at(-1)?.untilSec;
  return { kind: 'sale', receipt, takeBack, event, ticketUntilSec, ...share?.opens };
}

function saleEvent(
  { aud, sub }: CheckedPurse['claims'],
  { charge, credential }: Offered,
  { visit, soldAtSec }: { visit: Visit; soldAtSec: number },
): SaleEvent {
  const { pur, seq, cur } = charge.claims;
  const { amt } = credential.payload.opening;
  const what = { origin: visit.url.origin, item: visit.item, amountMicros: amt, currency: cur };
  return { ...what, payto: aud, reader: sub, reference: `${pur}.${seq}`, soldAtSec };
}

/** The row with the charge before this one, where the wallet sent that (SPEC 6.11). */
async function withPrior(
  { store }: SellerContext,
  offered: Offered,
  { row, purse }: { row: PurseRow | undefined; purse: CheckedPurse },
): Promise<{ readonly row: PurseRow | undefined } | undefined> {
  const { prior } = offered;
  if (!prior) return { row };
  const { adoptBefore } = await import('./sync.ts');
  const adopted = await adoptBefore(store, offered, { prior, row, purse });
  return adopted && { row: adopted };
}

/** Accepts a charge; undefined where another writer was first. */
async function accept(
  seller: SellerContext,
  visit: Visit,
  { offered, found }: { readonly offered: Offered; readonly found: PurseRow | undefined },
): Promise<Sale | Refusal | undefined> {
  const purse = await verify(seller, visit, offered, found);
  const standing = await withPrior(seller, offered, { row: found, purse });
  if (!standing) return undefined;
  const { row } = standing;
  if (!isNext(row, offered, purse))
    return (await import('./astray.ts')).refuseCharge(seller.store, row, offered);
  // What the shop got wrong shows before anything is booked: without its path there is no pass.
  await visit.path();
  return advance(seller, visit, { offered, row, purse });
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
  if (hasReceipt(row) && isKnown(row, offered))
    return (await import('./again.ts')).recognise(seller, visit, offered, row);
  return accept(seller, visit, { offered, found: row });
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
