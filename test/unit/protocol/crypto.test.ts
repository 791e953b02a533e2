/** One contract for the two ways of computing: by Web Crypto and by node:crypto. */
import { describe, expect, test } from 'vitest';
import * as node from '../../../src/protocol/crypto.node.ts';
import * as web from '../../../src/protocol/crypto.ts';
import { exportPublicKey, importPublicKey } from '../../../src/protocol/key.ts';

const BYTES = new Uint8Array(400).map((_, index) => index % 251);
const SECRET = new Uint8Array(32).fill(7);
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

async function keyPair() {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const open = await importPublicKey(await exportPublicKey(pair.publicKey));
  const { d = '', x = '', y = '' } = await crypto.subtle.exportKey('jwk', pair.privateKey);
  return { jwk: { crv: 'P-256', kty: 'EC', d, x, y } as const, open };
}

describe.each([
  ['Web Crypto', web, node],
  ['node:crypto', node, web],
] as const)('what %s computes', (_, ours, theirs) => {
  test('hashes as the other does', async () => {
    for (const length of [0, 1, 55, 56, 64, 400])
      expect(await ours.digest(BYTES.slice(0, length))).toEqual(
        await theirs.digest(BYTES.slice(0, length)),
      );
  });

  test('seals what the other opens, under keys that either made', async () => {
    for (const key of [await ours.importHmacKey(SECRET), await theirs.importHmacKey(SECRET)]) {
      const mac = await ours.hmac(key, BYTES);
      expect(mac).toHaveLength(32);
      expect(await theirs.isHmac(key, mac, BYTES)).toBe(true);
      expect(await ours.isHmac(key, mac.slice(0, 31), BYTES)).toBe(false);
      expect(
        await ours.isHmac(
          key,
          mac.map((byte) => byte ^ 1),
          BYTES,
        ),
      ).toBe(false);
    }
  });

  test('signs what the other checks, under keys that either made', async () => {
    const { jwk, open } = await keyPair();
    for (const key of [await ours.importSigningKey(jwk), await theirs.importSigningKey(jwk)]) {
      expect(key.extractable).toBe(false);
      const signature = await ours.sign(key, BYTES);
      expect(signature).toHaveLength(64);
      expect(await theirs.isSigned(open, signature, BYTES)).toBe(true);
      expect(await ours.isSigned(open, signature, BYTES.slice(1))).toBe(false);
      expect(await ours.isSigned(open, signature.toReversed(), BYTES)).toBe(false);
      expect(await ours.isSigned(open, new Uint8Array(64), BYTES)).toBe(false);
    }
  });

  test('checks and signs with keys that neither made', async () => {
    const pair = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
    const signature = await ours.sign(pair.privateKey, BYTES);
    expect(await ours.isSigned(pair.publicKey, signature, BYTES)).toBe(true);
  });

  test('takes no private key that is none', async () => {
    const { jwk } = await keyPair();
    await expect(ours.importSigningKey({ ...jwk, x: jwk.y })).rejects.toThrow();
  });

  test('writes base64url as the other reads it, of part of a buffer too', async () => {
    for (let length = 0; length < 70; length++) {
      const part = BYTES.subarray(3, 3 + length);
      const text = ours.toBase64url(part);
      expect(text).toBe(theirs.toBase64url(part));
      expect([...(ours.fromBase64url(text) ?? [])]).toEqual([...part]);
    }
  });

  test.each(['A', 'AB', 'AA=', 'A A', '+A', 'AAA/', 'AAAAA', 'Ä', 'AA\n'])(
    'reads %j as nothing that is written so',
    (text) => {
      const bytes = ours.fromBase64url(text);
      expect(bytes && ours.toBase64url(bytes)).not.toBe(text);
    },
  );
});
