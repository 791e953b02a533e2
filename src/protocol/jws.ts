/**
 * Compact signatures (RFC 7515) as Farthing uses them: ES256 only, a `typ` for each use, canonical
 * JSON in both segments, nothing in the header that is not asked for (SPEC 5). Identity is never
 * taken from signature bytes: an ES256 signature has a twin.
 */
import { isSigned, isSignedElsewhere, sign } from '#crypto';
import { decodeBase64url, encodeBase64url, utf8, utf8Text } from './base64url.ts';
import { FarthingError, refuseAs } from './errors.ts';
import { canonicalJson, type JsonObject, parseCanonicalJson } from './json.ts';
import { remembering } from './memo.ts';
import { isRecord } from './shape.ts';

/** SPEC 5.1: each signed thing has its own type, and a verifier names the one that it wants. */
export type JwsType =
  | 'farthing-purse+jwt'
  | 'farthing-charge+jws'
  | 'farthing-receipt+jws'
  | 'farthing-refund+jws'
  | 'farthing-undo+jws'
  | 'farthing-final+jws'
  | 'farthing-close+jws'
  | 'farthing-show+jws'
  | 'farthing-sync+jws'
  | 'farthing-provider+jwt'
  | 'farthing-seller+jwt'
  | 'farthing-balance+jwt'
  | 'farthing-statement+jwt'
  | 'farthing-head+jws'
  | 'dpop+jwt';

/** A token whose form was checked and whose signature was not. */
export interface UncheckedJws {
  readonly kid: string | undefined;
  /** Only in `dpop+jwt`; as it came. */
  readonly jwk: unknown;
  readonly payload: unknown;
  /** Header and payload as signed: the token's identity (SPEC 5.6). */
  readonly signingInput: string;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** What to sign. */
export interface JwsContent {
  readonly typ: JwsType;
  readonly kid?: string;
  readonly jwk?: JsonObject;
  readonly payload: JsonObject;
}

/** SPEC 5.7: a certificate with a note to spare. */
const TOKEN_LENGTH_MAX = 4096;

/** Signs `content`; the answer is the compact token. */
export async function signJws(content: JwsContent, key: CryptoKey): Promise<string> {
  const { typ, kid, jwk, payload } = content;
  const header = { alg: 'ES256', jwk, kid, typ };
  const signingInput = [header, payload]
    .map((segment) => encodeBase64url(utf8(canonicalJson(segment))))
    .join('.');
  const signature = await sign(key, utf8(signingInput));
  return `${signingInput}.${encodeBase64url(signature)}`;
}

function readHeader(header: unknown, typ: JwsType): Pick<UncheckedJws, 'kid' | 'jwk'> {
  if (!isRecord(header)) throw new FarthingError('jws_header', 'not an object');
  if (header.alg !== 'ES256') throw new FarthingError('jws_alg', 'only ES256');
  if (header.typ !== typ) throw new FarthingError('jws_typ', `not ${typ}`);
  const allowed = ['alg', 'typ', typ === 'dpop+jwt' ? 'jwk' : 'kid'];
  const extra = Object.keys(header).find((name) => !allowed.includes(name));
  if (extra) throw new FarthingError('jws_header', `"${extra.slice(0, 20)}" is not allowed`);
  const { kid, jwk } = header;
  if (kid !== undefined && (typeof kid !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(kid)))
    throw new FarthingError('jws_key_unknown', 'malformed kid');
  return { kid, jwk };
}

function readSegment(segment: string): unknown {
  return parseCanonicalJson(utf8Text(decodeBase64url(segment)));
}

/** The headers of one signer are all the same; those of proofs have a key each. */
const readNames = remembering((text) => {
  const typeLength = text.indexOf(' ');
  return readHeader(readSegment(text.slice(typeLength + 1)), text.slice(0, typeLength) as JwsType);
});

/**
 * Reads a compact token that claims to be a `typ`; its signature is for `checkJws`.
 * @throws FarthingError `jws_malformed`, `encoding_not_canonical`, `json_not_canonical`, `jws_alg`,
 *   `jws_typ`, `jws_header`, `jws_key_unknown`, `jws_signature` (not 64 bytes)
 */
export function readJws(token: string, typ: JwsType): UncheckedJws {
  const segments = token.length <= TOKEN_LENGTH_MAX ? token.split('.') : [];
  const [header = '', payload = '', signatureText = ''] = segments;
  if (segments.length !== 3) throw new FarthingError('jws_malformed', 'not three segments');
  const names =
    typ === 'dpop+jwt' ? readHeader(readSegment(header), typ) : readNames(`${typ} ${header}`);
  const signature = refuseAs('encoding_not_canonical', () => decodeBase64url(signatureText));
  if (signature.length !== 64) throw new FarthingError('jws_signature', 'not 64 bytes');
  return {
    ...names,
    payload: readSegment(payload),
    signingInput: `${header}.${payload}`,
    signature,
  };
}

/**
 * @param where `elsewhere`: on another thread, where others wait for this one
 * @throws FarthingError `jws_signature` when `jws` was not signed by `key`
 */
export async function checkJws(
  jws: UncheckedJws,
  key: CryptoKey,
  where: 'here' | 'elsewhere' = 'here',
): Promise<void> {
  const check = where === 'here' ? isSigned : isSignedElsewhere;
  const good = await check(key, jws.signature, utf8(jws.signingInput));
  if (!good) throw new FarthingError('jws_signature', 'not signed by this key');
}

/** Header and payload of a token, which two spellings of one signature share (SPEC 5.6). */
export function signingInputOf(token: string): string {
  return token.slice(0, token.lastIndexOf('.'));
}

/** Public keys by their `kid`, of one signer. */
export type KeySet = ReadonlyMap<string, CryptoKey>;

/**
 * Checks `jws` by the key that its `kid` names in `keys`.
 * @throws FarthingError `jws_key_unknown`, `jws_signature`
 */
export async function checkJwsByKid(jws: UncheckedJws, keys: KeySet): Promise<void> {
  const key = jws.kid === undefined ? undefined : keys.get(jws.kid);
  if (!key) throw new FarthingError('jws_key_unknown', jws.kid ?? 'no kid');
  await checkJws(jws, key);
}
