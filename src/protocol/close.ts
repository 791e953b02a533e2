/**
 * The end of a purse before its time (SPEC 5.12): the reader's wish, signed by the purse key, and
 * the seller's final statement, by which the provider releases what is left.
 */
import { FarthingError } from './errors.ts';
import { readJws, signJws, type UncheckedJws } from './jws.ts';
import { type Micros, microsMember } from './money.ts';
import { paytoMember } from './payto.ts';
import { count, id, readMembers } from './shape.ts';

/** A purse and the last charge accepted of it; `seq` and `tot` are 0 where there is none. */
export interface PurseEnd {
  readonly aud: string;
  readonly pur: string;
  readonly seq: number;
  readonly tot: Micros;
}

/** A wish or statement whose signature is still to be checked. */
export interface ReadPurseEnd {
  readonly claims: PurseEnd;
  readonly jws: UncheckedJws;
  readonly token: string;
}

function readEnd(token: string, typ: 'farthing-close+jws' | 'farthing-final+jws'): ReadPurseEnd {
  const jws = readJws(token, typ);
  const members = { aud: paytoMember, pur: id, seq: count, tot: microsMember };
  return { claims: readMembers(jws.payload, members), jws, token };
}

/**
 * Reads the wish to close; not its signature, which is by the purse key.
 * @throws FarthingError the codes of `readJws`, `payload_malformed`, `payto_malformed`
 */
export function readClose(token: string): ReadPurseEnd {
  const read = readEnd(token, 'farthing-close+jws');
  if (read.jws.kid !== undefined) throw new FarthingError('jws_header', 'a close has no kid');
  return read;
}

/** Signs the wish to close with the purse key. */
export function signClose(claims: PurseEnd, purseKey: CryptoKey): Promise<string> {
  return signJws({ typ: 'farthing-close+jws', payload: { ...claims } }, purseKey);
}

/**
 * Reads a final statement; not its signature, which is by one of the seller's receipt keys.
 * @throws FarthingError the codes of `readJws`, `payload_malformed`, `payto_malformed`
 */
export function readFinal(token: string): ReadPurseEnd {
  return readEnd(token, 'farthing-final+jws');
}

/** Signs a final statement with the seller's receipt key, named `kid`. */
export function signFinal(
  claims: PurseEnd,
  { key, kid }: { key: CryptoKey; kid: string },
): Promise<string> {
  return signJws({ typ: 'farthing-final+jws', kid, payload: { ...claims } }, key);
}
