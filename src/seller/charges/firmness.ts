/**
 * Whether an accepted charge stands (SPEC 6.7): it is taken back where its page failed, unless
 * somebody else has heard of it by then.
 */

import type { Store } from '../store.ts';
import { getPurse, NOTHING_ACCEPTED, type PurseRow, putPurse } from './purses.ts';
import type { Share } from './sale.ts';

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

/** A charge that was accepted, on the row before it. */
interface Accepted {
  readonly accepted: PurseRow;
  readonly before: PurseRow | undefined;
  readonly share: Share | undefined;
}

/** Takes a charge back, off the count of its cap too; false where it stands by now. */
export async function takeBack(store: Store, parts: Accepted): Promise<boolean> {
  const goBack = () => putBack(store, parts);
  return parts.share ? parts.share.takeBack(goBack) : goBack();
}

/** Puts the row back to what it was. */
async function putBack(store: Store, { accepted, before }: Accepted): Promise<boolean> {
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
export async function makeFirm(store: Store, row: PurseRow): Promise<boolean> {
  return row.firm || (await putPurse(store, { ...row, firm: true, rev: row.rev + 1 }));
}
