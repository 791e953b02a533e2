/**
 * The checks of a charge, in the order of SPEC 6.4 and no other: cheap ones first, then signatures,
 * then state. Each refusal has its code; none of these functions writes.
 */
import type { ReadCertificate } from '../../protocol/certificate.ts';
import { type Challenge, decodeOpaque, isGenuine, isPageBuilt } from '../../protocol/challenge.ts';
import { bindingOf, type Charge, type ReadCharge, readCharge } from '../../protocol/charge.ts';
import {
  type ChargePayload,
  type Credential,
  isChargePayload,
  openCredential,
  readChargePayload,
} from '../../protocol/credential.ts';
import { type ErrorCode, FarthingError, refuseAs } from '../../protocol/errors.ts';
import { checkJws, signingInputOf } from '../../protocol/jws.ts';
import { id, readMembers } from '../../protocol/shape.ts';
import { type CheckedPurse, readGiven } from '../certificates/certificates.ts';
import { accountOf, type PaytoAccount, type SellerContext } from '../context.ts';
import { once } from '../once.ts';
import { checkHolds, requestFor, type Visit } from '../visits/visit.ts';
import { NOTHING_ACCEPTED, type PurseRow } from './purses.ts';

/** What pays: a challenge, and a charge that answers it. */
export interface ChargeCredential {
  readonly challenge: Challenge;
  readonly payload: ChargePayload;
}

/** A credential whose form and binding are good. */
export interface Offered {
  readonly credential: ChargeCredential;
  readonly charge: ReadCharge;
  readonly certificate: ReadCertificate | undefined;
  readonly prior: ReadCharge | undefined;
}

function refuse(code: ErrorCode, detail: string): never {
  throw new FarthingError(code, detail);
}

/** The header that pays, where there is one (SPEC 4.6). */
export function paymentHeader(headers: Headers): string | undefined {
  return ['Payment-Authorization', 'Authorization']
    .map((name) => headers.get(name)?.trim())
    .find((value) => value !== undefined && /^Payment(\s|$)/i.test(value));
}

/** Most visits pay. */
export const wishes = once(() => import('../wishes/wishes.ts'));

/** Step 1, syntax, as far as every action has it. @throws FarthingError see `parseCredential` */
export async function readCredential(header: string): Promise<Credential> {
  const outer = openCredential(header);
  if (!outer) return refuse('credential_malformed', 'write it as Payment base64url');
  const { challenge, payload } = outer;
  if (isChargePayload(payload)) return { challenge, payload: readChargePayload(payload) };
  return { challenge, payload: (await wishes()).readWish(payload) };
}

/**
 * Step 1, syntax of a charge.
 * @throws FarthingError the codes of `readCharge`, `readCertificate`; `binding_mismatch`
 */
export async function readOffered(credential: ChargeCredential): Promise<Offered> {
  const { payload } = credential;
  const charge = readCharge(payload.charge);
  const certificate = await readGiven(payload.certificate);
  const prior = payload.prior === undefined ? undefined : readCharge(payload.prior);
  if ((await bindingOf(payload)) !== charge.claims.bnd)
    refuse('binding_mismatch', 'bnd is not the hash of this opening');
  return { credential, charge, certificate, prior };
}

/** Step 2: the last accepted charge again, whatever bytes its signature has (SPEC 5.6). */
export function isKnown(row: PurseRow | undefined, { charge }: Offered): boolean {
  return row?.charge !== undefined && signingInputOf(row.charge) === charge.jws.signingInput;
}

async function isOurs(seller: SellerContext, challenge: Challenge): Promise<boolean> {
  for (const keys of await seller.keys())
    if (await isGenuine(challenge, keys.challenge)) return true;
  return false;
}

/** Step 3. @throws FarthingError `challenge_*`, `digest_mismatch`, `method_not_bound` */
export async function checkChallenge(
  seller: SellerContext,
  visit: Visit,
  challenge: Challenge,
): Promise<void> {
  if (!(await isOurs(seller, challenge)))
    refuse('challenge_unknown', 'its id does not belong to its parameters');
  if (!isPageBuilt(challenge)) {
    if (Date.parse(challenge.expires) <= seller.now())
      refuse('challenge_expired', 'use the one that comes with this answer');
    if (challenge.digest !== (await visit.digest()))
      refuse('digest_mismatch', 'the challenge was made for another body');
    return;
  }
  const { opaque = '' } = challenge;
  refuseAs('challenge_malformed', () => readMembers(decodeOpaque(opaque), { n: id }));
  if (visit.request.method !== 'GET')
    refuse('method_not_bound', 'a challenge built from a page is for GET only');
}

/** The certificate that holds for a purse of this `aud`. */
export function settleCertificate(
  seller: SellerContext,
  { aud, ...parts }: { readonly aud: string } & Parameters<Settle>[0],
): Promise<CheckedPurse> {
  const account = accountOf(seller, aud);
  if (!account) return refuse('purse_audience', `this seller is ${paytosOf(seller)}`);
  return account.certificates.settle(parts);
}
type Settle = PaytoAccount['certificates']['settle'];

function paytosOf({ accounts }: SellerContext): string {
  return accounts.map(({ payto }) => payto.text).join(' or ');
}

/** Step 5; the currency is one of the prices', which step 6 compares to the byte. */
async function checkPurse(
  seller: SellerContext,
  visit: Visit,
  { claims, charge }: { claims: CheckedPurse['claims']; charge: Charge },
) {
  if (claims.aud !== charge.aud) refuse('purse_audience', `the purse is for ${claims.aud}`);
  const currencies = (await visit.prices()).map(({ currency }) => currency);
  if (claims.cur !== charge.cur || (currencies.length > 0 && !currencies.includes(claims.cur)))
    refuse('purse_currency', `the price is in ${currencies.join() || 'no currency'}`);
  if (claims.exp * 1000 <= seller.now()) refuse('purse_expired', 'its certificate says so');
}

/** Step 6. What a cap leaves of the price is for `caps.ts`, which looks at the state. */
async function checkTerms(visit: Visit, { credential, charge }: Offered) {
  const { challenge, payload } = credential;
  const { opening } = payload;
  const prices = await visit.prices();
  if (prices.length === 0)
    return refuse('terms_changed', 'this is free now: open it without paying');
  const price = prices.find(({ currency }) => currency === charge.claims.cur);
  const request = price && requestFor(visit, price, charge.claims.aud);
  if (challenge.request !== request || challenge.realm !== visit.url.hostname)
    return refuse(
      'terms_changed',
      `the terms here, at ${visit.url.origin}, are those of the new challenge`,
    );
  if (opening.request !== request || opening.realm !== challenge.realm)
    refuse('binding_mismatch', 'the opening is for other terms than the challenge');
  if (opening.digest !== challenge.digest)
    refuse('digest_mismatch', 'the opening is for another body than the challenge');
  const isCapped = visit.route.capRead?.currency === price?.currency;
  if (!isCapped && opening.amt !== price?.amountMicros)
    refuse('amount_mismatch', 'amt is not the price');
}

/**
 * Steps 3 to 7.
 * @throws FarthingError the codes of SPEC 6.4, in its order
 */
export async function verify(
  seller: SellerContext,
  visit: Visit,
  offered: Offered,
  row: PurseRow | undefined,
): Promise<CheckedPurse> {
  const { charge, certificate: given } = offered;
  await checkHolds(seller, visit);
  await checkChallenge(seller, visit, offered.credential.challenge);
  const { pur, aud } = charge.claims;
  const purse = await settleCertificate(seller, {
    aud,
    purse: pur,
    given,
    remembered: row?.certificate,
  });
  await checkPurse(seller, visit, { claims: purse.claims, charge: charge.claims });
  await checkTerms(visit, offered);
  await checkJws(charge.jws, purse.key, seller.atWork.count > 1 ? 'elsewhere' : 'here');
  return purse;
}

/** Step 8 (SPEC 6.6): whether the charge is the next one; `astray.ts` says why not. */
export function isNext(
  row: PurseRow | undefined,
  { charge, credential }: Offered,
  purse: CheckedPurse,
): boolean {
  const { seq, tot, final } = row ?? NOTHING_ACCEPTED;
  const next = charge.claims;
  const isFollowing = next.seq === seq + 1 && next.tot === tot + credential.payload.opening.amt;
  return isFollowing && next.tot <= purse.claims.lim && final === undefined;
}
