import { createECDH, createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHUNK_TEXT_BYTES_MAX, openChunk, sealChunk } from '../../../src/protocol/history.ts';
import { P256_ORDER, publicPoint } from '../../../src/protocol/point.ts';
import { importAesKey, recoveryKeys } from '../../../src/protocol/recovery.ts';
import { WORDS } from '../../../src/protocol/wordlist.ts';
import { readWords, writeWords } from '../../../src/protocol/words.ts';

const random = (byteCount: number) => crypto.getRandomValues(new Uint8Array(byteCount));

test('the list is BIP-39’s, to the byte', () => {
  const text = `${WORDS.join('\n')}\n`;
  expect(createHash('sha256').update(text).digest('hex')).toBe(
    '2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda',
  );
});

test('whatever is written as words is read back', async () => {
  const secrets = fc.uint8Array({ minLength: 16, maxLength: 16 });
  await fc.assert(
    fc.asyncProperty(secrets, async (bytes) => {
      const secret = Uint8Array.from(bytes);
      expect(await readWords(await writeWords(secret))).toEqual(secret);
    }),
  );
});

test('a refusal of words never says one of them', async () => {
  for (const text of ['farthing '.repeat(12), 'zoo zoo', 'abandon '.repeat(12)]) {
    const error = await readWords(text).catch((it: Error) => it);
    expect(String(error)).not.toMatch(/farthing |zoo|abandon/);
  }
});

/** What node:crypto makes of a private number. */
function nodePoint(number: bigint) {
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(Buffer.from(number.toString(16).padStart(64, '0'), 'hex'));
  const hex = curve.getPublicKey('hex');
  return { x: BigInt(`0x${hex.slice(2, 66)}`), y: BigInt(`0x${hex.slice(66)}`) };
}

test('the public half of any number is what node:crypto makes of it', () => {
  const numbers = fc.bigInt({ min: 1n, max: P256_ORDER - 1n });
  fc.assert(
    fc.property(numbers, (number) => {
      expect(publicPoint(number)).toEqual(nodePoint(number));
    }),
    {
      numRuns: 20,
      examples: [[1n], [2n], [3n], [P256_ORDER - 1n], [P256_ORDER - 2n], [(P256_ORDER + 1n) / 2n]],
    },
  );
  expect(() => publicPoint(0n)).toThrow(TypeError);
});

test('a derived key signs for its public half and cannot be taken out', async () => {
  const { signing, seal } = await recoveryKeys(random(16));
  const es256 = { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await crypto.subtle.sign(es256, signing.key, random(40));
  expect(signature.byteLength).toBe(64);
  expect([signing.key.extractable, seal.extractable]).toEqual([false, false]);
});

test('a secret that is too short is a mistake of ours', async () => {
  await expect(recoveryKeys(random(15))).rejects.toThrow(TypeError);
  await expect(writeWords(random(32))).rejects.toThrow(TypeError);
});

test('the length of a chunk says how many kB it has and no more', async () => {
  const key = await importAesKey(random(32));
  const place = { account: 'a', device: 'd', place: 1 };
  const sealed = (length: number) => sealChunk('x'.repeat(length), place, { key, iv: random(12) });
  const [short, long, over] = await Promise.all([sealed(1), sealed(1024), sealed(1025)]);
  expect(short.length).toBe(long.length);
  expect(over.length).toBeGreaterThan(long.length);
  expect(await openChunk(short, place, key)).toBe('x');
  expect((await sealed(CHUNK_TEXT_BYTES_MAX)).length).toBeLessThanOrEqual(65_536);
  expect(() => sealed(CHUNK_TEXT_BYTES_MAX + 1)).toThrow(TypeError);
});
