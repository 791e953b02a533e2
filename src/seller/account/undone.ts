/**
 * What the provider took back in this seller's name (SPEC 7.8), where it did not answer: the row
 * learns of it, so that it opens nothing any more, and so does whoever hears of undos.
 */
import type { RefundsBody } from '../../protocol/api.ts';
import { readCertificate } from '../../protocol/certificate.ts';
import { type ReadRefundNote, readRefundNote } from '../../protocol/undo.ts';
import { getPurse, type PurseRow, putPurse, refundOf } from '../charges/purses.ts';
import { type SellerContext, tell } from '../context.ts';
import type { PaytoClient } from './account.ts';
import { batchId } from './batches.ts';

function withNote(row: PurseRow, { claims: { seq, amt }, token }: ReadRefundNote): PurseRow {
  const refunds = [...row.refunds, { seq, amt, note: token }];
  const isAllHanded = row.handedRefunds === row.refunds.length;
  const handedRefunds = isAllHanded ? refunds.length : row.handedRefunds;
  return { ...row, refunds, handedRefunds, firm: true, rev: row.rev + 1 };
}

async function keep(seller: SellerContext, note: ReadRefundNote): Promise<void> {
  const { pur, aud, seq, amt } = note.claims;
  for (;;) {
    const row = await getPurse(seller.store, pur);
    if (!row || refundOf(row, seq)) return;
    const { cur: currency, sub: reader, aud: payto } = readCertificate(row.certificate).claims;
    // Readers choose the ids of purses: this one is another provider's here.
    if (payto !== aud) return;
    if (!(await putPurse(seller.store, withNote(row, note)))) continue;
    const reference = `${pur}.${seq}`;
    tell(seller, seller.onUndo, { amountMicros: amt, currency, payto, reader, reference });
    return;
  }
}

/**
 * Keeps notes that the provider has signed and tells it so. A death in between is mended by the
 * next collection, which names them again.
 * @throws FarthingError the codes of `readRefundNote`, the provider's
 */
export async function keepUndone(
  seller: SellerContext,
  { client, payto }: PaytoClient,
  notes: readonly string[],
): Promise<void> {
  if (notes.length === 0) return;
  for (const note of notes.map(readRefundNote)) await keep(seller, note);
  const body: RefundsBody = { id: await batchId(notes), payto: payto.text, notes };
  await client.post('/v1/refunds', body);
}
