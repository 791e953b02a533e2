import 'fake-indexeddb/auto';
import { Dexie } from 'dexie';
import { expect, it } from 'vitest';
import { openWalletStore } from '../../../src/extension/store.ts';

it('what version 1 allowed a seller is a rule of version 2', async () => {
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
  await former.table('payments').put({ id: 'p', ask: { terms: { payto: 'a' } } });
  former.close();

  const store = openWalletStore('upgraded');
  const rules = [{ host: 'a.example', rule: { kind: 'one-click', ...limits } }];
  expect(await store.sellers.all()).toEqual([{ payto: 'a', rules }]);
  expect(await store.asks.all()).toEqual([]);
  expect(await store.payments.at('a')).toMatchObject([{ id: 'p' }]);
});
