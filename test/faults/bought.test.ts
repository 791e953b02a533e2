/** What a reader sees of what is bought: marks beside links, passes that come back, the history. */
import { beforeEach, expect, it } from 'vitest';
import type { RuleView } from '../../src/wallet/sellers/sellerview.ts';
import { useProvider } from '../support/provider.ts';
import { type RunningShop, startShop } from '../support/shop.ts';
import { makeReader, pressOn, type Reader } from '../support/wallet.ts';

const provider = useProvider();
let shop: RunningShop;
let reader: Reader;
let handles = 0;

beforeEach(async () => {
  shop = await startShop(provider.issuer, { handle: `bought-${++handles}` });
  reader = makeReader();
  await reader.wallet.open(new URL(provider.issuer).host);
  return () => shop.close();
});

const link = (path: string, fields = {}) =>
  pressOn(shop.origin, path, { payto: shop.payto, ...fields });

async function buy(path: string): Promise<void> {
  const decision = await reader.wallet.press(link(path));
  if (decision.kind !== 'ask') throw new Error(decision.kind);
  await reader.wallet.pay({ askId: decision.ask.id, remember: false });
}

const setRule = (rule: RuleView) =>
  reader.wallet.setRule({ payto: shop.payto, host: new URL(shop.origin).host, rule });

it('marks say what a press comes to, and are nobody else’s business', async () => {
  const links = [
    link('/articles/first'),
    link('/articles/a'),
    link('/articles/dear', { price: '0.09 USD' }),
    link('/articles/kept', { refund: 'none' }),
    link('/articles/spelt', { price: '2 cents' }),
    link('/articles/metered', { meter: '10s' }),
    { ...link('/articles/a'), pageUrl: 'https://other.example/' },
  ];
  const marks = () => reader.wallet.marks(links);
  const nothing = [undefined, undefined, undefined];
  expect(await marks()).toEqual(['asks', 'asks', 'asks', 'asks', ...nothing]);
  await buy('/articles/first');
  await setRule({ kind: 'one-click', itemMicros: '20000', dayMicros: '500000' });
  reader.requests.length = 0;
  expect(await marks()).toEqual(['yours', 'one-click', 'asks', 'asks', ...nothing]);
  await setRule({ kind: 'block' });
  expect(await marks()).toEqual(['yours', undefined, undefined, undefined, ...nothing]);
  expect(reader.requests).toEqual([]);
});

it('a pass that is lost comes back for what was bought, at its own address alone', async () => {
  await buy('/articles/first');
  expect(await reader.wallet.renew(link('/articles/first'))).toBe(true);
  expect(await reader.wallet.renew(link('/articles/a'))).toBe(false);
  expect(await reader.wallet.renew(link('/articles/a', { item: '/articles/first' }))).toBe(false);
  expect(await reader.wallet.renew(link('/articles/first', { price: 'free' }))).toBe(false);
  expect((await shop.accepted()).charges).toBe(1);
});

it('and stays lost, for now, where the seller does not answer', async () => {
  await buy('/articles/first');
  const page = link('/articles/first');
  await shop.close();
  expect(await reader.wallet.renew(page)).toBe(false);
});

it('the history has each purchase, sums of days and months, and can be taken away', async () => {
  for (const path of ['/articles/first', '/articles/reefs']) await buy(path);
  const { entries, days, next } = await reader.wallet.history({});
  expect(entries.map(({ title }) => title)).toEqual([
    'Article /articles/reefs',
    'Article /articles/first',
  ]);
  expect(days).toEqual({ [entries[0]?.day ?? '']: '30000' });
  expect(next).toBeUndefined();
  const { months, sums } = await reader.wallet.spending(undefined);
  expect(months).toHaveLength(12);
  expect(sums).toMatchObject([{ month: months.at(-1), payto: shop.payto, spent: '30000' }]);
  expect((await reader.wallet.exportHistory('csv')).trim().split('\n')).toHaveLength(3);
  const saved: { address: string }[] = JSON.parse(await reader.wallet.exportHistory('json'));
  expect(saved.map(({ address }) => new URL(address).pathname)).toContain('/articles/reefs');
  expect(await reader.wallet.exportHistory('journal')).toContain('reefs');
});
