import { describe, expect, test } from 'vitest';
import { signCertificate } from '../../../src/protocol/certificate.ts';
import { buildChallenge, encodeOpaque } from '../../../src/protocol/challenge.ts';
import { bindingOf, signCharge } from '../../../src/protocol/charge.ts';
import {
  CREDENTIAL_LENGTH_MAX,
  formatCredential,
  parseCredential,
} from '../../../src/protocol/credential.ts';
import { exportPublicKey, thumbprint } from '../../../src/protocol/key.ts';
import { MICROS_MAX, micros } from '../../../src/protocol/money.ts';
import { encodeTerms } from '../../../src/protocol/terms.ts';

const ID = 'AAAAAAAAAAAAAAAAAAAAAA';
const SALT = 'A'.repeat(43);
const PAYTO = 'the-daily-courier-of-the-coast@pay.the-wallet-service.example';
const REALM = 'www.the-daily-courier-of-the-coast.example';
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };

/** The credential for `item` with the largest of everything that goes with it. */
async function largest(item: string): Promise<string> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, true, ['sign']);
  const jwk = await exportPublicKey(publicKey);
  const request = encodeTerms({
    amountMicros: MICROS_MAX,
    currency: 'USD',
    payto: PAYTO,
    origin: `https://${REALM}`,
    item,
    durationSec: 31_536_000,
    refundSec: 600,
    cap: { amountMicros: MICROS_MAX, periodSec: 86_400 },
    meter: '999999req',
  });
  const opening = { jti: ID, amt: MICROS_MAX, realm: REALM, request, iat: 1_800_000_000 };
  const claims = { aud: PAYTO, cur: 'USD', iat: 1_800_000_000, exp: 1_800_604_800, sub: ID };
  const purse = { iss: 'https://pay.the-wallet-service.example', jti: ID, lim: MICROS_MAX };
  const signer = { key: privateKey, kid: await thumbprint(jwk) };
  const certificate = await signCertificate(
    { ...claims, ...purse, cnf: { jwk }, undo: 20, cty: 'DE' },
    signer,
  );
  const bnd = await bindingOf({ opening, salt: SALT });
  const charge = await signCharge(
    { pur: ID, aud: PAYTO, cur: 'USD', seq: 1_000_000, tot: MICROS_MAX, bnd },
    privateKey,
  );
  const challenge = await buildChallenge({
    realm: REALM,
    request,
    expires: undefined,
    nonce: new Uint8Array(16),
  });
  const described = { description: '潮'.repeat(60), opaque: encodeOpaque({ last: charge }) };
  return formatCredential({
    challenge: { ...challenge, ...described },
    payload: { action: 'charge', certificate, charge, opening, salt: SALT },
  });
}

describe('the header of a payment', () => {
  // The challenge after `out_of_sync` is the longest: it carries the last accepted charge.
  test.each([
    ['letters', '/'.padEnd(512, 'a')],
    ['another script', '潮'.repeat(170)],
    ['an encoded address', `/${'%D0%B6'.repeat(85)}`],
  ])('has room for the longest item of %s and a certificate', async (_, item) => {
    const header = await largest(item);
    expect(header.length).toBeLessThanOrEqual(CREDENTIAL_LENGTH_MAX);
    expect(parseCredential(header)?.payload).toMatchObject({
      opening: { amt: micros(10n ** 15n) },
    });
  });
});
