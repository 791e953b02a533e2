/**
 * Farthing as a method of the Payment scheme's own client. That client asks for a credential, sends
 * it, and tells its method nothing of the answer; so the method reads the answers itself, through
 * the `fetch` that it hands the client. Its purse is in a file, for one process or many.
 */
import { encodeBase64url, utf8 } from '../../../src/protocol/base64url.ts';
import { type Challenge, decodeOpaque } from '../../../src/protocol/challenge.ts';
import { bindingOf, readCharge, signCharge } from '../../../src/protocol/charge.ts';
import { type Credential, formatCredential } from '../../../src/protocol/credential.ts';
import { canonicalJson, type JsonObject } from '../../../src/protocol/json.ts';
import { checkJws, signingInputOf } from '../../../src/protocol/jws.ts';
import { exportPublicKey, importPublicKey } from '../../../src/protocol/key.ts';
import { addMicros } from '../../../src/protocol/money.ts';
import { readProblem } from '../../../src/protocol/problem.ts';
import { parseReceiptHeader, readReceipt } from '../../../src/protocol/receipt.ts';
import { decodeTerms } from '../../../src/protocol/request.ts';
import { signShow } from '../../../src/protocol/show.ts';
import { randomId } from '../payer.ts';
import { createLock } from './lock.ts';
import type { PeerChallenge, PeerClientMethod } from './peer.ts';
import { type Bought, type Pending, type PurseFile, readPurse, writePurse } from './purse.ts';

/** The method, and the `fetch` that its client is to use. */
export interface PurseMethod {
  readonly method: PeerClientMethod;
  watch(send: typeof fetch): typeof fetch;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** The method's own schema: all is text, and read by whoever needs it. */
export const FARTHING = {
  name: 'farthing',
  intent: 'charge',
  schema: {
    request: { parse: (value: unknown) => value as Record<string, unknown> },
    credential: { payload: { parse: (value: unknown) => value } },
  },
} as const;

/** The challenge as it stood in the header: its `request` is canonical, so it can be remade. */
export function challengeOf({ request, ...rest }: PeerChallenge): Challenge {
  const { id, realm, expires = '', description, digest, opaque } = rest;
  return {
    id,
    realm,
    method: 'farthing',
    intent: 'charge',
    request: encodeBase64url(utf8(canonicalJson(request as JsonObject))),
    expires,
    description,
    digest,
    opaque,
  };
}

function signingKey({ key }: PurseFile): Promise<CryptoKey> {
  return crypto.subtle.importKey('jwk', key, ALGORITHM, false, ['sign']);
}

async function checkingKey({ key: { d: _, ...open } }: PurseFile): Promise<CryptoKey> {
  const key = await crypto.subtle.importKey(
    'jwk',
    { ...open, key_ops: ['verify'] },
    ALGORITHM,
    true,
    ['verify'],
  );
  return importPublicKey(await exportPublicKey(key));
}

/**
 * Takes over what the seller accepted last, if this purse's key signed it and it is news: another
 * process used the purse, or the file is older than it was.
 */
async function catchUp(purse: PurseFile, { opaque }: Challenge): Promise<PurseFile> {
  const last = opaque === undefined ? undefined : decodeOpaque(opaque).last;
  if (last === undefined) return purse;
  const { claims, jws } = readCharge(last);
  await checkJws(jws, await checkingKey(purse));
  const isOurs = purse.pending && signingInputOf(purse.pending.token) === jws.signingInput;
  if (claims.pur !== purse.id || claims.seq <= purse.seq || isOurs) return purse;
  return { ...purse, seq: claims.seq, tot: claims.tot, pending: undefined };
}

async function sign(purse: PurseFile, challenge: Challenge): Promise<Pending> {
  const { amountMicros, currency } = decodeTerms(challenge.request);
  const opening = {
    jti: randomId(),
    amt: amountMicros,
    realm: challenge.realm,
    request: challenge.request,
    iat: 0,
  };
  const salt = randomId(32);
  const place = { seq: purse.seq + 1, tot: addMicros(purse.tot, amountMicros) };
  const bnd = await bindingOf({ opening, salt });
  const claims = { pur: purse.id, aud: purse.payto, cur: currency, ...place, bnd };
  const token = await signCharge(claims, await signingKey(purse));
  return { token, ...place, opening, salt, challenge };
}

function chargeHeader({ certificate }: PurseFile, pending: Pending, challenge: Challenge): string {
  const { token, opening, salt } = pending;
  const payload = { action: 'charge', certificate, charge: token, opening, salt } as const;
  return formatCredential({ challenge, payload });
}

async function showHeader(purse: PurseFile, bought: Bought, challenge: Challenge) {
  const { certificate, payto } = purse;
  const { pur, seq, bnd } = readReceipt(bought.receipt).claims;
  const claims = { aud: payto, cid: challenge.id, pur, seq, bnd };
  const proof = await signShow(claims, await signingKey(purse));
  const payload: Credential['payload'] = { action: 'show', certificate, proof, ...bought };
  return formatCredential({ challenge, payload });
}

function afterReceipt(purse: PurseFile, pending: Pending, header: string): PurseFile {
  const { claims, token } = parseReceiptHeader(header);
  const { seq, tot, opening, salt } = pending;
  if (claims.pur !== purse.id || claims.seq !== seq || claims.tot !== tot) return purse;
  const bought = { ...purse.bought, [opening.request]: { receipt: token, opening, salt } };
  return { ...purse, seq, tot, pending: undefined, bought };
}

/** Only a receipt or a coded refusal says what became of a charge (SPEC 6.8). */
async function afterAnswer(purse: PurseFile, response: Response): Promise<PurseFile> {
  const { pending } = purse;
  if (!pending) return purse;
  const receipt = response.headers.get('Payment-Receipt');
  if (receipt !== null) return afterReceipt(purse, pending, receipt);
  const isProblem = /problem\+json/.test(response.headers.get('Content-Type') ?? '');
  if (response.status !== 402 || !isProblem) return purse;
  if (!readProblem(await response.clone().json())) return purse;
  return { ...purse, pending: { ...pending, sentTo: undefined } };
}

function addressOf(input: Parameters<typeof fetch>[0]): string {
  return input instanceof Request ? input.url : String(input);
}

/** Asks once more for the answer that never came, before anything else is signed. */
async function resolvePending(purse: PurseFile, send: typeof fetch): Promise<PurseFile> {
  const { pending } = purse;
  if (pending?.sentTo === undefined) return purse;
  const Authorization = chargeHeader(purse, pending, pending.challenge);
  const headers = { Authorization, Prefer: 'return=minimal' };
  const response = await send(pending.sentTo, { headers });
  const resolved = await afterAnswer(purse, response);
  await response.body?.cancel();
  if (resolved.pending?.sentTo !== undefined) throw new Error('an earlier charge is unresolved');
  return resolved;
}

/**
 * Pays from the purse in `file`. One charge is under way at a time, whoever asks; the same terms
 * again are the same charge until the purse has moved on, and then they are shown, not bought.
 */
export function createPurseMethod(file: string, resend: typeof fetch = fetch): PurseMethod {
  const lock = createLock(`${file}.lock`);
  const underWay = new Map<string, () => void>();

  const pay = async (challenge: Challenge): Promise<{ header: string; isCharge: boolean }> => {
    let purse = await catchUp(readPurse(file), challenge);
    const bought = purse.bought[challenge.request];
    if (bought) return { header: await showHeader(purse, bought, challenge), isCharge: false };
    const isSame = () => purse.pending?.opening.request === challenge.request;
    if (!isSame()) purse = await resolvePending(purse, resend);
    const pending = (isSame() ? purse.pending : undefined) ?? (await sign(purse, challenge));
    writePurse(file, { ...purse, pending });
    return { header: chargeHeader(purse, pending, challenge), isCharge: true };
  };

  const createCredential: PeerClientMethod['createCredential'] = async ({ challenge }) => {
    const release = await lock();
    let isKept = false;
    try {
      const { header, isCharge } = await pay(challengeOf(challenge));
      if (isCharge) underWay.set(header, release);
      isKept = isCharge;
      return header;
    } finally {
      if (!isKept) release();
    }
  };

  const watch: PurseMethod['watch'] = (send) => async (input, init) => {
    const header = new Headers(init?.headers).get('Authorization') ?? '';
    const release = underWay.get(header);
    if (!release) return send(input, init);
    underWay.delete(header);
    try {
      const purse = readPurse(file);
      if (purse.pending) {
        const pending = { ...purse.pending, sentTo: addressOf(input) };
        writePurse(file, { ...purse, pending });
      }
      const response = await send(input, init);
      writePurse(file, await afterAnswer(readPurse(file), response));
      return response;
    } finally {
      release();
    }
  };

  return { method: { ...FARTHING, createCredential }, watch };
}
