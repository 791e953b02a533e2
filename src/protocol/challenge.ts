/**
 * Challenges of the "Payment" HTTP authentication scheme (IETF draft-httpauth-payment) with
 * method `farthing`, intent `charge` (SPEC 4).
 */
import { hmac, importHmacKey as importSecretKey, isHmac } from '#crypto';
import { decodeBase64url, encodeBase64url, sha256, utf8, utf8Text } from './base64url.ts';
import { FarthingError, refuseAs } from './errors.ts';
import { canonicalJson, parseCanonicalJson } from './json.ts';
import { isTimestamp } from './offer.ts';
import { isRecord, literal, type Reader, readMembers, refuse, text } from './shape.ts';

/** The parameters of one challenge, all as text. */
export interface Challenge {
  readonly id: string;
  /** The host name of the paid address, without a port. */
  readonly realm: string;
  readonly method: 'farthing';
  readonly intent: 'charge';
  /** See `encodeTerms`. */
  readonly request: string;
  readonly expires: string;
  /** Shown, never signed. */
  readonly description?: string | undefined;
  readonly digest?: string | undefined;
  /** base64url of a flat JSON object of strings: `n` (page-built), `last` (out of sync). */
  readonly opaque?: string | undefined;
}

/**
 * Page-built challenges whose offer names no end use this (SPEC 4.4): wallet clocks are not
 * trusted.
 */
export const EXPIRES_NEVER = '9999-12-31T23:59:59Z';
const PAGE_BUILT = 'p.';

/** SPEC 11: what servers allow for all headers together. */
export const CHALLENGE_HEADER_LENGTH_MAX = 16_384;

/** SPEC 4.3: seven fixed slots, joined by `|`; what the id is computed over. */
function idInput(challenge: Omit<Challenge, 'id'>): Uint8Array<ArrayBuffer> {
  const { realm, method, intent, request, expires, digest = '', opaque = '' } = challenge;
  return utf8([realm, method, intent, request, expires, digest, opaque].join('|'));
}

/** Imports the bytes of a secret for `sealChallenge` and `isGenuine`. */
export function importHmacKey(secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return importSecretKey(secret);
}

/** A server's challenge: its id is an HMAC over the parameters, so no state is kept (SPEC 4.3). */
export async function sealChallenge(
  challenge: Omit<Challenge, 'id'>,
  key: CryptoKey,
): Promise<Challenge> {
  const mac = await hmac(key, idInput(challenge));
  return { ...challenge, id: encodeBase64url(mac) };
}

/** What a wallet builds from static markup: no request, no secret (SPEC 4.4). */
export async function buildChallenge(parts: {
  readonly realm: string;
  readonly request: string;
  readonly expires: string | undefined;
  /** 16 random bytes. */
  readonly nonce: Uint8Array;
}): Promise<Challenge> {
  const challenge = {
    realm: parts.realm,
    method: 'farthing',
    intent: 'charge',
    request: parts.request,
    expires: parts.expires ?? EXPIRES_NEVER,
    opaque: encodeOpaque({ n: encodeBase64url(parts.nonce) }),
  } as const;
  return { ...challenge, id: PAGE_BUILT + encodeBase64url(await sha256(idInput(challenge))) };
}

/** Whether a wallet made this challenge from a page. */
export function isPageBuilt(challenge: Challenge): boolean {
  return challenge.id.startsWith(PAGE_BUILT);
}

/**
 * Whether the id belongs to the parameters: by hash for a page-built challenge, by HMAC (in
 * constant time) for a server's own.
 * @throws FarthingError `challenge_unknown` for an id that no server writes
 */
export async function isGenuine(challenge: Challenge, key: CryptoKey): Promise<boolean> {
  if (isPageBuilt(challenge)) {
    const hash = encodeBase64url(await sha256(idInput(challenge)));
    return challenge.id === PAGE_BUILT + hash;
  }
  const mac = refuseAs('challenge_unknown', () => decodeBase64url(challenge.id));
  return isHmac(key, mac, idInput(challenge));
}

/** Writes the flat `opaque` object. */
export function encodeOpaque(data: Record<string, string>): string {
  return encodeBase64url(utf8(canonicalJson(data)));
}

/**
 * Reads `opaque`.
 * @throws FarthingError `challenge_malformed`
 */
export function decodeOpaque(opaque: string): Record<string, string> {
  return refuseAs('challenge_malformed', () => {
    const data = parseCanonicalJson(utf8Text(decodeBase64url(opaque)));
    if (isRecord(data) && Object.values(data).every((value) => typeof value === 'string'))
      return data as Record<string, string>;
    throw new FarthingError('challenge_malformed', 'opaque is not a flat object of strings');
  });
}

/**
 * A slot of the id: without the bar that joins the slots, which would let one run into the next.
 */
function slot(lengthMax: number): Reader<string> {
  const read = text(lengthMax);
  return (value) => {
    const content = read(value);
    return content.includes('|') ? refuse('"|" is not allowed') : content;
  };
}

const MEMBERS = {
  id: text(64),
  realm: slot(253),
  method: literal('farthing'),
  intent: literal('charge'),
  request: slot(2048),
  expires: text(40),
};
const OPTIONAL_MEMBERS = { description: text(600), digest: slot(120), opaque: slot(2048) };

/**
 * Reads the parameters of a challenge from a credential or a header.
 * @throws FarthingError `challenge_malformed`
 */
export function readChallenge(value: unknown): Challenge {
  return refuseAs('challenge_malformed', () => {
    const challenge = readMembers(value, MEMBERS, OPTIONAL_MEMBERS);
    if (!isTimestamp(challenge.expires))
      throw new FarthingError('challenge_malformed', 'expires is not RFC 3339');
    return challenge;
  });
}

/** Quotes an auth-param; what a header cannot carry is written `\uXXXX`, as `mppx` does. */
function authParam(name: string, value: string): string {
  const escaped = value
    .replace(/[\\"]/g, '\\$&')
    .replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `${name}="${escaped}"`;
}

/** Writes the value of `WWW-Authenticate`; a parameter that says nothing is left out. */
export function formatChallenge(challenge: Challenge): string {
  const names = [
    'id',
    'realm',
    'method',
    'intent',
    'request',
    'description',
    'digest',
    'expires',
    'opaque',
  ] as const;
  const params = names.flatMap((name) => {
    const value = challenge[name];
    return value ? [authParam(name, value)] : [];
  });
  return `Payment ${params.join(', ')}`;
}

function unquote(quoted: string): string {
  return quoted.replace(
    /\\(?:u([0-9a-fA-F]{4})|(.))/g,
    (_, hex: string | undefined, char: string) =>
      hex ? String.fromCharCode(Number.parseInt(hex, 16)) : char,
  );
}

/**
 * A scheme, or a parameter with its value. A name starts only where none can be under way: else a
 * long word would be tried from each of its letters.
 */
const AUTH_PART =
  /(?<![a-z0-9-])([a-z][a-z0-9-]*)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))|(?=\s+[a-z]))/gi;

/**
 * Reads the farthing challenges of a `WWW-Authenticate` header, which may hold other schemes and
 * other methods beside them.
 * @throws FarthingError `challenge_malformed` when a farthing challenge in it is malformed, or a
 *   parameter of a challenge stands twice
 */
export function parseChallenges(header: string): Challenge[] {
  if (header.length > CHALLENGE_HEADER_LENGTH_MAX)
    throw new FarthingError('challenge_malformed', 'the header is too long');
  const challenges: Record<string, string>[] = [];
  let current: Record<string, string> | undefined;
  for (const [, name = '', quoted, bare] of header.matchAll(AUTH_PART)) {
    if (quoted === undefined && bare === undefined) {
      current = name.toLowerCase() === 'payment' ? {} : undefined;
      if (current) challenges.push(current);
    } else if (current) {
      if (Object.hasOwn(current, name))
        throw new FarthingError('challenge_malformed', `"${name}" stands twice`);
      current[name] = bare ?? unquote(quoted ?? '');
    }
  }
  return challenges.filter(({ method }) => method === 'farthing').map(readChallenge);
}
