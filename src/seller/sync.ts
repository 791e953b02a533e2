/**
 * A server that lost state adopts what the purse key signed, and tells a wallet that lost some what
 * its key signed (SPEC 6.11). Neither side ever adopts a bare number.
 */
import { readCertificate } from '../protocol/certificate.ts';
import type { Challenge } from '../protocol/challenge.ts';
import { type ReadCharge, readCharge } from '../protocol/charge.ts';
import type { SyncPayload } from '../protocol/credential.ts';
import { FarthingError } from '../protocol/errors.ts';
import { checkJws } from '../protocol/jws.ts';
import type { CheckedPurse } from './certificates.ts';
import type { SellerContext } from './context.ts';
import { getPurse, NOTHING_ACCEPTED, type PurseRow, putPurse } from './purses.ts';
import { checkChallenge, type Offered, settleCertificate } from './verify.ts';
import type { Visit } from './visit.ts';

async function checkPrior(
  seller: SellerContext,
  prior: ReadCharge,
  purse: CheckedPurse,
): Promise<void> {
  const { aud, cur, tot } = prior.claims;
  const { claims } = purse;
  if (claims.aud !== aud || claims.cur !== cur)
    throw new FarthingError('out_of_sync', 'prior is for another seller or currency');
  if (tot > claims.lim) throw new FarthingError('over_limit', 'prior is over the limit');
  if (claims.exp * 1000 <= seller.now())
    throw new FarthingError('purse_expired', 'its certificate says so');
  await checkJws(prior.jws, purse.key);
}

function rowWithPrior(
  row: PurseRow | undefined,
  { claims: { pur, seq, tot }, token }: ReadCharge,
  purse: CheckedPurse,
): PurseRow {
  const from = row ?? NOTHING_ACCEPTED;
  const adopted = { seq, tot, charge: token, receipt: undefined, firm: true };
  return { ...from, ...adopted, purse: pur, certificate: purse.token, rev: from.rev + 1 };
}

/** Adopts `prior` where the row is behind it; undefined where another writer was first. */
async function adopt(
  seller: SellerContext,
  prior: ReadCharge,
  { row, certificate }: { row: PurseRow | undefined; certificate: string | undefined },
): Promise<{ readonly row: PurseRow | undefined } | undefined> {
  const { pur, aud, seq, tot } = prior.claims;
  if (row && (row.seq >= seq || row.final !== undefined)) return { row };
  const given = certificate === undefined ? undefined : readCertificate(certificate);
  const remembered = row?.certificate;
  const purse = await settleCertificate(seller, { aud, purse: pur, given, remembered });
  await checkPrior(seller, prior, purse);
  if (row && tot <= row.tot) throw new FarthingError('out_of_sync', 'prior has a lower total');
  const next = rowWithPrior(row, prior, purse);
  return (await putPurse(seller.store, next)) ? { row: next } : undefined;
}

/**
 * Adopts the charge before the one that is offered, if this server does not know it.
 * @throws FarthingError `out_of_sync`, `over_limit`, `purse_expired`, `jws_signature`, and the
 *   codes of `readCharge` and `Certificates.settle`
 */
export function adoptBefore(
  seller: SellerContext,
  { credential: { payload }, charge }: Offered,
  row: PurseRow | undefined,
): Promise<{ readonly row: PurseRow | undefined } | undefined> {
  const prior = readCharge(payload.prior ?? '');
  const { pur, aud, cur, seq, tot } = charge.claims;
  const before = prior.claims;
  const isBefore =
    before.pur === pur &&
    before.aud === aud &&
    before.cur === cur &&
    before.seq === seq - 1 &&
    before.tot === tot - payload.opening.amt;
  if (!isBefore) throw new FarthingError('out_of_sync', 'prior is not the charge before this one');
  return adopt(seller, prior, { row, certificate: payload.certificate });
}

/** Whoever is told of a charge must be able to rely on it (SPEC 6.7). */
async function firmly(seller: SellerContext, row: PurseRow): Promise<PurseRow | undefined> {
  if (row.firm) return row;
  const firm = { ...row, firm: true, rev: row.rev + 1 };
  return (await putPurse(seller.store, firm)) ? firm : undefined;
}

/**
 * Answers action `sync`: how the purse stands here.
 * @throws FarthingError see `adoptBefore`
 */
export async function sync(
  seller: SellerContext,
  visit: Visit,
  { challenge, payload }: { challenge: Challenge; payload: SyncPayload },
): Promise<object> {
  const { certificate } = payload;
  const prior = readCharge(payload.prior);
  await checkChallenge(seller, visit, challenge);
  for (;;) {
    const found = await getPurse(seller.store, prior.claims.pur);
    const adopted = await adopt(seller, prior, { row: found, certificate });
    const row = adopted?.row && (await firmly(seller, adopted.row));
    if (!row) continue;
    // Only whoever holds the key's own word on this purse hears of the rest.
    const purse = await settleCertificate(seller, {
      aud: prior.claims.aud,
      purse: row.purse,
      given: undefined,
      remembered: row.certificate,
    });
    await checkJws(prior.jws, purse.key);
    return { seq: row.seq, tot: `${row.tot}`, last: row.charge, receipt: row.receipt };
  }
}
