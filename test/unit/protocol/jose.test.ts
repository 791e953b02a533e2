/** Another implementation reads what we sign, and we read what it signs. */
import { CompactSign, compactVerify, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { utf8, utf8Text } from '../../../src/protocol/base64url.ts';
import {
  type Certificate,
  readCertificate,
  signCertificate,
} from '../../../src/protocol/certificate.ts';
import { type Charge, readCharge, signCharge } from '../../../src/protocol/charge.ts';
import { signDocument } from '../../../src/protocol/documents.ts';
import { canonicalJson } from '../../../src/protocol/json.ts';
import { checkJws, checkJwsByKid } from '../../../src/protocol/jws.ts';
import {
  exportPublicKey,
  importPublicKey,
  type PublicJwk,
  thumbprint,
} from '../../../src/protocol/key.ts';
import { micros } from '../../../src/protocol/money.ts';
import { bodyDigest, proofTarget, readProof, signProof } from '../../../src/protocol/proof.ts';

const ID = 'AAAAAAAAAAAAAAAAAAAAAA';
const ISSUED_SEC = 1_800_000_000;
const CHARGE: Charge = {
  pur: ID,
  aud: 'thedaily@pay.example',
  cur: 'USD',
  seq: 1,
  tot: micros(20_000n),
  bnd: 'A'.repeat(43),
};

let key: CryptoKey;
let jwk: PublicJwk;
let kid: string;
let certificate: Certificate;

beforeAll(async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  key = pair.privateKey;
  jwk = await exportPublicKey(pair.publicKey);
  kid = await thumbprint(jwk);
  certificate = {
    iss: 'https://pay.example',
    jti: ID,
    aud: 'thedaily@pay.example',
    cur: 'USD',
    lim: micros(100_000n),
    iat: ISSUED_SEC,
    exp: ISSUED_SEC + 604_800,
    cnf: { jwk },
    sub: ID,
    undo: 3,
  };
});

describe('jose', () => {
  test('takes a purse for a JWT of its issuer and audience', async () => {
    const token = await signCertificate(certificate, { key, kid });
    const { payload, protectedHeader } = await jwtVerify(token, await importJWK(jwk, 'ES256'), {
      issuer: 'https://pay.example',
      audience: 'thedaily@pay.example',
      typ: 'farthing-purse+jwt',
      algorithms: ['ES256'],
      currentDate: new Date(ISSUED_SEC * 1000),
    });
    expect(payload).toEqual({ ...certificate, lim: '100000' });
    expect(protectedHeader).toEqual({ alg: 'ES256', kid, typ: 'farthing-purse+jwt' });
  });

  test('verifies a charge', async () => {
    const token = await signCharge(CHARGE, key);
    const { payload } = await compactVerify(token, await importJWK(jwk, 'ES256'));
    expect(utf8Text(payload)).toBe(canonicalJson({ ...CHARGE }));
  });

  test('verifies a seller record', async () => {
    const claims = {
      iss: 'https://pay.example',
      sub: 'thedaily@pay.example',
      name: 'The Daily – 日報',
      origins: ['https://news.example'],
      keys: [jwk],
      iat: ISSUED_SEC,
      exp: ISSUED_SEC + 86_400,
    };
    const token = await signDocument({ typ: 'farthing-seller+jwt', claims }, { key, kid });
    const { payload } = await compactVerify(token, await importJWK(jwk, 'ES256'));
    expect(JSON.parse(utf8Text(payload))).toEqual(claims);
  });

  test('verifies a proof by the key in its header', async () => {
    const url = new URL('https://pay.example/v1/purses?a=1#x');
    const claims = {
      jti: ID,
      htm: 'POST',
      nonce: 'nonce',
      iat: ISSUED_SEC,
      ...proofTarget(url),
      dig: await bodyDigest('{}'),
    };
    const token = await signProof(claims, { key, jwk });
    const header = decodeProtectedHeader(token);
    expect(header).toEqual({ alg: 'ES256', jwk, typ: 'dpop+jwt' });
    const { payload } = await compactVerify(token, await importJWK(jwk, 'ES256'));
    expect(JSON.parse(utf8Text(payload))).toEqual({
      ...claims,
      htu: 'https://pay.example/v1/purses',
      qry: '?a=1',
    });
    const read = readProof(token);
    await checkJws(read.jws, await importPublicKey(read.jwk));
    expect(read.claims).toEqual(claims);
  });
});

/** jose writes the header as it is given: these members stand in canonical order. */
function signedByJose(header: { alg: string; kid?: string; typ: string }, payload: string) {
  return new CompactSign(utf8(payload)).setProtectedHeader(header).sign(key);
}

describe('a token that jose signed', () => {
  test('is read when its payload is canonical', async () => {
    const header = { alg: 'ES256', kid, typ: 'farthing-purse+jwt' };
    const payload = canonicalJson({ ...certificate, cnf: { jwk: { ...jwk } } });
    const read = readCertificate(await signedByJose(header, payload));
    await checkJwsByKid(read.jws, new Map([[kid, await importPublicKey(jwk)]]));
    expect(read.claims).toEqual(certificate);
  });

  test('is refused when its payload is not', async () => {
    const payload = JSON.stringify({ ...CHARGE, tot: '20000' });
    const token = await signedByJose({ alg: 'ES256', typ: 'farthing-charge+jws' }, payload);
    expect(() => readCharge(token)).toThrow(
      expect.objectContaining({ code: 'json_not_canonical' }),
    );
  });

  test('is refused when its header is in another order', async () => {
    const header = { typ: 'farthing-charge+jws', alg: 'ES256' };
    const token = await signedByJose(header, canonicalJson({ ...CHARGE }));
    expect(() => readCharge(token)).toThrow(
      expect.objectContaining({ code: 'json_not_canonical' }),
    );
  });
});
