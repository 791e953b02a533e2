/**
 * A charge (SPEC 6): signed by the purse key, "the total I owe you is now `tot`". What was bought
 * is sealed into `bnd`, so that whoever collects the charge learns a total and no page.
 */
import { decodeBase64url, encodeBase64url, sha256, utf8 } from './base64url.ts';
import { FarthingError } from './errors.ts';
import { canonicalJson } from './json.ts';
import { readJws, signJws, type UncheckedJws } from './jws.ts';
import { currencyMember, type Micros, microsMember } from './money.ts';
import { paytoMember } from './payto.ts';
import { bytesText, count, hash, id, readMembers, text } from './shape.ts';

/** What the purse key signs; member names are those of the wire. */
export interface Charge {
  readonly pur: string;
  readonly aud: string;
  readonly cur: string;
  /** Accepted charges of this purse, this one included. */
  readonly seq: number;
  /** The new total of the purse, in micros. */
  readonly tot: Micros;
  /** See `bindingOf`. */
  readonly bnd: string;
}

/** What was bought: travels beside the charge, to the seller only. */
export interface Opening {
  /** The payment's id: the same terms again are the same charge. */
  readonly jti: string;
  readonly amt: Micros;
  readonly realm: string;
  /** The challenge's `request`, byte for byte. */
  readonly request: string;
  readonly digest?: string | undefined;
  /** Information; no rule reads it (SPEC 6.2). */
  readonly iat: number;
}

/** An opening with the 32 random bytes (base64url) that keep its binding from being guessed. */
export interface SealedOpening {
  readonly opening: Opening;
  readonly salt: string;
}

/** A charge whose signature is still to be checked, by the key of its purse. */
export interface ReadCharge {
  readonly claims: Charge;
  readonly jws: UncheckedJws;
  readonly token: string;
}

const LABEL = utf8('farthing/bind/1');
const SALT = bytesText(32);
const OPENING = { jti: id, amt: microsMember, realm: text(253), request: text(2048), iat: count };
const OPENING_OPTIONAL = { digest: text(120) };
const CLAIMS = {
  pur: id,
  aud: paytoMember,
  cur: currencyMember,
  seq: count,
  tot: microsMember,
  bnd: hash,
};

/** SPEC 6.3: SHA-256("farthing/bind/1" ‖ salt ‖ JCS(opening)), base64url. */
export async function bindingOf({ opening, salt }: SealedOpening): Promise<string> {
  const sealed = utf8(canonicalJson({ ...opening }));
  return encodeBase64url(await sha256(LABEL, decodeBase64url(salt), sealed));
}

/**
 * Reads the opening and salt that come with a charge.
 * @throws FarthingError `payload_malformed`
 */
export function readSealedOpening(opening: unknown, salt: unknown): SealedOpening {
  return { opening: readMembers(opening, OPENING, OPENING_OPTIONAL), salt: SALT(salt) };
}

/**
 * Reads a charge; not its signature.
 * @throws FarthingError the codes of `readJws`, `payload_malformed`, `payto_malformed`
 */
export function readCharge(token: string): ReadCharge {
  const jws = readJws(token, 'farthing-charge+jws');
  if (jws.kid !== undefined) throw new FarthingError('jws_header', 'a charge has no kid');
  const claims = readMembers(jws.payload, CLAIMS);
  return { claims, jws, token };
}

/** Signs a charge with the purse key. */
export function signCharge(claims: Charge, purseKey: CryptoKey): Promise<string> {
  return signJws({ typ: 'farthing-charge+jws', payload: { ...claims } }, purseKey);
}
