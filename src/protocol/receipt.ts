/** Receipts (SPEC 7.1): the seller's signed word that one charge was accepted. */
import { decodeBase64url, encodeBase64url, utf8, utf8Text } from './base64url.ts';
import { refuseAs } from './errors.ts';
import { readJws, signJws, type UncheckedJws } from './jws.ts';
import { type Micros, microsMember } from './money.ts';
import { compact, count, hash, id, isRecord, readMembers, refuse } from './shape.ts';

/** What a receipt says; it names no page: `bnd` seals it. */
export interface Receipt {
  readonly pur: string;
  readonly seq: number;
  readonly tot: Micros;
  readonly bnd: string;
  readonly amt: Micros;
  /** When it was accepted, by the seller's clock, in seconds since 1970. */
  readonly at: number;
  /** Until when the item is the buyer's; `at` itself for what is used up at once. */
  readonly until: number;
  /** Until when it can be undone; `at` itself where there is no undo. */
  readonly undo: number;
  /** The cap is reached: until then the rest under it is free (SPEC 7.7). */
  readonly free?: number | undefined;
}

/** A receipt whose signature is still to be checked, by the seller's receipt keys. */
export interface ReadReceipt {
  readonly claims: Receipt;
  readonly jws: UncheckedJws;
  readonly token: string;
}

/**
 * Reads a receipt; not its signature.
 * @throws FarthingError the codes of `readJws`, `payload_malformed`
 */
export function readReceipt(token: string): ReadReceipt {
  const jws = readJws(token, 'farthing-receipt+jws');
  const claims = readMembers(
    jws.payload,
    {
      pur: id,
      seq: count,
      tot: microsMember,
      bnd: hash,
      amt: microsMember,
      at: count,
      until: count,
      undo: count,
    },
    { free: count },
  );
  return { claims, jws, token };
}

/** Signs a receipt with the seller's receipt key, named `kid`. */
export function signReceipt(
  claims: Receipt,
  { key, kid }: { key: CryptoKey; kid: string },
): Promise<string> {
  return signJws({ typ: 'farthing-receipt+jws', kid, payload: { ...claims } }, key);
}

/** The value of `Payment-Receipt`: the scheme's JSON with our token as a member (SPEC 4.8). */
export function formatReceiptHeader(receipt: Pick<ReadReceipt, 'claims' | 'token'>): string {
  const { pur, seq, at } = receipt.claims;
  const header = {
    method: 'farthing',
    status: 'success',
    timestamp: new Date(at * 1000).toISOString(),
    reference: `${pur}.${seq}`,
    receipt: receipt.token,
  };
  return encodeBase64url(utf8(JSON.stringify(header)));
}

/**
 * Reads the receipt out of `Payment-Receipt`.
 * @throws FarthingError `receipt_invalid`
 */
export function parseReceiptHeader(value: string): ReadReceipt {
  return refuseAs('receipt_invalid', () => {
    const text = utf8Text(decodeBase64url(value));
    let header: unknown;
    try {
      header = JSON.parse(text);
    } catch {
      return refuse('not JSON');
    }
    if (!isRecord(header) || header.method !== 'farthing') return refuse('not of this method');
    return readReceipt(compact(header.receipt));
  });
}
