/**
 * Showing a receipt to come back (SPEC 7.3): proof that whoever holds it holds a key of its reader.
 */
import { FarthingError } from './errors.ts';
import { readJws, signJws, type UncheckedJws } from './jws.ts';
import { paytoMember } from './payto.ts';
import { count, hash, id, readMembers, text } from './shape.ts';

/** What the proof says: this receipt, under this challenge and no other. */
export interface Show {
  readonly aud: string;
  /** The id of the server's challenge. */
  readonly cid: string;
  /** Purse, place and sealed terms of the receipt. */
  readonly pur: string;
  readonly seq: number;
  readonly bnd: string;
}

/** A proof whose signature is still to be checked, by the key of a purse of the same reader. */
export interface ReadShow {
  readonly claims: Show;
  readonly jws: UncheckedJws;
}

/**
 * Reads a proof; not its signature.
 * @throws FarthingError the codes of `readJws`, `payload_malformed`, `payto_malformed`
 */
export function readShow(token: string): ReadShow {
  const jws = readJws(token, 'farthing-show+jws');
  if (jws.kid !== undefined) throw new FarthingError('jws_header', 'a proof has no kid');
  const claims = readMembers(jws.payload, {
    aud: paytoMember,
    cid: text(64),
    pur: id,
    seq: count,
    bnd: hash,
  });
  return { claims, jws };
}

/** Signs a proof with a purse key. */
export function signShow(claims: Show, purseKey: CryptoKey): Promise<string> {
  return signJws({ typ: 'farthing-show+jws', payload: { ...claims } }, purseKey);
}
