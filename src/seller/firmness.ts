/**
 * Whether an accepted charge stands (SPEC 6.7): it is taken back where its page failed, unless
 * somebody else has heard of it by then.
 */
import { getPurse, NOTHING_ACCEPTED, type PurseRow, putPurse } from './purses.ts';
import type { Store } from './store.ts';

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

/** Puts the row back to what it was; false where the charge stands by now. */
export async function takeBack(
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
export async function makeFirm(store: Store, row: PurseRow): Promise<boolean> {
  return row.firm || (await putPurse(store, { ...row, firm: true, rev: row.rev + 1 }));
}
