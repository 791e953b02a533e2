/**
 * The checks of a charge, in the order of SPEC 6.4 and no other: cheap ones first, then signatures,
 * then state. Each refusal has its code; none of these functions writes.
 */
import { type ReadCertificate, readCertificate } from '../protocol/certificate.ts';
import { type Challenge, decodeOpaque, isGenuine, isPageBuilt } from '../protocol/challenge.ts';
import { bindingOf, type ReadCharge, readCharge } from '../protocol/charge.ts';
import { type ChargePayload, type Credential, parseCredential } from '../protocol/credential.ts';
import { type ErrorCode, FarthingError, refuseAs } from '../protocol/errors.ts';
import { checkJws, signingInputOf } from '../protocol/jws.ts';
import { remembering } from '../protocol/memo.ts';
import { MICROS_ZERO } from '../protocol/money.ts';
import { id, readMembers } from '../protocol/shape.ts';
import type { CheckedPurse } from './certificates.ts';
import type { SellerContext } from './context.ts';
import type { PurseRow } from './store.ts';
import { isRead, requestFor, type Visit } from './visit.ts';

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
}

/** A wallet sends its certificate with every charge: it is read once. */
const readGiven = remembering(readCertificate, 1000);

function refuse(code: ErrorCode, detail: string): never {
  throw new FarthingError(code, detail);
}

/** The header that pays, where there is one (SPEC 4.6). */
export function paymentHeader(headers: Headers): string | undefined {
  return ['Payment-Authorization', 'Authorization']
    .map((name) => headers.get(name)?.trim())
    .find((value) => value !== undefined && /^Payment(\s|$)/i.test(value));
}

/** Step 1, syntax, as far as every action has it. @throws FarthingError see `parseCredential` */
export function readCredential(header: string): Credential {
  const credential = parseCredential(header);
  return credential ?? refuse('credential_malformed', 'write it as Payment base64url');
}

/**
 * Step 1, syntax of a charge.
 * @throws FarthingError the codes of `readCharge`, `readCertificate`; `binding_mismatch`
 */
export async function readOffered(credential: ChargeCredential): Promise<Offered> {
  const { payload } = credential;
  const charge = readCharge(payload.charge);
  const certificate =
    payload.certificate === undefined ? undefined : readGiven(payload.certificate);
  if ((await bindingOf(payload)) !== charge.claims.bnd)
    refuse('binding_mismatch', 'bnd is not the hash of this opening');
  return { credential, charge, certificate };
}

/** Step 2: the last accepted charge again, whatever bytes its signature has (SPEC 5.6). */
export function isKnown(row: PurseRow | undefined, { charge }: Offered): boolean {
  return row?.charge !== undefined && signingInputOf(row.charge) === charge.jws.signingInput;
}

/** Step 3. @throws FarthingError `challenge_*`, `method_not_bound` */
export async function checkChallenge(
  seller: SellerContext,
  visit: Visit,
  challenge: Challenge,
): Promise<void> {
  if (!(await isGenuine(challenge, (await seller.keys()).challenge)))
    refuse('challenge_unknown', 'its id does not belong to its parameters');
  if (!isPageBuilt(challenge)) {
    if (Date.parse(challenge.expires) <= seller.now())
      refuse('challenge_expired', 'use the one that comes with this answer');
    if (!isRead(visit)) refuse('method_not_bound', 'only GET and HEAD are sold here');
    return;
  }
  const { opaque = '' } = challenge;
  refuseAs('challenge_malformed', () => readMembers(decodeOpaque(opaque), { n: id }));
  if (visit.request.method !== 'GET')
    refuse('method_not_bound', 'a challenge built from a page is for GET only');
}

/** Step 5; the currency is the one of the price, which step 6 compares to the byte. */
async function checkPurse(seller: SellerContext, visit: Visit, offered: Offered, purse: Purse) {
  const { claims } = purse;
  const charge = offered.charge.claims;
  const payto = seller.payto.text;
  if (claims.aud !== payto || charge.aud !== payto)
    refuse('purse_audience', `this seller is ${payto}`);
  const price = await visit.price();
  if (claims.cur !== charge.cur || (price && claims.cur !== price.currency))
    refuse('purse_currency', price ? `the price is in ${price.currency}` : 'two currencies');
  if (claims.exp * 1000 <= seller.now()) refuse('purse_expired', 'its certificate says so');
}
type Purse = Pick<CheckedPurse, 'claims'>;

/** Step 6. */
async function checkTerms(seller: SellerContext, visit: Visit, { credential }: Offered) {
  const { challenge, payload } = credential;
  const { opening } = payload;
  const price = await visit.price();
  if (!price) return refuse('terms_changed', 'this is free now: open it without paying');
  const request = requestFor(visit, price, seller.payto.text);
  if (challenge.request !== request || challenge.realm !== visit.url.hostname)
    refuse('terms_changed', 'the terms here are those of the new challenge');
  if (opening.request !== request || opening.realm !== challenge.realm)
    refuse('binding_mismatch', 'the opening is for other terms than the challenge');
  if (opening.digest !== undefined || challenge.digest !== undefined)
    refuse('method_not_bound', 'no request with a body is sold here');
  if (opening.amt !== price.amountMicros) refuse('amount_mismatch', 'amt is not the price');
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
  await checkChallenge(seller, visit, offered.credential.challenge);
  const purse = await seller.certificates.settle({
    purse: charge.claims.pur,
    given,
    remembered: row?.certificate,
  });
  await checkPurse(seller, visit, offered, purse);
  await checkTerms(seller, visit, offered);
  await checkJws(charge.jws, purse.key);
  return purse;
}

/** Step 8 (SPEC 6.6): why the charge does not follow, or undefined where it does. */
export function stateRefusal(
  row: PurseRow | undefined,
  { charge, credential }: Offered,
  purse: CheckedPurse,
): FarthingError | undefined {
  const { seq: acceptedSeq, tot: acceptedTot } = row ?? { seq: 0, tot: MICROS_ZERO };
  const { seq, tot } = charge.claims;
  if (row?.closed) return new FarthingError('purse_closed', 'use another one');
  if (seq < acceptedSeq) return new FarthingError('superseded', `charge ${acceptedSeq} came later`);
  if (seq !== acceptedSeq + 1 || tot !== acceptedTot + credential.payload.opening.amt)
    return new FarthingError('out_of_sync', `the last accepted charge is ${acceptedSeq}`);
  if (tot > purse.claims.lim) return new FarthingError('over_limit', 'raise the purse');
  return undefined;
}
