/**
 * Which part of a refund each fee rate gives back (SPEC 10.4): the fee is a share of the net under
 * the rate that it was earned under.
 */
import type { Micros } from '../../protocol/money.ts';
import type { Books, Reading } from '../database/database.ts';
import { feeDue, lesser } from '../ledger/fee.ts';
import type { Earner } from './tills.ts';

/** What each rate's row of earnings gives back, and the fee that falls due no more. */
export interface Share {
  readonly rateBasisPoints: bigint;
  readonly amountMicros: Micros;
  readonly feeMicros: Micros;
}

/**
 * SPEC 10.4: the fee is a share of the net. What was earned under a former rate is given back under
 * it, once nothing that was earned under a later one is left.
 */
export async function sharesOf(
  reading: Reading,
  earner: Earner,
  amountMicros: Micros,
): Promise<Share[]> {
  const rows = await reading
    .selectFrom('earnings')
    .selectAll()
    .where('handle', '=', earner.handle)
    .where('currency', '=', earner.currency)
    .orderBy('changed_number', 'desc')
    .execute();
  const shares: Share[] = [];
  let leftMicros: bigint = amountMicros;
  for (const row of rows) {
    const netMicros = row.collected_micros - row.refunded_micros;
    const partMicros = lesser(leftMicros, netMicros);
    if (partMicros === 0n) continue;
    const terms = { collectedMicros: netMicros - partMicros, takenMicros: row.fees_micros };
    const due = feeDue({ ...terms, rateBasisPoints: Number(row.rate_basis_points) });
    const rateBasisPoints = row.rate_basis_points;
    shares.push({
      rateBasisPoints,
      amountMicros: partMicros as Micros,
      feeMicros: -due as Micros,
    });
    leftMicros -= partMicros;
  }
  if (leftMicros !== 0n) throw new TypeError('More is given back than was ever earned');
  return shares;
}

export async function bookShares(
  books: Books,
  earner: Earner,
  shares: readonly Share[],
): Promise<void> {
  for (const { rateBasisPoints, amountMicros, feeMicros } of shares)
    await books
      .updateTable('earnings')
      .set((row) => ({
        refunded_micros: row('refunded_micros', '+', amountMicros),
        fees_micros: row('fees_micros', '-', feeMicros),
      }))
      .where('handle', '=', earner.handle)
      .where('currency', '=', earner.currency)
      .where('rate_basis_points', '=', rateBasisPoints)
      .execute();
}
