/**
 * Farthing as a method of the Payment scheme's own server: the checks of a charge and nothing else,
 * with its state in memory. The challenge is that server's own business.
 */
import { encodeBase64url, utf8 } from '../../../src/protocol/base64url.ts';
import { readCertificate } from '../../../src/protocol/certificate.ts';
import { bindingOf, readCharge } from '../../../src/protocol/charge.ts';
import { type ChargePayload, parseCredential } from '../../../src/protocol/credential.ts';
import { checkJws, checkJwsByKid, type KeySet, signingInputOf } from '../../../src/protocol/jws.ts';
import { importPublicKey } from '../../../src/protocol/key.ts';
import { MICROS_ZERO, type Micros } from '../../../src/protocol/money.ts';
import { type Receipt, signReceipt } from '../../../src/protocol/receipt.ts';
import { decodeTerms } from '../../../src/protocol/request.ts';
import { challengeOf, FARTHING } from './method.ts';
import type { PeerChallenge, PeerReceipt, PeerServerMethod } from './peer.ts';

export interface ServerMethodOptions {
  readonly payto: string;
  /** The provider's. */
  readonly issuerKeys: KeySet;
  /** The seller's; without one, receipts are not signed. */
  readonly receiptKey?: { readonly key: CryptoKey; readonly kid: string } | undefined;
  readonly now: () => number;
}

interface Row {
  readonly seq: number;
  readonly tot: Micros;
  readonly charge: string;
  readonly receipt: Promise<PeerReceipt>;
}

/** A farthing method for that server, and what it has accepted. */
export interface ServerMethod {
  readonly method: PeerServerMethod;
  accepted(): { charges: number; totalMicros: bigint };
}

function assert(isGood: boolean, what: string): asserts isGood {
  if (!isGood) throw new Error(what);
}

function readPayload(peerChallenge: PeerChallenge, payload: unknown): ChargePayload {
  const wire = { challenge: challengeOf(peerChallenge), payload };
  const credential = parseCredential(`Payment ${encodeBase64url(utf8(JSON.stringify(wire)))}`);
  assert(credential?.payload.action === 'charge', 'not a charge');
  return credential.payload;
}

/** All but state: answers what the purse key signed. */
async function check(
  { payto, issuerKeys }: ServerMethodOptions,
  challenge: PeerChallenge,
  payload: ChargePayload,
) {
  const { request } = challengeOf(challenge);
  const { opening } = payload;
  const { claims, jws, token } = readCharge(payload.charge);
  const { amountMicros, currency } = decodeTerms(request);
  const certificate = readCertificate(payload.certificate ?? '');
  const { aud, cur, jti, lim, cnf } = certificate.claims;
  assert((await bindingOf(payload)) === claims.bnd, 'bnd is not of this opening');
  assert(opening.request === request && opening.realm === challenge.realm, 'other terms');
  assert(opening.amt === amountMicros && claims.cur === currency, 'another amount');
  await checkJwsByKid(certificate.jws, issuerKeys);
  assert(aud === payto && claims.aud === payto && cur === claims.cur, 'another seller');
  assert(jti === claims.pur && claims.tot <= lim, 'not in this purse');
  await checkJws(jws, await importPublicKey(cnf.jwk));
  return { claims, token };
}

async function receiptFor(
  { receiptKey, now }: ServerMethodOptions,
  claims: Pick<Receipt, 'pur' | 'seq' | 'tot' | 'bnd' | 'amt'>,
): Promise<PeerReceipt> {
  const at = Math.floor(now() / 1000);
  const receipt = { ...claims, at, until: at + 365 * 86_400, undo: at };
  return {
    method: 'farthing',
    status: 'success',
    timestamp: new Date(now()).toISOString(),
    reference: `${claims.pur}.${claims.seq}`,
    ...(receiptKey && { receipt: await signReceipt(receipt, receiptKey) }),
  };
}

export function createServerMethod(options: ServerMethodOptions): ServerMethod {
  const rows = new Map<string, Row>();
  const verify: PeerServerMethod['verify'] = async ({ credential: { challenge, payload } }) => {
    const read = readPayload(challenge, payload);
    const { claims, token } = await check(options, challenge, read);
    const { pur, seq, tot, bnd } = claims;
    const row = rows.get(pur);
    if (row && signingInputOf(row.charge) === signingInputOf(token)) return row.receipt;
    const { amt } = read.opening;
    const last = row ?? { seq: 0, tot: MICROS_ZERO };
    assert(seq === last.seq + 1 && tot === last.tot + amt, 'out of sync');
    const receipt = receiptFor(options, { pur, seq, tot, bnd, amt });
    rows.set(pur, { seq, tot, charge: token, receipt });
    return receipt;
  };
  return {
    // All of the request binds, the item with it: else a credential for one would open another.
    method: { ...FARTHING, stableBinding: (request) => request, verify },
    accepted: () => ({
      charges: [...rows.values()].reduce((sum, { seq }) => sum + seq, 0),
      totalMicros: [...rows.values()].reduce((sum, { tot }) => sum + tot, 0n),
    }),
  };
}
