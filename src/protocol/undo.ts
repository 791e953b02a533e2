/**
 * Undo (SPEC 7.4, 7.5): the reader's wish, signed by the purse key, and the seller's note that
 * gives one charge back.
 */
import { FarthingError } from './errors.ts';
import { readJws, signJws, type UncheckedJws } from './jws.ts';
import { type Micros, microsMember } from './money.ts';
import { paytoMember } from './payto.ts';
import { count, hash, id, readMembers } from './shape.ts';

/** What the purse key signs: this charge, and no other, is to be undone. */
export interface Undo {
  readonly aud: string;
  readonly pur: string;
  readonly seq: number;
  /** Of the receipt. */
  readonly bnd: string;
}

/** An undo whose signature is still to be checked, by the key of its purse. */
export interface ReadUndo {
  readonly claims: Undo;
  readonly jws: UncheckedJws;
}

/** What the seller signs: `amt`, which charge `seq` brought, goes back. */
export interface RefundNote {
  readonly aud: string;
  readonly pur: string;
  readonly seq: number;
  readonly amt: Micros;
  /** Given back of this purse in all, this note included. */
  readonly rtot: Micros;
}

/** A note whose signature is still to be checked, by the seller's receipt keys. */
export interface ReadRefundNote {
  readonly claims: RefundNote;
  readonly jws: UncheckedJws;
  readonly token: string;
}

/**
 * Reads an undo; not its signature.
 * @throws FarthingError the codes of `readJws`, `payload_malformed`, `payto_malformed`
 */
export function readUndo(token: string): ReadUndo {
  const jws = readJws(token, 'farthing-undo+jws');
  if (jws.kid !== undefined) throw new FarthingError('jws_header', 'an undo has no kid');
  const claims = readMembers(jws.payload, { aud: paytoMember, pur: id, seq: count, bnd: hash });
  return { claims, jws };
}

/** Signs an undo with the purse key. */
export function signUndo(claims: Undo, purseKey: CryptoKey): Promise<string> {
  return signJws({ typ: 'farthing-undo+jws', payload: { ...claims } }, purseKey);
}

/**
 * Reads a refund note; not its signature.
 * @throws FarthingError the codes of `readJws`, `payload_malformed`, `payto_malformed`
 */
export function readRefundNote(token: string): ReadRefundNote {
  const jws = readJws(token, 'farthing-refund+jws');
  const members = { aud: paytoMember, pur: id, seq: count, amt: microsMember, rtot: microsMember };
  return { claims: readMembers(jws.payload, members), jws, token };
}

/** Signs a refund note with the seller's receipt key, named `kid`. */
export function signRefundNote(
  claims: RefundNote,
  { key, kid }: { key: CryptoKey; kid: string },
): Promise<string> {
  return signJws({ typ: 'farthing-refund+jws', kid, payload: { ...claims } }, key);
}
