/** The reader closes the account: what is in the way, what goes, what stays. */
import { expect, test } from 'vitest';
import {
  buy,
  comeBack,
  openReader,
  reopen,
  safeReader,
  useTown,
} from '../../../support/keeping.ts';
import { startShop } from '../../../support/shop.ts';
import { makeReader, pressOn, type Reader } from '../../../support/wallet.ts';

const town = useTown();
const DAY_MS = 86_400_000;

/** How many rows each table has that has any. */
async function rowsIn({ ports }: Reader): Promise<Record<string, number>> {
  const { transaction: _, ...tables } = ports.store;
  const counts: Record<string, number> = {};
  for (const [name, table] of Object.entries(tables)) {
    const { length } = await table.all();
    if (length > 0) counts[name] = length;
  }
  return counts;
}

/** A reader who has bought something and has nothing set aside any more. */
async function useBuyer(...paths: string[]): Promise<Reader> {
  const reader = await openReader(town);
  for (const path of paths) expect(await buy(reader, town.shop, path)).toBe('paid');
  await reader.wallet.takeBack(town.shop.payto);
  return reader;
}

test('deleted with its account, nothing of the wallet is left', async () => {
  const reader = await useBuyer('/articles/tides');
  expect(await rowsIn(reader)).toMatchObject({ account: 1, payments: 1, sellers: 1 });
  await reader.wallet.leave('delete');
  expect(await rowsIn(reader)).toEqual({});
  expect(await reader.wallet.standing()).toBe('none');
  await reader.wallet.open(town.host);
  expect((await reader.wallet.view()).yours).toBe('250000');
});

test('what was kept is there in the next wallet, opens, and allows nothing', async () => {
  const reader = await openReader(town);
  await buy(reader, town.shop, '/articles/tides');
  const [seller] = await reader.wallet.rules();
  const { payto = '', hosts = [] } = seller ?? {};
  const rule = { kind: 'one-click', itemMicros: '50000', dayMicros: '500000' } as const;
  await reader.wallet.setRule({ payto, host: hosts[0]?.host ?? '', rule });
  await reader.wallet.takeBack(payto);
  await reader.wallet.leave('keep');
  expect(await reader.wallet.standing()).toBe('none');
  expect(Object.keys(await rowsIn(reader)).toSorted()).toEqual([
    'entries',
    'months',
    'payments',
    'purses',
    'sellers',
    'sheets',
    'tallies',
  ]);
  await reader.wallet.open(town.host);
  const view = await reader.wallet.view();
  expect([view.yours, view.aside, view.latest.length]).toEqual(['250000', '0', 1]);
  expect((await reader.wallet.rules())[0]?.hosts).toMatchObject([{ rule: { kind: 'ask' } }]);
  expect(await reopen(reader, town.shop, '/articles/tides')).toBe('paid');
  expect(await buy(reader, town.shop, '/articles/reefs')).toBe('paid');
});

test('each thing in the way is said before, and refused', async () => {
  const reader = await openReader(town);
  const other = await startShop(town.provider.issuer, { handle: 'songs' });
  await buy(reader, town.shop, '/articles/tides');
  await buy(reader, other, '/articles/song');
  await reader.wallet.topUp('1000000');
  const view = await reader.wallet.foreseeLeaving();
  expect(view).toMatchObject({ returnable: '1000000', coming: undefined });
  expect(new Set(view.aside.map(({ payto }) => payto))).toEqual(
    new Set([town.shop.payto, other.payto]),
  );
  for (const { backByMs, amount } of view.aside) {
    expect(backByMs).toBeGreaterThan(Date.now() + 9 * DAY_MS);
    expect(Number(amount)).toBeGreaterThan(0);
  }
  await expect(reader.wallet.leave('keep')).rejects.toMatchObject({ code: 'account_not_empty' });
  // The wish is over with it: it would be granted behind the reader's back.
  expect((await reader.wallet.view()).isLeaving).toBe(false);
  await reader.wallet.takeBack(town.shop.payto);
  await reader.wallet.takeBack(other.payto);
  const emptied = await reader.wallet.foreseeLeaving();
  expect(emptied).toMatchObject({ returnable: '1000000', rest: '210000', aside: [] });
  await reader.wallet.withdraw('1000000');
  expect((await reader.wallet.foreseeLeaving()).returnable).toBe('0');
  expect((await reader.wallet.view()).withdrawal?.coming).toBe('1000000');
  await expect(reader.wallet.leave('keep')).rejects.toMatchObject({ code: 'account_not_empty' });
  await other.close();
});

test('what was set aside and is all spent is ended by looking, and is not in the way', async () => {
  const shop = await startShop(town.provider.issuer, { handle: 'dear' });
  shop.prices['/articles/dear'] = '0.25 USD';
  const { wallet } = await openReader(town);
  const fields = { payto: shop.payto, price: '0.25 USD' };
  const pressed = await wallet.press(pressOn(shop.origin, '/articles/dear', fields));
  if (pressed.kind !== 'ask') throw new Error('it does not ask');
  expect((await wallet.pay({ askId: pressed.ask.id, remember: false })).kind).toBe('paid');
  await expect(wallet.leave('keep')).rejects.toMatchObject({ code: 'account_not_empty' });
  expect((await wallet.foreseeLeaving()).aside).toEqual([]);
  await wallet.leave('keep');
  expect(await wallet.standing()).toBe('none');
  await shop.close();
});

test('an undone purchase that is not back is said', async () => {
  const reader = await openReader(town);
  await buy(reader, town.shop, '/articles/tides');
  const [payment] = (await reader.wallet.view()).latest;
  await reader.wallet.undo(payment?.id ?? '');
  const { coming } = await reader.wallet.foreseeLeaving();
  expect(coming).toMatchObject({ amount: '20000' });
  expect(coming?.backByMs).toBeGreaterThan(Date.now());
});

test('the copy and the ways back go with it', async () => {
  const { reader, secret } = await safeReader(town, '/articles/tides');
  await reader.wallet.takeBack(town.shop.payto);
  await reader.wallet.leave('delete');
  await expect(comeBack(town.host, secret)).rejects.toMatchObject({ code: 'recovery_unknown' });
});

test('another browser of the reader hears that there is no such wallet any more', async () => {
  const { reader, secret } = await safeReader(town, '/articles/tides');
  const other = await comeBack(town.host, secret);
  await reader.wallet.takeBack(town.shop.payto);
  await reader.wallet.leave('delete');
  await expect(other.wallet.refresh()).rejects.toMatchObject({ code: 'account_closed' });
  expect(await other.wallet.standing()).toBe('revoked');
  await other.wallet.open(town.host);
  expect(await other.wallet.standing()).toBe('open');
});

test('closed by another browser meanwhile, it is closed here as well', async () => {
  const { reader, secret } = await safeReader(town, '/articles/tides');
  const other = await comeBack(town.host, secret);
  await reader.wallet.takeBack(town.shop.payto);
  await other.wallet.leave('keep');
  await reader.wallet.leave('delete');
  expect(await rowsIn(reader)).toEqual({});
});

test('without an answer it goes on by itself, under one id', async () => {
  const line = { isUp: true };
  const sent: unknown[] = [];
  const reader = makeReader(undefined, (ports) => ({
    ...ports,
    fetch: async (url, init) => {
      if (url.endsWith('/v1/account/close')) sent.push(init?.body);
      const answer = await ports.fetch(url, init);
      if (!line.isUp) throw new TypeError('the answer is lost');
      return answer;
    },
  }));
  await reader.wallet.open(town.host);
  line.isUp = false;
  const silent = { code: 'provider_unreachable' };
  for (let press = 0; press < 2; press++)
    await expect(reader.wallet.leave('delete')).rejects.toMatchObject(silent);
  expect((await reader.wallet.view()).isLeaving).toBe(true);
  expect(await reader.wallet.resume()).toBeGreaterThan(0);
  line.isUp = true;
  await reader.wallet.resume();
  await expect.poll(() => reader.wallet.standing()).toBe('none');
  expect(new Set(sent).size).toBe(1);
});

test('what the provider knows nothing of is in nobody’s way when its time is over', async () => {
  const reader = await openReader(town);
  await buy(reader, town.shop, '/articles/before-the-backup');
  const { purses, payments } = reader.ports.store;
  const [purse] = await purses.all();
  const [payment] = await payments.all();
  if (!purse || !payment?.charge) throw new Error('nothing was bought');
  await reader.wallet.takeBack(town.shop.payto);
  // Its books were put back to before there was this purse.
  const id = payment.id;
  await purses.put({ ...purse, id, expiresAtSec: Math.floor(Date.now() / 1000) - 4 * 86_400 });
  const charge = { ...payment.charge, purse: id };
  await payments.put({ ...payment, charge, state: 'sending', pending: 1, receipt: undefined });
  expect((await reader.wallet.foreseeLeaving()).aside).toEqual([]);
  expect((await reader.wallet.view()).latest[0]).toMatchObject({ refusal: 'charge_lapsed' });
  await reader.wallet.leave('delete');
  expect(await reader.wallet.standing()).toBe('none');
});

test('a seller’s name is text on this screen, too', async () => {
  const reader = await openReader(town);
  await buy(reader, town.shop, '/articles/named');
  const { sellers } = reader.ports.store;
  const [seller] = await sellers.all();
  if (!seller) throw new Error('nobody was paid');
  await sellers.put({ ...seller, record: { ...seller.record, name: 'Daily\u202e \nyliaD' } });
  const { aside } = await reader.wallet.foreseeLeaving();
  expect(aside.map(({ sellerName }) => sellerName)).toEqual(['Daily yliaD']);
});

test('what has ended is asked about until there is an answer: silence ends no purse', async () => {
  let isSilent = false;
  const reader = makeReader(undefined, (ports) => ({
    ...ports,
    async fetch(url, init) {
      if (isSilent && url.includes('/v1/purses/')) throw new TypeError('no answer');
      return ports.fetch(url, init);
    },
  }));
  await reader.wallet.open(town.host);
  await buy(reader, town.shop, '/articles/silence');
  const { purses } = reader.ports.store;
  const [purse] = await purses.all();
  if (!purse) throw new Error('nothing was bought');
  await purses.put({ ...purse, expiresAtSec: Math.floor(Date.now() / 1000) - 4 * 86_400 });
  isSilent = true;
  await reader.wallet.tidy();
  expect((await purses.get(purse.id))?.state).toBe('open');
});
