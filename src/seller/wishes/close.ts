/** The end of a purse before its time (SPEC 5.12): the row closes, and a statement says at what. */
import type { ReadCertificate } from '../../protocol/certificate.ts';
import type { Challenge } from '../../protocol/challenge.ts';
import { type ReadPurseEnd, readClose, signFinal } from '../../protocol/close.ts';
import type { ClosePayload } from '../../protocol/credential.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { checkJws } from '../../protocol/jws.ts';
import { type CheckedPurse, readGiven } from '../certificates/certificates.ts';
import { refuse } from '../charges/astray.ts';
import { getPurse, NOTHING_ACCEPTED, type PurseRow, putPurse } from '../charges/purses.ts';
import type { Refusal } from '../charges/sale.ts';
import { checkChallenge, settleCertificate } from '../charges/verify.ts';
import type { SellerContext } from '../context.ts';
import type { Visit } from '../visits/visit.ts';

async function holderOf(
  seller: SellerContext,
  { claims: { aud, pur } }: ReadPurseEnd,
  { row, given }: { row: PurseRow | undefined; given: ReadCertificate | undefined },
): Promise<CheckedPurse> {
  const remembered = row?.certificate;
  const purse = await settleCertificate(seller, { aud, purse: pur, given, remembered });
  if (purse.claims.aud !== aud)
    throw new FarthingError('purse_audience', `the purse is for ${purse.claims.aud}`);
  return purse;
}

/**
 * Closes the row of a purse as it stands, or answers the statement that closed it; undefined where
 * another writer was first.
 */
export async function closeRow(
  seller: SellerContext,
  row: PurseRow | undefined,
  { claims: { aud, jti }, token }: CheckedPurse,
): Promise<PurseRow | undefined> {
  if (row?.final !== undefined) return row;
  const { seq, tot, ...from } = row ?? { ...NOTHING_ACCEPTED, purse: jti };
  const [keys] = await seller.keys();
  const final = await signFinal({ aud, pur: jti, seq, tot }, keys.receipt);
  const rev = from.rev + 1;
  const next = { ...from, seq, tot, certificate: token, final, firm: true, rev };
  return (await putPurse(seller.store, next)) ? next : undefined;
}

/** One attempt; undefined where another writer was first. */
async function attempt(
  seller: SellerContext,
  wish: ReadPurseEnd,
  given: ReadCertificate | undefined,
): Promise<string | Refusal | undefined> {
  const row = await getPurse(seller.store, wish.claims.pur);
  const purse = await holderOf(seller, wish, { row, given });
  await checkJws(wish.jws, purse.key);
  const { seq, tot } = row ?? NOTHING_ACCEPTED;
  const isTold = row?.final !== undefined;
  if (!isTold && (seq !== wish.claims.seq || tot !== wish.claims.tot))
    return refuse(
      seller.store,
      row,
      new FarthingError('out_of_sync', `the last accepted charge is ${seq}`),
    );
  return (await closeRow(seller, row, purse))?.final;
}

/**
 * Answers action `close`.
 * @throws FarthingError the codes of SPEC 5.12, in its order
 */
export async function close(
  seller: SellerContext,
  visit: Visit,
  { challenge, payload }: { challenge: Challenge; payload: ClosePayload },
): Promise<Refusal | { readonly kind: 'told'; readonly body: object }> {
  const wish = readClose(payload.close);
  const given = await readGiven(payload.certificate);
  await checkChallenge(seller, visit, challenge);
  for (;;) {
    const final = await attempt(seller, wish, given);
    if (final === undefined) continue;
    return typeof final === 'string' ? { kind: 'told', body: { final } } : final;
  }
}
