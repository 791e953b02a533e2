/** The last accepted charge again (SPEC 6.5): a retry, whose first answer may have been lost. */
import { FarthingError } from '../../protocol/errors.ts';
import { readReceipt } from '../../protocol/receipt.ts';
import { decodeTerms } from '../../protocol/request.ts';
import { nowSec, type SellerContext } from '../context.ts';
import type { Visit } from '../visits/visit.ts';
import { makeFirm } from './firmness.ts';
import { type PurseRow, refundOf } from './purses.ts';
import type { Refusal, Sale, SignedReceipt } from './sale.ts';
import type { Offered } from './verify.ts';

/** A charge is good for the body that it was made for, also the second time. */
async function checkDigest(visit: Visit, { credential }: Offered): Promise<void> {
  if (credential.payload.opening.digest !== (await visit.digest()))
    throw new FarthingError('digest_mismatch', 'this charge bought the answer to another body');
}

/** A charge that was accepted before, with the ticket that it still has. */
interface Known {
  readonly offered: Offered;
  readonly receipt: SignedReceipt;
  readonly row: PurseRow;
  readonly ticketUntilSec: number | undefined;
}

/** Nothing but what is used up at once has tickets. */
async function ticketOf(
  seller: SellerContext,
  visit: Visit,
  { row, receipt: { claims } }: Omit<Known, 'offered' | 'ticketUntilSec'>,
): Promise<number | undefined> {
  if (row.tickets.length === 0) return undefined;
  const { ticketEnd } = await import('./tickets.ts');
  return ticketEnd(row, visit, { seq: claims.seq, atSec: nowSec(seller) });
}

/** A charge that was accepted before may open nothing here and now. */
function checkKnown(
  seller: SellerContext,
  visit: Visit,
  { offered, receipt, row, ticketUntilSec }: Known,
): void {
  const { claims } = receipt;
  const { opening } = offered.credential.payload;
  if (refundOf(row, claims.seq)) throw new FarthingError('refunded', 'its money went back');
  const isOver = claims.until === claims.at || claims.until <= nowSec(seller);
  if (isOver && ticketUntilSec === undefined)
    throw new FarthingError('used', 'it was yours for as long as was agreed');
  const { item, origin } = decodeTerms(opening.request);
  if (item !== visit.item || origin !== visit.url.origin)
    throw new FarthingError('terms_changed', 'this charge bought something else');
}

/**
 * Its stored receipt, whatever has changed since; undefined where another writer was first. The row
 * is made firm first: two answers may be under way, and what one hands out the other must not
 * take back.
 */
export async function recognise(
  seller: SellerContext,
  visit: Visit,
  offered: Offered,
  row: PurseRow & { readonly receipt: string },
): Promise<Sale | Refusal | undefined> {
  if (!(await makeFirm(seller.store, row))) return undefined;
  const receipt = readReceipt(row.receipt);
  try {
    const { shareAgain } = await import('./share.ts');
    const share = await shareAgain(seller, offered, { ...row, receipt: receipt.claims });
    const ticketUntilSec = await ticketOf(seller, visit, { row, receipt });
    checkKnown(seller, visit, { offered, receipt, row, ticketUntilSec });
    await checkDigest(visit, offered);
    const free = await share?.free();
    return { kind: 'sale', receipt, free, ticketUntilSec, takeBack: async () => false };
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    return { kind: 'refusal', error, receipt };
  }
}
