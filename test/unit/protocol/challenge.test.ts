import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  buildChallenge,
  EXPIRES_NEVER,
  formatChallenge,
  importHmacKey,
  isGenuine,
  isPageBuilt,
  parseChallenges,
  sealChallenge,
} from '../../../src/protocol/challenge.ts';

const SECRET = new Uint8Array(32).fill(7);
const UNSEALED = {
  realm: 'news.example',
  method: 'farthing',
  intent: 'charge',
  request: 'eyJ9',
  expires: '2030-01-31T12:00:00Z',
  digest: 'sha-256=:AAAA:',
  opaque: 'e30',
} as const;

describe('the id of a server’s challenge', () => {
  test('is the HMAC of its seven slots in the order that mppx has', async () => {
    const expected = createHmac('sha256', SECRET)
      .update('news.example|farthing|charge|eyJ9|2030-01-31T12:00:00Z|sha-256=:AAAA:|e30')
      .digest('base64url');
    const challenge = await sealChallenge(UNSEALED, await importHmacKey(SECRET));
    expect(challenge.id).toBe(expected);
  });

  test('leaves absent slots empty', async () => {
    const { digest: _digest, opaque: _opaque, ...short } = UNSEALED;
    const expected = createHmac('sha256', SECRET)
      .update('news.example|farthing|charge|eyJ9|2030-01-31T12:00:00Z||')
      .digest('base64url');
    const challenge = await sealChallenge(short, await importHmacKey(SECRET));
    expect(challenge.id).toBe(expected);
  });

  test('is genuine after a way through the header', async () => {
    const key = await importHmacKey(SECRET);
    const sealed = await sealChallenge({ ...UNSEALED, description: 'Ebbe & Flut\n„潮“' }, key);
    const [read] = parseChallenges(formatChallenge(sealed));
    expect(read).toEqual(sealed);
    expect(read && (await isGenuine(read, key))).toBe(true);
  });
});

describe('a challenge built from a page', () => {
  const build = (nonce: number) =>
    buildChallenge({
      realm: 'news.example',
      request: 'eyJ9',
      expires: undefined,
      nonce: new Uint8Array(16).fill(nonce),
    });

  test('says so, never ends by itself and is genuine without the secret', async () => {
    const challenge = await build(1);
    expect(isPageBuilt(challenge)).toBe(true);
    expect(challenge.expires).toBe(EXPIRES_NEVER);
    expect(await isGenuine(challenge, await importHmacKey(new Uint8Array(1)))).toBe(true);
  });

  test('has an id of its own each time', async () => {
    expect((await build(1)).id).not.toBe((await build(2)).id);
  });

  test('keeps the end that the offer has', async () => {
    const challenge = await buildChallenge({
      realm: 'news.example',
      request: 'eyJ9',
      expires: '2030-01-31T12:00:00Z',
      nonce: new Uint8Array(16),
    });
    expect(challenge.expires).toBe('2030-01-31T12:00:00Z');
  });
});

describe('the header of a challenge', () => {
  test('has nothing in it that a header cannot carry', async () => {
    const challenge = await sealChallenge(
      { ...UNSEALED, description: 'a\r\nSet-Cookie: x=y\u0000潮👍"\\' },
      await importHmacKey(SECRET),
    );
    expect(formatChallenge(challenge)).toMatch(/^[\x20-\x7e]+$/);
    expect(() => new Headers({ 'www-authenticate': formatChallenge(challenge) })).not.toThrow();
  });
});
