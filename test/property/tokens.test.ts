/** No token that was changed, and nothing that was never signed, is ever taken for a good one. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { readCertificate, signCertificate } from '../../src/protocol/certificate.ts';
import { importHmacKey } from '../../src/protocol/challenge.ts';
import { readCharge, signCharge } from '../../src/protocol/charge.ts';
import { FarthingError } from '../../src/protocol/errors.ts';
import { checkJws, signingInputOf, type UncheckedJws } from '../../src/protocol/jws.ts';
import { exportPublicKey, thumbprint } from '../../src/protocol/key.ts';
import { micros } from '../../src/protocol/money.ts';
import { openPass, sealPass } from '../../src/protocol/pass.ts';
import { readReceipt, signReceipt } from '../../src/protocol/receipt.ts';

const ID = 'AAAAAAAAAAAAAAAAAAAAAA';
const HASH = 'A'.repeat(43);
const READERS = [readCertificate, readCharge, readReceipt];

let pair: CryptoKeyPair;
/** A certificate, a charge and a receipt, all well signed, in the order of their readers. */
let tokens: string[];

beforeAll(async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const jwk = await exportPublicKey(pair.publicKey);
  const signer = { key: pair.privateKey, kid: await thumbprint(jwk) };
  const purse = { iss: 'https://pay.example', jti: ID, aud: 'a@pay.example', cur: 'USD', sub: ID };
  const life = { iat: 1_800_000_000, exp: 1_800_604_800 };
  const tot = micros(20_000n);
  tokens = [
    await signCertificate({ ...purse, ...life, lim: tot, cnf: { jwk }, undo: 3 }, signer),
    await signCharge(
      { pur: ID, aud: 'a@pay.example', cur: 'USD', seq: 1, tot, bnd: HASH },
      pair.privateKey,
    ),
    await signReceipt(
      { pur: ID, seq: 1, tot, bnd: HASH, amt: tot, at: 1, until: 2, undo: 1 },
      signer,
    ),
  ];
});

/** Whether some reader takes `token` and its signature holds; refusals must be FarthingErrors. */
async function isTaken(token: string): Promise<boolean> {
  for (const read of READERS) {
    let jws: UncheckedJws;
    try {
      jws = read(token).jws;
      await checkJws(jws, pair.publicKey);
      return true;
    } catch (error) {
      if (!(error instanceof FarthingError)) throw error;
    }
  }
  return false;
}

const which = fc.nat(2);
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n';

describe('a token', () => {
  test('as it was signed is taken', async () => {
    for (const token of tokens) expect(await isTaken(token)).toBe(true);
  });

  test('with one letter changed is not', async () => {
    const change = fc.record({ which, at: fc.nat(), letter: fc.constantFrom(...LETTERS) });
    await fc.assert(
      fc.asyncProperty(change, async ({ which: index, at, letter }) => {
        const token = tokens[index] ?? '';
        const place = at % token.length;
        fc.pre(token[place] !== letter);
        const changed = token.slice(0, place) + letter + token.slice(place + 1);
        expect(await isTaken(changed)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test('cut, doubled or grown is not', async () => {
    const cut = fc.record({ which, from: fc.nat(), to: fc.nat(), extra: fc.base64String() });
    await fc.assert(
      fc.asyncProperty(cut, async ({ which: index, from, to, extra }) => {
        const token = tokens[index] ?? '';
        const changed =
          token.slice(0, from % token.length) + extra + token.slice(to % (token.length + 1));
        fc.pre(changed !== token);
        expect(await isTaken(changed)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('with the segments of another is not', async () => {
    const segments = fc.tuple(which, which, which);
    await fc.assert(
      fc.asyncProperty(segments, async ([a, b, c]) => {
        fc.pre(a !== b || b !== c);
        const mixed = [a, b, c].map((index, place) => tokens[index]?.split('.')[place]).join('.');
        expect(await isTaken(mixed)).toBe(false);
      }),
    );
  });

  test('with a member changed and the old signature is not', async () => {
    const member = fc.record({
      which,
      name: fc.constantFrom('lim', 'tot', 'amt', 'seq', 'exp', 'pur', 'jti', 'until', 'new'),
      value: fc.oneof(fc.nat(), fc.nat().map(String), fc.constant(null)),
    });
    await fc.assert(
      fc.asyncProperty(member, async ({ which: index, name, value }) => {
        const [header = '', payload = '', signature = ''] = (tokens[index] ?? '').split('.');
        const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
        const changed = Buffer.from(JSON.stringify({ ...claims, [name]: value }));
        fc.pre(changed.toString('base64url') !== payload);
        expect(await isTaken(`${header}.${changed.toString('base64url')}.${signature}`)).toBe(
          false,
        );
      }),
      { numRuns: 300 },
    );
  });

  test('that is only bytes is not', async () => {
    const segment = fc
      .uint8Array({ maxLength: 200 })
      .map((data) => Buffer.from(data).toString('base64url'));
    await fc.assert(
      fc.asyncProperty(segment, segment, segment, async (a, b, c) => {
        expect(await isTaken(`${a}.${b}.${c}`)).toBe(false);
      }),
    );
  });

  test('has the identity of its twin and of nothing else', () => {
    fc.assert(
      fc.property(which, which, fc.base64String(), (a, b, other) => {
        const inputs = [tokens[a] ?? '', tokens[b] ?? ''].map(signingInputOf);
        expect(inputs[0] === inputs[1]).toBe(a === b);
        expect(signingInputOf(`${inputs[0]}.${other.replaceAll('.', '')}`)).toBe(inputs[0]);
      }),
    );
  });
});

describe('a pass', () => {
  test('with one letter changed opens nothing', async () => {
    const key = await importHmacKey(new Uint8Array(32));
    const pass = { origin: 'https://news.example', item: '/a', exp: 2, pur: ID, seq: 1 };
    const token = await sealPass(pass, key);
    expect(await openPass(token, key)).toEqual(pass);
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.constantFrom(...LETTERS), async (at, letter) => {
        const place = at % token.length;
        fc.pre(token[place] !== letter);
        const changed = token.slice(0, place) + letter + token.slice(place + 1);
        expect(await openPass(changed, key)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});
