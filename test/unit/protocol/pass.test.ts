import { describe, expect, test } from 'vitest';
import { importHmacKey } from '../../../src/protocol/challenge.ts';
import { openPass, passCookie, passName, sealPass } from '../../../src/protocol/pass.ts';

const ID = 'AAAAAAAAAAAAAAAAAAAAAA';
const PASS = { origin: 'https://news.example', item: '/a', exp: 2_000_000_000, pur: ID, seq: 1 };

describe('a pass', () => {
  test('is opened by the key that sealed it and by no other', async () => {
    const key = await importHmacKey(new Uint8Array(32).fill(1));
    const other = await importHmacKey(new Uint8Array(32).fill(2));
    const token = await sealPass(PASS, key);
    expect(await openPass(token, key)).toEqual(PASS);
    expect(await openPass(token, other)).toBeUndefined();
  });

  test('for the longest item still fits a cookie of 2,048 characters', async () => {
    const key = await importHmacKey(new Uint8Array(32));
    const item = 'é'.repeat(256);
    const origin = `https://${'a.'.repeat(120)}example`;
    const token = await sealPass({ ...PASS, origin, item }, key);
    expect(await openPass(token, key)).toMatchObject({ item });
  });
});

describe('the name of a pass', () => {
  test('names neither the page nor the origin, and differs by both', async () => {
    const name = await passName('https://news.example', '/a');
    expect(name).toMatch(/^__Secure-fee-[A-Za-z0-9_-]{16}$/);
    expect(await passName('https://news.example', '/b')).not.toBe(name);
    expect(await passName('https://news2.example', '/a')).not.toBe(name);
  });

  test('does not confuse where the origin ends', async () => {
    expect(await passName('https://a.example', '/b/c')).not.toBe(
      await passName('https://a.example/b', '/c'),
    );
  });
});

describe('the cookie of a pass', () => {
  const cookie = (path: string) => passCookie({ name: 'n', token: 't', path, ageSec: 60 });

  test('is kept from scripts, from http and from foreign requests', () => {
    expect(cookie('/articles/42')).toBe(
      'n=t; Path=/articles/42; Max-Age=60; HttpOnly; Secure; SameSite=Lax',
    );
  });

  test.each([
    ['/a;Domain=example', '/'],
    ['/articles/42;v=1', '/articles/'],
    ['/articles;v=1/42', '/'],
    ['/articles/42\r\nSet-Cookie: x=y', '/articles/'],
    ['/a%3Bb', '/a%3Bb'],
    ['/', '/'],
  ])('on %j is sent under %s: a path cannot add attributes', (path, sent) => {
    expect(cookie(path)).toBe(`n=t; Path=${sent}; Max-Age=60; HttpOnly; Secure; SameSite=Lax`);
  });
});
