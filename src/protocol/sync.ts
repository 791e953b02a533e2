/**
 * Asking how a purse stands (SPEC 6.11): proof that whoever asks holds its key, now and not once.
 */
import { FarthingError } from './errors.ts';
import { readJws, signJws, type UncheckedJws } from './jws.ts';
import { paytoMember } from './payto.ts';
import { id, readMembers, text } from './shape.ts';

/** What the proof says: this purse, under this challenge and no other. */
export interface Sync {
  readonly aud: string;
  /** The id of the server's challenge. */
  readonly cid: string;
  readonly pur: string;
}

/** A proof whose signature is still to be checked, by the key of its purse. */
export interface ReadSync {
  readonly claims: Sync;
  readonly jws: UncheckedJws;
}

/**
 * Reads a proof; not its signature.
 * @throws FarthingError the codes of `readJws`, `payload_malformed`, `payto_malformed`
 */
export function readSync(token: string): ReadSync {
  const jws = readJws(token, 'farthing-sync+jws');
  if (jws.kid !== undefined) throw new FarthingError('jws_header', 'a proof has no kid');
  const claims = readMembers(jws.payload, { aud: paytoMember, cid: text(64), pur: id });
  return { claims, jws };
}

/** Signs a proof with the purse key. */
export function signSync(claims: Sync, purseKey: CryptoKey): Promise<string> {
  return signJws({ typ: 'farthing-sync+jws', payload: { ...claims } }, purseKey);
}
