/** The last accepted charge again (SPEC 6.5): a retry, whose first answer may have been lost. */
import { FarthingError } from '../protocol/errors.ts';
import { readReceipt } from '../protocol/receipt.ts';
import { decodeTerms } from '../protocol/request.ts';
import { nowSec, type SellerContext } from './context.ts';
import { makeFirm } from './firmness.ts';
import { type PurseRow, refundOf } from './purses.ts';
import type { Refusal, Sale, SignedReceipt } from './sale.ts';
import type { Offered } from './verify.ts';
import type { Visit } from './visit.ts';

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
  const error =
    knownRefusal(seller, visit, { offered, receipt, row }) ?? (await digestRefusal(visit, offered));
  if (error) return { kind: 'refusal', error, receipt };
  return { kind: 'sale', receipt, takeBack: async () => false };
}
