/** Many things bought under one path: their passes never fill a header (SPEC 7.2). */
import { expect, test } from 'vitest';
import { micros } from '../../../src/protocol/money.ts';
import {
  challengeIn,
  makePurse,
  payChallenge,
  settlePurse,
  type TestPurse,
} from '../../support/payer.ts';
import { codeOf, openShop, PAYTO, type Shop } from './shop.ts';

const urlOf = (post: number) => `https://news.example/?p=${post}`;

/** The cookies of a browser, by their names; all of them are of one path. */
function openJar(own = 'session=42') {
  const held = new Map<string, string>();
  return {
    held,
    header: () =>
      [own, ...held].map((it) => (typeof it === 'string' ? it : it.join('='))).join('; '),
    keep: (answer: Response) => {
      for (const cookie of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*);/.exec(cookie) ?? [];
        expect(cookie).toContain('; Path=/; ');
        if (cookie.includes('Max-Age=0;')) held.delete(name);
        else held.set(name, value);
      }
    },
  };
}

async function buy(
  shop: Shop,
  purse: TestPurse,
  { post, Cookie }: { post: number; Cookie: string },
) {
  const charge = await payChallenge(purse, challengeIn(await shop.visit({}, urlOf(post))));
  const answer = await shop.visit({ Cookie, Authorization: charge.header }, urlOf(post));
  expect(answer.status).toBe(200);
  settlePurse(purse, charge);
  return answer;
}

async function openBlog() {
  const shop = await openShop();
  const lim = micros(100_000_000n);
  return { shop, purse: await makePurse(shop.provider, PAYTO, { lim }) };
}

test('of a hundred posts of one path the passes of the last ones are kept', async () => {
  const { shop, purse } = await openBlog();
  const jar = openJar();
  for (let post = 1; post <= 100; post++) {
    jar.keep(await buy(shop, purse, { post, Cookie: jar.header() }));
    expect(jar.header().length).toBeLessThan(3_500);
  }
  for (let post = 91; post <= 100; post++)
    expect((await shop.visit({ Cookie: jar.header() }, urlOf(post))).status).toBe(200);
  const first = await shop.visit({ Cookie: jar.header() }, urlOf(1));
  expect(await codeOf(first)).toBe('payment_required');
});

test('the shop’s own cookies, however long, take no pass back', async () => {
  const { shop, purse } = await openBlog();
  const jar = openJar(`session=${'x'.repeat(5_000)}`);
  for (let post = 1; post <= 5; post++)
    jar.keep(await buy(shop, purse, { post, Cookie: jar.header() }));
  expect(jar.held.size).toBe(5);
});

test('what was bought again has one pass, and takes none of the others', async () => {
  const { shop, purse } = await openBlog();
  const jar = openJar();
  for (let post = 1; post <= 10; post++)
    jar.keep(await buy(shop, purse, { post, Cookie: jar.header() }));
  const { size } = jar.held;
  jar.keep(await buy(shop, purse, { post: 10, Cookie: jar.header() }));
  expect(jar.held.size).toBe(size);
});

test('what was bought again first of all, where there is no room, has its pass', async () => {
  const { shop, purse } = await openBlog();
  const jar = openJar('');
  const roomLength = () => [...jar.held].map((it) => it.join('=')).join().length;
  for (let post = 1; roomLength() <= 3_072; post++)
    jar.keep(await buy(shop, purse, { post, Cookie: jar.header() }));
  expect((await shop.visit({ Cookie: jar.header() }, urlOf(1))).status).toBe(200);
  jar.keep(await buy(shop, purse, { post: 1, Cookie: jar.header() }));
  expect((await shop.visit({ Cookie: jar.header() }, urlOf(1))).status).toBe(200);
});
