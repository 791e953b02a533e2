/**
 * Closes what lost devices have set aside here, when the provider asks (SPEC 9.20): their keys
 * cannot ask any more, and their readers want the change back.
 */
import type { ClosingsBody } from '../../protocol/api.ts';
import { readCertificate } from '../../protocol/certificate.ts';
import { getPurse, type PurseRow } from '../charges/purses.ts';
import { settleCertificate } from '../charges/verify.ts';
import type { SellerContext } from '../context.ts';
import { closeRow } from '../wishes/close.ts';
import type { PaytoClient } from './account.ts';
import { batchId } from './batches.ts';

async function closeOne(seller: SellerContext, token: string): Promise<PurseRow> {
  const given = readCertificate(token);
  const { aud, jti: purse } = given.claims;
  for (;;) {
    const row = await getPurse(seller.store, purse);
    const parts = { aud, purse, given, remembered: row?.certificate };
    const closed = await closeRow(seller, row, await settleCertificate(seller, parts));
    if (closed) return closed;
  }
}

/**
 * Closes the purses of these certificates and hands in the statements. A death between the two is
 * mended by the next collection, which asks again.
 * @throws FarthingError the provider's codes
 */
export async function closeAsked(
  seller: SellerContext,
  { client, payto }: PaytoClient,
  asked: readonly string[],
): Promise<void> {
  const rows: PurseRow[] = [];
  // Readers choose the ids of purses: one that is another's here holds up none of the others.
  for (const token of asked)
    await closeOne(seller, token).then((row) => rows.push(row), seller.onError);
  const closings = rows.map(({ final = '', charge }) =>
    charge === undefined ? { final } : { final, charge },
  );
  if (closings.length === 0) return;
  const id = await batchId(closings.map(({ final }) => final));
  const body: ClosingsBody = { id, payto: payto.text, closings };
  // What is refused stays as it is: closed here, and released by the provider when it has expired.
  await client.post('/v1/closings', body);
}
