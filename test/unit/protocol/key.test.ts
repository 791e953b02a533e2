import { calculateJwkThumbprint } from 'jose';
import { describe, expect, test } from 'vitest';
import { encodeBase64url, sha256, utf8 } from '../../../src/protocol/base64url.ts';
import { canonicalJson } from '../../../src/protocol/json.ts';
import { exportPublicKey, importPublicKey, thumbprint } from '../../../src/protocol/key.ts';

const A3 = {
  crv: 'P-256',
  kty: 'EC',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
} as const;

const RFC_7638_MODULUS =
  '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP' +
  'ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY' +
  '368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0f' +
  'M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';

describe('the name of a key', () => {
  test('is made as in the example of RFC 7638', async () => {
    const members = { n: RFC_7638_MODULUS, kty: 'RSA', e: 'AQAB' };
    expect(encodeBase64url(await sha256(utf8(canonicalJson(members))))).toBe(
      'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    );
  });

  test('is the thumbprint that others compute', async () => {
    expect(await thumbprint(A3)).toBe(await calculateJwkThumbprint(A3));
  });

  test('does not depend on other members of the object it is in', async () => {
    const more = { ...A3, alg: 'ES256', use: 'sig' };
    expect(await thumbprint(more)).toBe(await thumbprint(A3));
  });
});

describe('a key', () => {
  test('goes in and comes out as exactly its four members', async () => {
    expect(await exportPublicKey(await importPublicKey(A3))).toEqual(A3);
  });

  test('off the curve is refused', async () => {
    await expect(importPublicKey({ ...A3, y: A3.x })).rejects.toMatchObject({
      code: 'jwk_malformed',
    });
  });
});
