/**
 * Passes (SPEC 7.2): an HMAC token in a cookie, so that the navigation after a payment is ordinary.
 */
import { hmac, isHmac } from '#crypto';
import { decodeBase64url, encodeBase64url, sha256, utf8, utf8Text } from './base64url.ts';
import { FarthingError } from './errors.ts';
import { checkItem, ITEM_LENGTH_MAX } from './item.ts';
import { canonicalJson, parseCanonicalJson } from './json.ts';
import { remembering } from './memo.ts';
import { count, id, type Reader, readMembers, refuse, text } from './shape.ts';

/** What a pass opens, and for how long. */
export interface Pass {
  readonly origin: string;
  readonly item: string;
  /** Seconds since 1970. */
  readonly exp: number;
  /** The charge that bought it, to look up an undo by. */
  readonly pur: string;
  readonly seq: number;
  /** Until when the charge can be undone: so long each use is looked up; seconds since 1970. */
  readonly und?: number | undefined;
  /** The count under whose cap this is free until `exp` (SPEC 7.7). */
  readonly cap?: string | undefined;
  /** It opens one answer, by a ticket of the purse (SPEC 7.9). */
  readonly once?: true | undefined;
}

const nameOf = remembering(async (place: string) => {
  const hash = await sha256(utf8(place));
  return `__Secure-fee-${encodeBase64url(hash).slice(0, 16)}`;
}, 1000);

/** The name of the cookie for an item: few cookies a page, and none that names the page. */
export function passName(origin: string, item: string): Promise<string> {
  return nameOf(canonicalJson([origin, item]));
}

/** Seals a pass with an HMAC key. */
export async function sealPass(pass: Pass, key: CryptoKey): Promise<string> {
  const body = encodeBase64url(utf8(canonicalJson({ ...pass })));
  const mac = await hmac(key, utf8(body));
  return `${body}.${encodeBase64url(mac)}`;
}

const MEMBERS = {
  origin: text(300),
  item: (value: unknown) => checkItem(text(ITEM_LENGTH_MAX)(value)),
  exp: count,
  pur: id,
  seq: count,
};
const once: Reader<true> = (value) => value === true || refuse('not true');
const OPTIONAL = { und: count, cap: text(100), once };

/** Reads a pass that `key` sealed; undefined for anything else: a bad cookie is no cookie. */
export async function openPass(token: string, key: CryptoKey): Promise<Pass | undefined> {
  if (token.length > 2048) return undefined;
  const [body = '', mac = '', ...rest] = token.split('.');
  if (rest.length > 0) return undefined;
  try {
    if (!(await isHmac(key, decodeBase64url(mac), utf8(body)))) return undefined;
    return readMembers(parseCanonicalJson(utf8Text(decodeBase64url(body))), MEMBERS, OPTIONAL);
  } catch (error) {
    if (error instanceof FarthingError) return undefined;
    throw error;
  }
}

/**
 * A path as a cookie can say it: a `;` ends an attribute, so a path with one gives way to the
 * folder it is in. The pass itself names the item; the path only says where it is sent.
 */
function cookiePath(path: string): string {
  const end = path.search(/[;\p{Cc}]/u);
  return end < 0 ? path : path.slice(0, path.lastIndexOf('/', end) + 1) || '/';
}

/** The value of `Set-Cookie` for a pass. */
export function passCookie(parts: {
  readonly name: string;
  readonly token: string;
  readonly path: string;
  readonly ageSec: number;
}): string {
  const { name, token, path, ageSec } = parts;
  const scope = `Path=${cookiePath(path)}; Max-Age=${ageSec}`;
  return `${name}=${token}; ${scope}; HttpOnly; Secure; SameSite=Lax`;
}
