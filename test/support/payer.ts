/**
 * A small wallet and a provider's keys for tests of sellers: real signatures, no server. Everything
 * that a test wants wrong can be said.
 */
import { encodeBase64url } from '../../src/protocol/base64url.ts';
import { type Certificate, signCertificate } from '../../src/protocol/certificate.ts';
import { buildChallenge, type Challenge, parseChallenges } from '../../src/protocol/challenge.ts';
import { bindingOf, type Charge, type Opening, signCharge } from '../../src/protocol/charge.ts';
import { type PurseEnd, signClose } from '../../src/protocol/close.ts';
import { formatCredential } from '../../src/protocol/credential.ts';
import { exportPublicKey, type PublicJwk, thumbprint } from '../../src/protocol/key.ts';
import { addMicros, MICROS_ZERO, type Micros } from '../../src/protocol/money.ts';
import { parsePayto } from '../../src/protocol/payto.ts';
import { decodeTerms } from '../../src/protocol/request.ts';
import { signShow } from '../../src/protocol/show.ts';
import { type Sync, signSync } from '../../src/protocol/sync.ts';
import { encodeTerms, type Terms } from '../../src/protocol/terms.ts';
import { signUndo, type Undo } from '../../src/protocol/undo.ts';

/** 2027-01-15T08:00:00Z: where frozen clocks stand. */
export const START_MS = 1_800_000_000_000;
const DAY_SEC = 86_400;

export function randomId(byteCount = 16): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(byteCount)));
}

/** A signing key with its public form and name. */
export interface TestKey {
  readonly key: CryptoKey;
  readonly jwk: PublicJwk;
  readonly kid: string;
}

export async function makeKey(): Promise<TestKey> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const jwk = await exportPublicKey(pair.publicKey);
  return { key: pair.privateKey, jwk, kid: await thumbprint(jwk) };
}

/** Exactly these terms at exactly this price, with the defaults of a seller of this version. */
export function termsFor(parts: Partial<Terms> & Pick<Terms, 'payto' | 'item'>): Terms {
  return {
    amountMicros: 20_000n as Micros,
    currency: 'USD',
    durationSec: 365 * DAY_SEC,
    origin: 'https://news.example',
    refundSec: 600,
    cap: undefined,
    meter: undefined,
    ...parts,
  };
}

/** A provider that signs certificates and serves its keys through `fetch`. */
export interface TestProvider {
  readonly iss: string;
  /** Signs from now on; the former keys stay published until `keys` is changed. */
  signing: TestKey;
  keys: TestKey[];
  /** What the key server does: answers, or fails. */
  isUp: boolean;
  /** Requests so far. */
  fetchCount: number;
  readonly fetch: typeof fetch;
}

export async function makeProvider(payto: string): Promise<TestProvider> {
  const signing = await makeKey();
  const provider: TestProvider = {
    iss: parsePayto(payto).provider,
    signing,
    keys: [signing],
    isUp: true,
    fetchCount: 0,
    fetch: async (input) => {
      provider.fetchCount += 1;
      if (!provider.isUp) throw new TypeError('fetch failed');
      if (String(input) !== `${provider.iss}/.well-known/jwks.json`)
        return new Response('not here', { status: 404 });
      return Response.json({ keys: provider.keys.map(({ jwk, kid }) => ({ ...jwk, kid })) });
    },
  };
  return provider;
}

/** One purse, as its wallet keeps it: `seq` and `tot` are those of the last receipt. */
export interface TestPurse {
  readonly id: string;
  readonly payto: string;
  readonly key: TestKey;
  readonly provider: TestProvider;
  readonly claims: Certificate;
  certificate: string;
  seq: number;
  tot: Micros;
}

/** As much of a purse as paying from it takes, whoever certified it. */
export type HeldPurse = Omit<TestPurse, 'provider' | 'claims'>;

/** A certificate of `purse` with some claims changed; the purse goes on using it. */
export async function renewCertificate(
  purse: TestPurse,
  changes: Partial<Certificate> = {},
  signer = purse.provider.signing,
): Promise<string> {
  purse.certificate = await signCertificate({ ...purse.claims, ...changes }, signer);
  return purse.certificate;
}

export async function makePurse(
  provider: TestProvider,
  payto: string,
  changes: Partial<Certificate> = {},
): Promise<TestPurse> {
  const key = await makeKey();
  const id = randomId();
  const iat = Math.floor(START_MS / 1000);
  const claims: Certificate = {
    iss: provider.iss,
    jti: id,
    aud: payto,
    cur: 'USD',
    lim: 100_000n as Micros,
    iat,
    exp: iat + 7 * DAY_SEC,
    cnf: { jwk: key.jwk },
    sub: randomId(),
    undo: 5,
    ...changes,
  };
  const certificate = await signCertificate(claims, provider.signing);
  return { id, payto, key, provider, claims, certificate, seq: 0, tot: MICROS_ZERO };
}

/** What a test wants otherwise than an honest wallet would have it. */
export interface Crooked {
  readonly charge?: Partial<Charge>;
  readonly opening?: Partial<Opening>;
  /** In the credential, after everything was signed. */
  readonly sentOpening?: Partial<Opening>;
  readonly salt?: string;
  readonly signer?: TestKey;
  /** `null`: left out. */
  readonly certificate?: string | null;
}

/** A signed charge, ready to be sent as often as one likes. */
export interface TestCharge {
  readonly claims: Charge;
  readonly token: string;
  readonly opening: Opening;
  readonly salt: string;
  readonly challenge: Challenge;
  /** The header's value. */
  readonly header: string;
}

/** The header for a charge, under this challenge or another one with the same terms. */
export function headerFor(
  purse: HeldPurse,
  charge: Omit<TestCharge, 'header'>,
  { sentOpening, certificate = purse.certificate }: Crooked = {},
): string {
  const { challenge, token, salt } = charge;
  const opening = { ...charge.opening, ...sentOpening };
  const payload = { action: 'charge', charge: token, opening, salt } as const;
  const withCertificate = certificate === null ? payload : { ...payload, certificate };
  return formatCredential({ challenge, payload: withCertificate });
}

/** Signs the next charge of `purse` for what `challenge` asks. The purse itself does not move. */
export async function payChallenge(
  purse: HeldPurse,
  challenge: Challenge,
  crooked: Crooked = {},
): Promise<TestCharge> {
  const terms = decodeTerms(challenge.request);
  const opening: Opening = {
    jti: randomId(),
    amt: terms.amountMicros,
    realm: challenge.realm,
    request: challenge.request,
    iat: Math.floor(START_MS / 1000),
    ...crooked.opening,
  };
  const salt = crooked.salt ?? randomId(32);
  const claims: Charge = {
    pur: purse.id,
    aud: purse.payto,
    cur: terms.currency,
    seq: purse.seq + 1,
    tot: addMicros(purse.tot, opening.amt),
    bnd: await bindingOf({ opening, salt }),
    ...crooked.charge,
  };
  const token = await signCharge(claims, (crooked.signer ?? purse.key).key);
  const charge = { claims, token, opening, salt, challenge };
  return { ...charge, header: headerFor(purse, charge, crooked) };
}

/** As a wallet builds it from a page (SPEC 4.4). */
export function pageChallenge(url: string, terms: Terms): Promise<Challenge> {
  return buildChallenge({
    realm: new URL(url).hostname,
    request: encodeTerms({ ...terms, origin: new URL(url).origin }),
    expires: undefined,
    nonce: crypto.getRandomValues(new Uint8Array(16)),
  });
}

/** What a wallet keeps of a purchase: the charge and its receipt. */
export interface TestPurchase {
  readonly charge: TestCharge;
  readonly receipt: string;
}

/** The header that undoes a purchase; `claims` says what is wrong with it. */
export async function undoHeader(
  purse: HeldPurse,
  { charge, receipt }: TestPurchase,
  { claims = {}, signer = purse.key, url = 'https://news.example/articles/42' }: Wrong<Undo> = {},
): Promise<string> {
  const { seq, bnd } = charge.claims;
  const undo = await signUndo({ aud: purse.payto, pur: purse.id, seq, bnd, ...claims }, signer.key);
  const { opening, salt } = charge;
  const { certificate } = purse;
  const payload = { action: 'undo', certificate, opening, receipt, salt, undo } as const;
  const challenge = await pageChallenge(url, decodeTerms(opening.request));
  return formatCredential({ challenge, payload });
}
interface Wrong<T> {
  readonly claims?: Partial<T>;
  readonly signer?: TestKey;
  readonly url?: string;
}

/** The header that closes a purse as its wallet knows it. */
export async function closeHeader(
  purse: HeldPurse,
  challenge: Challenge,
  { claims = {}, signer = purse.key }: Wrong<PurseEnd> = {},
): Promise<string> {
  const { payto: aud, id: pur, seq, tot, certificate } = purse;
  const close = await signClose({ aud, pur, seq, tot, ...claims }, signer.key);
  return formatCredential({ challenge, payload: { action: 'close', certificate, close } });
}

/** The header that asks how a purse stands; `prior` for a server that lost state. */
export async function syncHeader(
  purse: TestPurse,
  challenge: Challenge,
  {
    claims = {},
    signer = purse.key,
    prior,
  }: Wrong<Sync> & { readonly prior?: string | undefined } = {},
): Promise<string> {
  const { payto: aud, id: pur, certificate } = purse;
  const proof = await signSync({ aud, cid: challenge.id, pur, ...claims }, signer.key);
  return formatCredential({ challenge, payload: { action: 'sync', certificate, prior, proof } });
}

/** The header for a charge, with the one before it (SPEC 6.11). */
export function headerWithPrior(purse: HeldPurse, charge: TestCharge, prior: string): string {
  const { challenge, token, opening, salt } = charge;
  const { certificate } = purse;
  const payload = { action: 'charge', certificate, charge: token, opening, prior, salt } as const;
  return formatCredential({ challenge, payload });
}

/** The header that shows a receipt under the seller's challenge. */
export async function showHeader(
  purse: HeldPurse,
  { charge, receipt }: TestPurchase,
  challenge: Challenge,
): Promise<string> {
  const { opening, salt } = charge;
  const { seq, bnd } = charge.claims;
  const claims = { aud: purse.payto, cid: challenge.id, pur: purse.id, seq, bnd };
  const proof = await signShow(claims, purse.key.key);
  const { certificate } = purse;
  const payload = { action: 'show', certificate, opening, proof, receipt, salt } as const;
  return formatCredential({ challenge, payload });
}

/** The seller's own challenge in an answer. */
export function challengeIn(response: Response): Challenge {
  const [challenge] = parseChallenges(response.headers.get('WWW-Authenticate') ?? '');
  if (!challenge) throw new Error(`no challenge in the answer ${response.status}`);
  return challenge;
}

/** The wallet has its receipt: the purse moves on. */
export function settlePurse(purse: HeldPurse, { claims }: TestCharge): void {
  purse.seq = claims.seq;
  purse.tot = claims.tot;
}

/** The same signature in its other spelling, `(r, n − s)`. */
export function twinOf(token: string): string {
  const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const [header, payload, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const other = Buffer.from((ORDER - s).toString(16).padStart(64, '0'), 'hex');
  const twin = Buffer.concat([bytes.subarray(0, 32), other]).toString('base64url');
  return `${header}.${payload}.${twin}`;
}
