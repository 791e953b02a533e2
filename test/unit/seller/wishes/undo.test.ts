import { expect, test } from 'vitest';
import { checkJwsByKid } from '../../../../src/protocol/jws.ts';
import { importPublicKey } from '../../../../src/protocol/key.ts';
import { micros } from '../../../../src/protocol/money.ts';
import { readRefundNote } from '../../../../src/protocol/undo.ts';
import { putPurse } from '../../../../src/seller/charges/purses.ts';
import { memoryStore } from '../../../../src/seller/index.ts';
import { importSecret } from '../../../../src/seller/keys.ts';
import { makeSecret, readSecrets } from '../../../../src/seller/secret.ts';
import {
  makeKey,
  makePurse,
  pageChallenge,
  payChallenge,
  START_MS,
  settlePurse,
  type TestPurse,
  undoHeader,
} from '../../../support/payer.ts';
import {
  chargeFor42,
  codeOf,
  cookieOf,
  gatedStore,
  isOfPurse,
  openShop,
  PAYTO,
  receiptOf,
  rowOf,
  type Shop,
  TERMS_42,
  URL_42,
} from '../shop.ts';

const MINUTE_MS = 60_000;

async function buy42(shop: Shop, purse: TestPurse) {
  const charge = await chargeFor42(purse);
  const answer = await shop.pay(charge.header);
  settlePurse(purse, charge);
  return { charge, receipt: receiptOf(answer).token, cookie: cookieOf(answer) };
}

async function bought42(options: Parameters<typeof openShop>[1] = {}) {
  const shop = await openShop({}, options);
  const purse = await shop.purse();
  return { shop, purse, bought: await buy42(shop, purse) };
}

async function refundIn(answer: Response): Promise<string> {
  expect(answer.status).toBe(200);
  const { refund } = (await answer.json()) as { refund: string };
  return refund;
}

test('inside the window a note gives back what the charge brought', async () => {
  const secret = await makeSecret();
  const { shop, purse, bought } = await bought42({ secret });
  const note = await refundIn(await shop.pay(await undoHeader(purse, bought)));
  const { claims, jws } = readRefundNote(note);
  const [parts] = readSecrets(secret);
  const { receipt } = await importSecret(parts);
  await checkJwsByKid(jws, new Map([[receipt.kid, await importPublicKey(receipt.jwk)]]));
  expect(claims).toEqual({ aud: PAYTO, pur: purse.id, seq: 1, amt: 20_000n, rtot: 20_000n });
  // The purse's total never goes back: the provider takes the note off what it captured.
  expect(await rowOf(shop, purse)).toMatchObject({ seq: 1, tot: 20_000n, firm: true });
});

test('an undo again is the same note, also after the window', async () => {
  const { shop, purse, bought } = await bought42();
  const first = await refundIn(await shop.pay(await undoHeader(purse, bought)));
  shop.world.nowMs += 60 * MINUTE_MS;
  expect(await refundIn(await shop.pay(await undoHeader(purse, bought)))).toBe(first);
  expect((await rowOf(shop, purse))?.refunds).toHaveLength(1);
});

test('two undos at one moment are one', async () => {
  const { shop, purse, bought } = await bought42();
  const header = await undoHeader(purse, bought);
  const notes = await Promise.all(
    [header, header, header].map(async (it) => refundIn(await shop.pay(it))),
  );
  expect(new Set(notes).size).toBe(1);
});

test('a second undo says what went back in all', async () => {
  const { shop, purse, bought } = await bought42();
  await shop.pay(await undoHeader(purse, bought));
  const url = 'https://news.example/articles/43';
  const terms = { ...TERMS_42, item: '/articles/43' };
  const charge = await payChallenge(purse, await pageChallenge(url, terms));
  const receipt = receiptOf(await shop.pay(charge.header, url)).token;
  const note = await refundIn(await shop.pay(await undoHeader(purse, { charge, receipt })));
  expect(readRefundNote(note).claims).toMatchObject({ seq: 2, amt: 20_000n, rtot: 40_000n });
});

test('what was undone opens no more: not by its pass, its charge or its receipt', async () => {
  const { shop, purse, bought } = await bought42();
  const { cookie: Cookie } = bought;
  expect((await shop.visit({ Cookie })).status).toBe(200);
  const answer = await shop.pay(await undoHeader(purse, bought));
  expect(answer.headers.get('Set-Cookie')).toContain('Max-Age=0');
  expect((await shop.visit({ Cookie })).status).toBe(402);
  expect(await codeOf(await shop.pay(bought.charge.header))).toBe('refunded');
  expect((await buy42(shop, purse)).charge.claims.seq).toBe(2);
});

test('the pass of what was undone does not hide one that is good', async () => {
  const { shop, purse, bought } = await bought42();
  await shop.pay(await undoHeader(purse, bought));
  const again = await buy42(shop, purse);
  // A browser sends the cookie of the longer path first.
  const Cookie = `${bought.cookie}; ${again.cookie}`;
  expect((await shop.visit({ Cookie })).status).toBe(200);
});

test('what the provider has undone opens nothing, heard of half a day later', async () => {
  const { shop, purse, bought } = await bought42();
  shop.world.nowMs += 12 * 60 * MINUTE_MS;
  const before = await shop.visit({ Cookie: bought.cookie });
  expect([before.status, cookieOf(before)]).toEqual([200, '']);
  const row = await rowOf(shop, purse);
  if (!row) throw new Error('no row');
  const refunds = [{ seq: 1, amt: micros(20_000n), note: 'by the provider' }];
  await putPurse(shop.store, { ...row, refunds, rev: row.rev + 1 });
  expect((await shop.visit({ Cookie: bought.cookie })).status).toBe(402);
});

test('well after the window the first use brings a pass that is not looked up', async () => {
  const inner = memoryStore();
  let gets = 0;
  const store = {
    ...inner,
    get: (key: string) => {
      gets += 1;
      return inner.get(key);
    },
  };
  const { shop, bought } = await bought42({ store });
  gets = 0;
  const within = await shop.visit({ Cookie: bought.cookie });
  expect([gets, within.headers.getSetCookie()]).toEqual([1, []]);
  shop.world.nowMs += (24 * 60 + 10) * MINUTE_MS - 1;
  const still = await shop.visit({ Cookie: bought.cookie });
  expect([gets, still.headers.getSetCookie()]).toEqual([2, []]);
  shop.world.nowMs += 1;
  const first = await shop.visit({ Cookie: bought.cookie });
  expect([gets, first.status]).toEqual([3, 200]);
  const later = await shop.visit({ Cookie: cookieOf(first) });
  expect([gets, later.status, later.headers.getSetCookie()]).toEqual([3, 200, []]);
  shop.world.nowMs += 366 * 24 * 60 * MINUTE_MS;
  expect((await shop.visit({ Cookie: cookieOf(first) })).status).toBe(402);
});

test('an undo that is written just after its window leaves no pass that lasts', async () => {
  const { store, hold } = gatedStore();
  const { shop, purse, bought } = await bought42({ store });
  await shop.pay(bought.charge.header);
  shop.world.nowMs += 10 * MINUTE_MS - 1;
  const gate = hold(isOfPurse);
  const undoing = shop.pay(await undoHeader(purse, bought));
  await gate.reached;
  shop.world.nowMs += 1;
  const passes = [bought.cookie, cookieOf(await shop.visit({ Cookie: bought.cookie }))];
  passes.push(cookieOf(await shop.pay(bought.charge.header)));
  gate.release();
  await refundIn(await undoing);
  for (const Cookie of passes) expect((await shop.visit({ Cookie })).status).toBe(402);
});

test.for([
  ['at once', () => {}],
  ['later', async () => {}],
] as const)(
  'a shop hears of sales and undos; its mistakes, made %s, cost nobody the page',
  async ([, before]) => {
    const heard: unknown[] = [];
    const fail = () => {
      throw new Error('the figures are full');
    };
    const listen = (kind: string) => (event: object) => {
      heard.push([kind, event]);
      return before()?.then(fail) ?? fail();
    };
    const { shop, purse, bought } = await bought42({
      onSale: listen('sale'),
      onUndo: listen('undo'),
    });
    await shop.pay(bought.charge.header);
    await shop.pay(await undoHeader(purse, bought));
    await shop.pay(await undoHeader(purse, bought));
    const event = {
      origin: 'https://news.example',
      item: '/articles/42',
      amountMicros: 20_000n,
      currency: 'USD',
      payto: PAYTO,
      reader: purse.claims.sub,
      reference: `${purse.id}.1`,
      soldAtSec: START_MS / 1000,
    };
    expect(heard).toEqual([
      ['sale', event],
      ['undo', event],
    ]);
    await expect.poll(() => shop.world.errors).toHaveLength(2);
  },
);

type Case = [string, string, (scene: Awaited<ReturnType<typeof bought42>>) => Promise<string>];
test.for<Case>([
  [
    'after the window',
    'undo_over',
    async ({ shop, purse, bought }) => {
      shop.world.nowMs += 10 * MINUTE_MS;
      return undoHeader(purse, bought);
    },
  ],
  [
    'by another key',
    'jws_signature',
    async ({ purse, bought }) => undoHeader(purse, bought, { signer: await makeKey() }),
  ],
  [
    'of another charge than the receipt’s',
    'undo_mismatch',
    ({ purse, bought }) => undoHeader(purse, bought, { claims: { seq: 2 } }),
  ],
  [
    'for another seller',
    'terms_changed',
    ({ purse, bought }) => undoHeader(purse, bought, { claims: { aud: 'else@pay.example' } }),
  ],
  [
    'with a receipt that another shop signed',
    'jws_key_unknown',
    async ({ purse, bought: { charge } }) => {
      const { bought } = await bought42({ secret: await makeSecret() });
      return undoHeader(purse, { charge, receipt: bought.receipt });
    },
  ],
  [
    'with another opening',
    'binding_mismatch',
    async ({ purse, bought }) => {
      const opening = { ...bought.charge.opening, iat: 7 };
      return undoHeader(purse, { ...bought, charge: { ...bought.charge, opening } });
    },
  ],
])('an undo %s is refused with %s', async ([, code, make]) => {
  const scene = await bought42();
  const before = await rowOf(scene.shop, scene.purse);
  expect(await codeOf(await scene.shop.pay(await make(scene)))).toBe(code);
  expect(await rowOf(scene.shop, scene.purse)).toEqual(before);
});

test('a purse has as many undos as its certificate says', async () => {
  const shop = await openShop();
  const purse = await makePurse(shop.provider, PAYTO, { undo: 1 });
  const first = await buy42(shop, purse);
  await refundIn(await shop.pay(await undoHeader(purse, first)));
  const second = await buy42(shop, purse);
  expect(await codeOf(await shop.pay(await undoHeader(purse, second)))).toBe('undo_quota');
});

test('a server that forgot the charge does not give it back', async () => {
  const { purse, bought } = await bought42();
  const restored = await openShop();
  const header = await undoHeader(purse, bought);
  // The other shop's provider signed the certificate, and its keys are the same here.
  restored.provider.keys.push(purse.provider.signing);
  expect(await codeOf(await restored.pay(header))).toBe('out_of_sync');
});

test('where nothing can be undone the receipt says so', async () => {
  const shop = await openShop({ refund: 'none' });
  const purse = await shop.purse();
  const charge = await chargeFor42(purse, { refundSec: 0 });
  const answer = await shop.pay(charge.header);
  const { claims, token: receipt } = receiptOf(answer);
  expect(claims.undo).toBe(claims.at);
  expect(await codeOf(await shop.pay(await undoHeader(purse, { charge, receipt })))).toBe(
    'undo_over',
  );
});

test('an undo at another address of the shop is as good', async () => {
  const { shop, purse, bought } = await bought42();
  const header = await undoHeader(purse, bought, { url: `${URL_42}?page=2` });
  await refundIn(await shop.pay(header, `${URL_42}?page=2`));
});
