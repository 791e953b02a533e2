/** A purchase and what may happen after it: lost replies, a changed world, failing pages. */
import { expect, it } from 'vitest';
import { decodeOpaque } from '../../../src/protocol/challenge.ts';
import type { Micros } from '../../../src/protocol/money.ts';
import { createSeller, memoryStore, type Store } from '../../../src/seller/index.ts';
import {
  challengeIn,
  headerFor,
  makeKey,
  pageChallenge,
  payChallenge,
  renewCertificate,
  START_MS,
  settlePurse,
  type TestPurse,
  termsFor,
  twinOf,
} from '../../support/payer.ts';
import {
  chargeFor42,
  codeOf,
  cookieOf,
  openShop,
  PAYTO,
  receiptOf,
  rowOf,
  type Shop,
  TERMS_42,
  URL_42,
} from './shop.ts';

const DAY_MS = 86_400_000;

it('a charge opens the article and is answered with a receipt and a pass', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const charge = await chargeFor42(purse);
  const answer = await shop.pay(charge.header);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe('the article');
  const atSec = START_MS / 1000;
  expect(receiptOf(answer).claims).toEqual({
    pur: purse.id,
    seq: 1,
    tot: 20_000n,
    bnd: charge.claims.bnd,
    amt: 20_000n,
    at: atSec,
    until: atSec + 365 * 86_400,
    undo: atSec + 600,
  });
  const again = await shop.visit({ Cookie: cookieOf(answer) });
  expect(await again.text()).toBe('the article');
});

it('the seller’s own challenge is paid as well as one from the page', async () => {
  const shop = await openShop();
  const charge = await payChallenge(await shop.purse(), challengeIn(await shop.visit()));
  expect((await shop.pay(charge.header)).status).toBe(200);
});

it('a remembered certificate may be left out', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const first = await chargeFor42(purse);
  await shop.pay(first.header);
  settlePurse(purse, first);
  const second = await chargeFor42(purse);
  const answer = await shop.pay(headerFor(purse, second, { certificate: null }));
  expect(receiptOf(answer).claims.tot).toBe(40_000n);
});

/** Protocol 11, case 1. */
const CHANGED_WORLDS: [string, (shop: Shop, purse: TestPurse) => unknown][] = [
  ['nothing has changed', () => undefined],
  ['the price has risen', ({ world }) => Object.assign(world, { price: '0.03 USD' })],
  ['the price has fallen', ({ world }) => Object.assign(world, { price: '0.01 USD' })],
  ['the item has become free', ({ world }) => Object.assign(world, { price: 'free' })],
  ['the challenge has expired', ({ world }) => Object.assign(world, { nowMs: START_MS + DAY_MS })],
  ['the purse has expired', ({ world }) => Object.assign(world, { nowMs: START_MS + 8 * DAY_MS })],
  ['the limit was raised', (_, purse) => renewCertificate(purse, { lim: 500_000n as Micros })],
  [
    'the provider’s key was rotated',
    async ({ provider }) => {
      provider.signing = await makeKey();
      provider.keys = [provider.signing];
    },
  ],
  ['the seller was restarted', ({ restart }) => restart()],
  [
    'the seller was restarted and the provider is down',
    ({ restart, provider }) => {
      restart();
      provider.isUp = false;
    },
  ],
];
it.each(CHANGED_WORLDS)(
  'a reply is lost and %s: the same receipt, paid once',
  async (_, change) => {
    const shop = await openShop();
    const purse = await shop.purse();
    const charge = await payChallenge(purse, challengeIn(await shop.visit()));
    const lost = receiptOf(await shop.pay(charge.header));
    await change(shop, purse);

    const answer = await shop.pay(headerFor(purse, charge));
    expect(await answer.text()).toBe('the article');
    expect(receiptOf(answer).token).toBe(lost.token);
    expect(await rowOf(shop, purse)).toMatchObject({ seq: 1, tot: 20_000n });

    settlePurse(purse, charge);
    Object.assign(shop.world, { price: '0.02 USD', nowMs: START_MS });
    const next = await shop.pay((await chargeFor42(purse)).header);
    expect(receiptOf(next).claims).toMatchObject({ seq: 2, tot: 40_000n });
  },
);

it('an older charge again is superseded', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const first = await chargeFor42(purse);
  await shop.pay(first.header);
  settlePurse(purse, first);
  await shop.pay((await chargeFor42(purse)).header);
  expect(await codeOf(await shop.pay(first.header))).toBe('superseded');
});

it('an accepted charge opens what it bought and nothing else', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const charge = await chargeFor42(purse);
  const first = await shop.pay(charge.header);
  const elsewhere = await shop.pay(charge.header, 'https://news.example/articles/43');
  expect(elsewhere.headers.get('Payment-Receipt')).toBe(first.headers.get('Payment-Receipt'));
  expect(await codeOf(elsewhere)).toBe('terms_changed');
  expect(shop.world.answers).toBe(1);
});

it('a known charge with another opening or salt is refused', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const charge = await chargeFor42(purse);
  await shop.pay(charge.header);
  const { salt } = await chargeFor42(purse);
  const guessed = await shop.pay(headerFor(purse, { ...charge, salt }));
  expect(await codeOf(guessed)).toBe('binding_mismatch');
  expect(guessed.headers.has('Payment-Receipt')).toBe(false);
});

it('a charge sent again after its time is over brings the receipt and opens nothing', async () => {
  const shop = await openShop({ duration: 'P1D' });
  const purse = await shop.purse();
  const charge = await chargeFor42(purse, { durationSec: 86_400 });
  const first = await shop.pay(charge.header);
  shop.world.nowMs += DAY_MS;
  const late = await shop.pay(charge.header);
  expect(late.headers.get('Payment-Receipt')).toBe(first.headers.get('Payment-Receipt'));
  expect(await codeOf(late)).toBe('used');
});

it('what is used up at once runs its handler once and sets no pass', async () => {
  const shop = await openShop({ duration: 'PT0S' });
  const purse = await shop.purse();
  const charge = await chargeFor42(purse, { durationSec: 0 });
  const first = await shop.pay(charge.header);
  expect(await first.text()).toBe('the article');
  expect(cookieOf(first)).toBe('');
  const again = await shop.pay(charge.header);
  expect(again.headers.get('Payment-Receipt')).toBe(first.headers.get('Payment-Receipt'));
  expect(await codeOf(again)).toBe('used');
  expect(shop.world.answers).toBe(1);
});

const FAILURES: [string, () => Response][] = [
  ['500', () => new Response('oops', { status: 500 })],
  ['a redirect', () => Response.redirect('https://news.example/articles/42/', 301)],
  ['403', () => new Response('not you', { status: 403 })],
  ['404', () => new Response('gone', { status: 404 })],
  [
    'an exception',
    () => {
      throw new Error('the database is away');
    },
  ],
  ['nothing at all', () => undefined as unknown as Response],
  [
    'what was read before',
    () => {
      const page = new Response('the article');
      void page.text();
      return page;
    },
  ],
  ['a network error', () => Response.error()],
];
it.each(FAILURES)('a page that answers %s costs nothing', async (_, fail) => {
  const shop = await openShop();
  const purse = await shop.purse();
  const first = await chargeFor42(purse);
  const paid = await shop.pay(first.header);
  settlePurse(purse, first);

  shop.answerWith(fail);
  const second = await chargeFor42(purse);
  const failed = await shop.pay(second.header);
  expect(await codeOf(failed)).toBe('not_delivered');
  expect(failed.headers.has('Payment-Receipt')).toBe(false);
  expect(await rowOf(shop, purse)).toMatchObject({ seq: 1, tot: 20_000n, charge: first.token });

  shop.answerWith(() => new Response('the article'));
  expect(receiptOf(await shop.pay(first.header)).token).toBe(receiptOf(paid).token);
  expect(receiptOf(await shop.pay(second.header)).claims.tot).toBe(40_000n);
});

it('what a handler throws is heard by the shop', async () => {
  const shop = await openShop();
  const error = new Error('the database is away');
  shop.answerWith(() => {
    throw error;
  });
  await shop.pay((await chargeFor42(await shop.purse())).header);
  expect(shop.world.errors).toEqual([error]);
});

it('a first charge that failed leaves a purse at nothing, and can be paid again', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const charge = await chargeFor42(purse);
  shop.answerWith(() => new Response(null, { status: 503 }));
  await shop.pay(charge.header);
  expect(await rowOf(shop, purse)).toMatchObject({ seq: 0, tot: 0n, charge: undefined });
  expect(await shop.store.due({ limit: 10 })).toEqual([]);
  shop.answerWith(() => new Response('the article'));
  expect(receiptOf(await shop.pay(charge.header)).claims.tot).toBe(20_000n);
});

it('a charge whose receipt went out by another request is not taken back', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const charge = await chargeFor42(purse);
  const slow = Promise.withResolvers<Response>();
  const running = Promise.withResolvers<void>();
  shop.answerWith(() => {
    running.resolve();
    return slow.promise;
  });
  const first = shop.pay(charge.header);
  await running.promise;
  shop.answerWith(() => new Response('the article'));
  const second = await shop.pay(charge.header);
  slow.resolve(new Response(null, { status: 500 }));
  const answer = await first;
  expect(answer.status).toBe(500);
  expect(receiptOf(answer).token).toBe(receiptOf(second).token);
  expect(await rowOf(shop, purse)).toMatchObject({ seq: 1, firm: true });
});

it('a charge that another wallet was told of is not taken back', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const [charge, rival] = [await chargeFor42(purse), await chargeFor42(purse)];
  const slow = Promise.withResolvers<Response>();
  const running = Promise.withResolvers<void>();
  shop.answerWith(() => {
    running.resolve();
    return slow.promise;
  });
  const first = shop.pay(charge.header);
  await running.promise;
  const told = challengeIn(await shop.pay(rival.header));
  expect(decodeOpaque(told.opaque ?? '')).toEqual({ last: charge.token });
  slow.resolve(new Response(null, { status: 500 }));
  const answer = await first;
  expect(answer.status).toBe(500);
  expect(receiptOf(answer).claims).toMatchObject({ seq: 1, bnd: charge.claims.bnd });
  expect(await rowOf(shop, purse)).toMatchObject({ seq: 1, charge: charge.token });
});

it('a charge that could not be decided on is not refused', async () => {
  const store: Store = { ...memoryStore(), put: async () => false };
  const shop = await openShop({}, { store });
  const { header } = await chargeFor42(await shop.purse());
  await expect(shop.pay(header)).rejects.toThrow('undecided');
});

it('of two charges for one place exactly one is accepted', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const rivals = await Promise.all([chargeFor42(purse), chargeFor42(purse)]);
  const answers = await Promise.all(rivals.map(({ header }) => shop.pay(header)));
  const codes = await Promise.all(answers.map(codeOf));
  expect(codes.sort()).toEqual(['out_of_sync', 'status 200']);
  expect(await rowOf(shop, purse)).toMatchObject({ seq: 1, tot: 20_000n });
});

it('ten times the same charge at one moment is one charge', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const charge = await chargeFor42(purse);
  const twin = headerFor(purse, { ...charge, token: twinOf(charge.token) });
  const headers = Array.from({ length: 10 }, (_, index) => (index % 2 ? twin : charge.header));
  const answers = await Promise.all(headers.map((header) => shop.pay(header)));
  expect(new Set(answers.map((answer) => receiptOf(answer).token)).size).toBe(1);
  expect(await rowOf(shop, purse)).toMatchObject({ seq: 1, tot: 20_000n });
});

it('a raised certificate carries what the former one could not', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  Object.assign(shop.world, { price: '0.20 USD' });
  const dear = { amountMicros: 200_000n as Micros };
  expect(await codeOf(await shop.pay((await chargeFor42(purse, dear)).header))).toBe('over_limit');
  const former = purse.certificate;
  await renewCertificate(purse, { lim: 500_000n as Micros });
  const charge = await chargeFor42(purse, dear);
  expect((await shop.pay(charge.header)).status).toBe(200);
  settlePurse(purse, charge);
  const behind = await payChallenge(purse, await pageChallenge(URL_42, { ...TERMS_42, ...dear }), {
    certificate: former,
  });
  expect((await shop.pay(behind.header)).status).toBe(200);
});

it('a charge makes one read and one write of the store', async () => {
  const inner = memoryStore();
  const calls: string[] = [];
  const store: Store = {
    get: (purse) => {
      calls.push('get');
      return inner.get(purse);
    },
    put: (row) => {
      calls.push('put');
      return inner.put(row);
    },
    due: (page) => inner.due(page),
  };
  const shop = await openShop({}, { store });
  await shop.pay((await chargeFor42(await shop.purse())).header);
  expect(calls).toEqual(['get', 'put']);
  await shop.visit();
  expect(calls).toEqual(['get', 'put']);
});

it('a store that fails leaves the charge unresolved: no receipt, no coded refusal', async () => {
  const inner = memoryStore();
  const store: Store = {
    ...inner,
    put: async () => {
      throw new Error('disk full');
    },
  };
  const shop = await openShop({}, { store });
  const { header } = await chargeFor42(await shop.purse());
  await expect(shop.pay(header)).rejects.toThrow('disk full');
});

it('a price that the shop got wrong is the shop’s error, not a refusal', async () => {
  const shop = await openShop({ price: () => '2 cents' });
  await expect(shop.visit()).rejects.toThrow(TypeError);
  const { header } = await chargeFor42(await shop.purse());
  await expect(shop.pay(header)).rejects.toThrow('2 cents');
});

it('a path that the shop got wrong is found before anything is booked', async () => {
  const shop = await openShop({ path: () => 'articles' });
  const purse = await shop.purse();
  await expect(shop.pay((await chargeFor42(purse)).header)).rejects.toThrow('path');
  expect(await rowOf(shop, purse)).toBeUndefined();
});

it('a charge for what has become free is refused, and says how to open it', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const { header } = await chargeFor42(purse);
  Object.assign(shop.world, { price: 'free' });
  const answer = await shop.pay(header);
  expect(answer.headers.has('WWW-Authenticate')).toBe(false);
  expect(await codeOf(answer)).toBe('terms_changed');
  expect(await rowOf(shop, purse)).toBeUndefined();
  expect(await (await shop.visit()).text()).toBe('the article');
});

it('items of a shop’s own naming open many addresses', async () => {
  const shop = await openShop({ item: 'album/7', path: '/tunes/' });
  const terms = termsFor({ payto: PAYTO, item: 'album/7' });
  const charge = await payChallenge(await shop.purse(), await pageChallenge(URL_42, terms));
  const answer = await shop.pay(charge.header, 'https://news.example/tunes/1');
  expect(answer.headers.getSetCookie()[0]).toContain('; Path=/tunes/;');
  const other = await shop.visit({ Cookie: cookieOf(answer) }, 'https://news.example/tunes/2');
  expect(other.status).toBe(200);
});

it('a secret that opens nothing is found by whoever needs it first', async () => {
  const secret = `fsk1_${Buffer.alloc(224, 1).toString('base64url')}`;
  const seller = createSeller({ payto: PAYTO, secret, store: memoryStore() });
  await expect(seller.proof()).rejects.toMatchObject({ code: 'secret_malformed' });
});
