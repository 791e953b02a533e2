import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isErrorCode } from '../../src/protocol/codes.ts';
import { vectorTexts } from './make.ts';
import type { VectorFile } from './material.ts';
import { outcome } from './operations.ts';
import { joined, keyOf, sign } from './p256.ts';

const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.json'));
const read = (name: string) => readFileSync(`${import.meta.dirname}/${name}`, 'utf8');
const files = names
  .filter((name) => name !== 'keys.json')
  .map((name) => ({ name, ...(JSON.parse(read(name)) as VectorFile) }));

describe.each(files)('$name', ({ operation, vectors }) => {
  test.each(vectors)('$expect: $description', async ({ input, expect: expected, output }) => {
    expect(await outcome(operation, input)).toEqual(
      expected === 'ok' ? { expect: 'ok', output } : { expect: expected },
    );
  });
});

describe('the vector files', () => {
  test('are what make.ts writes now', () => {
    const made = vectorTexts();
    expect(names.toSorted()).toEqual([...made.keys()].toSorted());
    for (const [name, text] of made)
      expect(read(name) === text, `${name} is stale: run npm run vectors`).toBe(true);
  });

  test.each(files)('$name says each thing once, in codes of SPEC 12', ({ vectors }) => {
    const said = vectors.map(({ expect: code, description }) => `${code}: ${description}`);
    expect(said.filter((text, index) => said.indexOf(text) !== index)).toEqual([]);
    for (const { expect: code } of vectors)
      expect(code === 'ok' || code === 'none' || isErrorCode(code), code).toBe(true);
  });

  test('each operation accepts something and, but for a writer, refuses something', () => {
    const writers = ['challengeFormat'];
    for (const operation of new Set(files.map((file) => file.operation))) {
      if (operation === 'type') continue;
      const vectors = files
        .filter((file) => file.operation === operation)
        .flatMap((f) => f.vectors);
      expect(
        vectors.some(({ expect: code }) => code === 'ok'),
        operation,
      ).toBe(true);
      if (!writers.includes(operation))
        expect(
          vectors.some(({ expect: code }) => code !== 'ok'),
          operation,
        ).toBe(true);
    }
  });
});

describe('the signer of the vectors', () => {
  test('signs as RFC 6979 A.2.5 does', () => {
    const key = keyOf(0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721n);
    expect(joined(sign('sample', key)).toString('hex').toUpperCase()).toBe(
      'EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716' +
        'F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8',
    );
  });

  test('has the key of RFC 7515 A.3', () => {
    const { keys } = JSON.parse(read('keys.json')) as { keys: { purse: object } };
    expect(keys.purse).toEqual({
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
    });
  });
});
