import 'fake-indexeddb/auto';
import { Dexie } from 'dexie';
import { expect, it, vi } from 'vitest';
import { openWalletStore } from '../../../src/extension/store.ts';
import { catchUp } from '../../../src/wallet/history/bookkeeping.ts';

it('a wallet of the first version is brought along', async () => {
  const former = new Dexie('upgraded');
  former.version(1).stores({
    account: 'key',
    sellers: 'payto',
    purses: 'id',
    payments: 'id, itemKey, pending, atMs',
    asks: 'id',
    nonces: 'provider',
  });
  const limits = { itemMicros: 50_000n, dayMicros: 500_000n };
  await former.table('sellers').put({ payto: 'a', allowances: [{ host: 'a.example', ...limits }] });
  await former.table('asks').put({ id: 'question' });
  await former.table('purses').put({ id: 'purse', seq: 1 });
  const charge = { purse: 'purse', seq: 1, token: 'token', opening: { request: 'terms' } };
  const terms = { payto: 'a', amountMicros: 20_000n, currency: 'USD' };
  const ask = { url: 'https://a.example/x', title: 'x', sellerName: 'A', terms };
  await former.table('payments').put({ id: 'p', ask, atMs: 5, state: 'paid', charge });
  former.close();

  const store = openWalletStore('upgraded');
  const rules = [{ host: 'a.example', rule: { kind: 'one-click', ...limits } }];
  expect(await store.sellers.all()).toEqual([{ payto: 'a', rules }]);
  expect(await store.purses.get('purse')).toEqual({
    id: 'purse',
    seq: 1,
    riskMicros: 0n,
    usedAtMs: 5,
    last: 'token',
    door: { url: 'https://a.example/x', request: 'terms' },
  });
  expect(await store.asks.all()).toEqual([]);
  expect(await store.payments.at('a')).toMatchObject([{ id: 'p' }]);
});

it('a history of the former form is made anew of its payments', async () => {
  const former = new Dexie('former');
  const tables = {
    payments: 'id, itemKey, pending, atMs, ask.terms.payto',
    entries: 'id, atMs, [payto+atMs]',
    tallies: 'key, day',
  };
  former.version(4).stores(tables);
  const terms = { payto: 'a@pay.example', amountMicros: 20_000n, currency: 'USD' };
  const ask = { url: 'https://a.example/x', title: 'x', sellerName: 'A', terms };
  await former.table('payments').put({ id: 'p', ask, atMs: 5, state: 'paid' });
  await former.table('entries').put({ id: 'p', atMs: 5, day: '1970-01-01' });
  await former.table('tallies').put({ key: 'former', day: '1970-01-01' });
  former.close();

  const store = openWalletStore('former');
  expect(await store.tallies.all()).toEqual([]);
  await catchUp(store);
  expect(await store.entries.all()).toMatchObject([{ id: 'p', title: 'x', state: 'paid' }]);
  expect(await store.months.all()).toMatchObject([{ spentMicros: 20_000n, entryCount: 1 }]);
});

it('what a cap has made free in a wallet of the former form is found by until when', async () => {
  const former = new Dexie('capped');
  former.version(5).stores({ payments: 'id, itemKey, pending, atMs, ask.terms.payto' });
  await former.table('payments').bulkPut([
    { id: 'over', atMs: 5, freeUntilSec: 100 },
    { id: 'free', atMs: 5, freeUntilSec: 101 },
    { id: 'ended', atMs: 5, freeUntilSec: 0 },
    { id: 'plain', atMs: 5, freeUntilSec: undefined },
  ]);
  former.close();
  const { payments } = openWalletStore('capped');
  expect((await payments.freeAfter(100)).map(({ id }) => id)).toEqual(['free']);
});

it.each([0, 1, 2, 3, 5, 10])(
  'what is awaited %i deep after nothing was found is of the same transaction',
  async (depth) => {
    const { transaction, marks } = openWalletStore(`deep-${depth}`);
    const row = { key: 'seller x', digest: '', atMs: 0 };
    const failed = transaction(async (tables) => {
      const look = async (left: number): Promise<boolean> =>
        left === 0 ? (await tables.marks.get('limit')) === undefined : look(left - 1);
      const isFree = async () => !(await look(depth)) || !(await look(depth));
      if (!(await isFree())) await tables.marks.put(row);
      throw new RangeError('a death in the middle');
    });
    await expect(failed).rejects.toThrow(RangeError);
    expect(await marks.get(row.key)).toBeUndefined();
  },
);

it('many rows are deleted in the order of their keys, whatever order they come in', async () => {
  const { marks } = openWalletStore('ordered');
  const keys = ['c', 'a', 'b'];
  await marks.putAll(keys.map((key) => ({ key, digest: '', atMs: 0 })));
  const deleted = vi.spyOn(IDBObjectStore.prototype, 'delete');
  await marks.removeAll(keys);
  expect(deleted.mock.calls).toEqual([['a'], ['b'], ['c']]);
  deleted.mockRestore();
  expect(await marks.all()).toEqual([]);
});
