/**
 * A server that lost state adopts what the purse key signed, and tells a wallet that lost some what
 * its key signed (SPEC 6.11). Neither side ever adopts a bare number.
 */
import type { ReadCertificate } from '../../protocol/certificate.ts';
import type { Challenge } from '../../protocol/challenge.ts';
import { type ReadCharge, readCharge } from '../../protocol/charge.ts';
import type { SyncPayload } from '../../protocol/credential.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { checkJws } from '../../protocol/jws.ts';
import { type ReadSync, readSync } from '../../protocol/sync.ts';
import { type CheckedPurse, readGiven } from '../certificates/certificates.ts';
import type { SellerContext } from '../context.ts';
import type { Store } from '../store.ts';
import type { Visit } from '../visits/visit.ts';
import { makeFirm } from './firmness.ts';
import { checkFresh } from './fresh.ts';
import { getPurse, NOTHING_ACCEPTED, type PurseRow, putPurse } from './purses.ts';
import { type Offered, settleCertificate } from './verify.ts';

/** SPEC 6.4, steps 5 and 7, of a charge that comes alone. */
async function checkPrior(
  seller: SellerContext,
  { claims: { cur }, jws }: ReadCharge,
  { claims, key }: CheckedPurse,
): Promise<void> {
  if (claims.cur !== cur)
    throw new FarthingError('purse_currency', `the purse is in ${claims.cur}`);
  if (claims.exp * 1000 <= seller.now())
    throw new FarthingError('purse_expired', 'its certificate says so');
  await checkJws(jws, key);
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

/** Whether the row stays as it is: it is at `prior` or past it, or closed. */
function isPast(row: PurseRow | undefined, { claims }: ReadCharge): row is PurseRow {
  return row !== undefined && (row.seq >= claims.seq || row.final !== undefined);
}

/** Adopts a `prior` that the purse key signed; undefined where another writer was first. */
async function adopt(
  store: Store,
  prior: ReadCharge,
  { row, purse }: { row: PurseRow | undefined; purse: CheckedPurse },
): Promise<PurseRow | undefined> {
  const { tot } = prior.claims;
  if (tot > purse.claims.lim) throw new FarthingError('over_limit', 'prior is over the limit');
  if (row && tot <= row.tot) throw new FarthingError('out_of_sync', 'prior has a lower total');
  const next = rowWithPrior(row, prior, purse);
  return (await putPurse(store, next)) ? next : undefined;
}

/**
 * Adopts the charge before the one that is offered, if this server does not know it. The offered
 * one was verified, and what the two have in common with it; undefined where another writer was
 * first.
 * @throws FarthingError `out_of_sync`, `over_limit`, `jws_signature`
 */
export async function adoptBefore(
  store: Store,
  { credential: { payload }, charge }: Offered,
  { prior, row, purse }: { prior: ReadCharge; row: PurseRow | undefined; purse: CheckedPurse },
): Promise<PurseRow | undefined> {
  const { pur, aud, cur, seq, tot } = charge.claims;
  const before = prior.claims;
  const isBefore =
    before.pur === pur &&
    before.aud === aud &&
    before.cur === cur &&
    before.seq === seq - 1 &&
    before.tot === tot - payload.opening.amt;
  if (!isBefore) throw new FarthingError('out_of_sync', 'prior is not the charge before this one');
  if (isPast(row, prior)) return row;
  await checkJws(prior.jws, purse.key);
  return adopt(store, prior, { row, purse });
}

/** What is asked about, under which challenge, and by what word of the purse key. */
interface Question {
  readonly challenge: Challenge;
  readonly proof: ReadSync;
  readonly prior: ReadCharge | undefined;
  readonly given: ReadCertificate | undefined;
}

/**
 * That the purse key asks, and asks now: its provider has charges of it by design, and reads no
 * receipts (SPEC 6.3).
 */
async function checkAsker(
  seller: SellerContext,
  { challenge, proof, prior, given }: Question,
  row: PurseRow | undefined,
): Promise<CheckedPurse> {
  const { aud, cid, pur } = proof.claims;
  const remembered = row?.certificate;
  const purse = await settleCertificate(seller, { aud, purse: pur, given, remembered });
  if (purse.claims.aud !== aud)
    throw new FarthingError('purse_audience', `the purse is for ${purse.claims.aud}`);
  if (cid !== challenge.id)
    throw new FarthingError('sync_mismatch', 'the proof is for another challenge');
  if (prior && (prior.claims.pur !== pur || prior.claims.aud !== aud))
    throw new FarthingError('sync_mismatch', 'the proof is for another purse than prior');
  await checkJws(proof.jws, purse.key);
  return purse;
}

/** One attempt; undefined where another writer was first. */
async function attempt(seller: SellerContext, question: Question): Promise<object | undefined> {
  const { store } = seller;
  const { proof, prior } = question;
  let row = await getPurse(store, proof.claims.pur);
  const purse = await checkAsker(seller, question, row);
  if (prior && !isPast(row, prior)) {
    await checkPrior(seller, prior, purse);
    row = await adopt(store, prior, { row, purse });
    if (!row) return undefined;
  }
  // Whoever is told of a charge must be able to rely on it (SPEC 6.7).
  if (row && !(await makeFirm(store, row))) return undefined;
  const { seq, tot, charge: last, receipt } = row ?? NOTHING_ACCEPTED;
  return { seq, tot: `${tot}`, last, receipt };
}

/**
 * Answers action `sync`: how the purse stands here.
 * @throws FarthingError the codes of SPEC 6.11, in its order
 */
export async function sync(
  seller: SellerContext,
  visit: Visit,
  { challenge, payload }: { challenge: Challenge; payload: SyncPayload },
): Promise<object> {
  const proof = readSync(payload.proof);
  const prior = payload.prior === undefined ? undefined : readCharge(payload.prior);
  const given = await readGiven(payload.certificate);
  await checkFresh(seller, visit, challenge);
  const question = { challenge, proof, prior, given };
  for (;;) {
    const standing = await attempt(seller, question);
    if (standing) return standing;
  }
}
