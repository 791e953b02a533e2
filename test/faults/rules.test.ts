/** What the reader lets a seller do, and what a page cannot get past it. */
import { beforeEach, expect, it } from 'vitest';
import { readReceipt } from '../../src/protocol/receipt.ts';
import type { RuleView } from '../../src/wallet/sellers/sellerview.ts';
import { useProvider } from '../support/provider.ts';
import { type RunningShop, startShop } from '../support/shop.ts';
import { makeReader, pressOn, type Reader } from '../support/wallet.ts';

const provider = useProvider();
let shop: RunningShop;
let reader: Reader;
let handles = 0;

beforeEach(async () => {
  shop = await startShop(provider.issuer, { handle: `rules-${++handles}` });
  reader = makeReader();
  await reader.wallet.open(new URL(provider.issuer).host);
  return () => shop.close();
});

const press = (path: string, change = {}) => ({
  ...pressOn(shop.origin, path, { payto: shop.payto }),
  ...change,
});

async function buyFirst(): Promise<void> {
  const decision = await reader.wallet.press(press('/articles/first'));
  if (decision.kind !== 'ask') throw new Error(decision.kind);
  await reader.wallet.pay({ askId: decision.ask.id, remember: false });
}

const setRule = (rule: RuleView) =>
  reader.wallet.setRule({ payto: shop.payto, host: new URL(shop.origin).host, rule });

const oneClick = (itemMicros: string, dayMicros: string): RuleView => ({
  kind: 'one-click',
  itemMicros,
  dayMicros,
});

it('a click pays inside the rule, asks past it, and pays no blocked seller', async () => {
  await buyFirst();
  expect((await reader.wallet.press(press('/articles/a'))).kind).toBe('ask');
  await setRule(oneClick('20000', '40000'));
  expect((await reader.wallet.press(press('/articles/a'))).kind).toBe('paid');
  const over = await reader.wallet.press(press('/articles/b'));
  expect(over).toMatchObject({ kind: 'ask', ask: { reasons: ['over-seller-day'] } });
  await setRule({ kind: 'block' });
  const blocked = await reader.wallet.press(press('/articles/c'));
  expect(blocked).toMatchObject({ kind: 'unpayable', code: 'seller_blocked' });
  expect(await shop.accepted()).toEqual({ charges: 2, totalMicros: 40_000n });
});

it('what is bought stays open at a blocked seller; a former question is not paid', async () => {
  await buyFirst();
  const question = await reader.wallet.press(press('/articles/a'));
  if (question.kind !== 'ask') throw new Error(question.kind);
  await setRule({ kind: 'block' });
  expect((await reader.wallet.press(press('/articles/first'))).kind).toBe('owned');
  const answer = { askId: question.ask.id, remember: false };
  await expect(reader.wallet.pay(answer)).rejects.toMatchObject({ code: 'seller_blocked' });
  expect(await shop.accepted()).toMatchObject({ charges: 1 });
});

it('an offer that is over is not asked about, and what was bought under it is open', async () => {
  const ended = (path: string) => {
    const { fields, ...rest } = press(path);
    return { ...rest, fields: { ...fields, expires: '2020-01-31T12:00:00Z' } };
  };
  const asked = reader.requests.length;
  const over = await reader.wallet.press(ended('/articles/a'));
  expect(over).toMatchObject({ kind: 'unpayable', code: 'offer_over' });
  expect(reader.requests.length).toBe(asked);
  await buyFirst();
  expect((await reader.wallet.press(ended('/articles/first'))).kind).toBe('owned');
});

it('a blocked seller is not even looked up', async () => {
  await buyFirst();
  await setRule({ kind: 'block' });
  reader.requests.length = 0;
  reader.clock.aheadMs += 2 * 86_400_000;
  await reader.wallet.press(press('/articles/a'));
  expect(reader.requests).toEqual([]);
});

it.each([
  [{ isVisible: false }, ['not-visible']],
  [{ drawnPrice: '0.01 USD' }, ['price-changed']],
  [{ drawnPrice: '0.03 USD' }, []],
])('a press with %o asks for %o', async (change, reasons) => {
  await buyFirst();
  await setRule(oneClick('50000', '500000'));
  const decision = await reader.wallet.press(press('/articles/a', change));
  if (reasons.length === 0) expect(decision.kind).toBe('paid');
  else expect(decision).toMatchObject({ kind: 'ask', ask: { reasons } });
});

it('a hundred presses at once spend what one click may in a day, and no more', async () => {
  await buyFirst();
  await reader.wallet.topUp('5000000');
  await setRule(oneClick('20000', '100000'));
  const pressed = Array.from({ length: 100 }, (_, n) =>
    reader.wallet.press(press(`/articles/many-${n}`, { tabId: n })),
  );
  const kinds = (await Promise.all(pressed)).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'paid')).toHaveLength(4);
  expect(kinds.filter((kind) => kind === 'ask')).toHaveLength(96);
  expect(await shop.accepted()).toEqual({ charges: 5, totalMicros: 100_000n });
});

it('the day’s limit is over all sellers, and the reader’s to change', async () => {
  await buyFirst();
  await setRule(oneClick('50000', '500000'));
  await reader.wallet.setDailyLimit('30000');
  const over = await reader.wallet.press(press('/articles/a'));
  expect(over).toMatchObject({ kind: 'ask', ask: { reasons: ['over-day'] } });
  // Two cents were spent, two more are asked for, three are allowed.
  expect(await reader.wallet.offer(press('/articles/a'))).toMatchObject({ overDay: '10000' });
  await reader.wallet.setDailyLimit('40000');
  expect((await reader.wallet.press(press('/articles/a'))).kind).toBe('paid');
});

it('sellers are shown with their sites, their rules and what went there', async () => {
  await buyFirst();
  await setRule(oneClick('20000', '40000'));
  const { host } = new URL(shop.origin);
  expect(await reader.wallet.sellers()).toMatchObject([
    {
      payto: shop.payto,
      hosts: [{ host, rule: oneClick('20000', '40000') }],
      aside: '30000',
      spentToday: '20000',
      spent: '20000',
    },
  ]);
});

it('limits that the reader set are offered again after being asked, or after a block', async () => {
  await buyFirst();
  const { host } = new URL(shop.origin);
  const limits = { itemMicros: '20000', dayMicros: '40000' };
  await setRule({ kind: 'one-click', ...limits });
  for (const kind of ['ask', 'block', 'ask'] as const) {
    await setRule({ kind });
    const [seller] = await reader.wallet.sellers();
    expect(seller?.hosts).toEqual([{ host, rule: { kind }, limits }]);
  }
  const asked = await reader.wallet.press(press('/articles/again'));
  expect(asked.kind).toBe('ask');
  expect(await reader.wallet.openIn(7)).toMatchObject({
    allowance: { item: '20000', day: '40000' },
  });
  const [first] = (await reader.wallet.view()).latest;
  await reader.wallet.payByClick(first?.id ?? '');
  expect((await reader.wallet.sellers())[0]?.hosts).toEqual([
    { host, rule: { kind: 'one-click', ...limits } },
  ]);
});

it('what went to a seller stays when the day is over; what went there today does not', async () => {
  await buyFirst();
  reader.clock.aheadMs = 24 * 3_600_000;
  expect(await reader.wallet.sellers()).toMatchObject([{ spentToday: '0', spent: '20000' }]);
});

it('a purchase is shown in full, with what the seller signed', async () => {
  await buyFirst();
  const [entry] = (await reader.wallet.history({})).entries;
  const receipt = await reader.wallet.receipt(entry?.id ?? '');
  expect(receipt).toMatchObject({ state: 'paid', amount: '20000', sellerName: entry?.sellerName });
  expect(receipt?.url).toMatch(shop.origin);
  expect(receipt?.untilMs).toBeGreaterThan(Date.now());
  const { claims } = readReceipt(receipt?.receipt ?? '');
  expect(receipt?.reference).toBe(`${claims.pur}.${claims.seq}`);
  expect(await reader.wallet.receipt('AAAAAAAAAAAAAAAAAAAAAA')).toBeUndefined();
});

it('a purchase is shown with the day until which it is kept, whatever was signed', async () => {
  await buyFirst();
  const { payments } = reader.ports.store;
  const [payment] = await payments.all();
  if (!payment) throw new Error('nothing was bought');
  await payments.put({ ...payment, untilSec: 4_000_000_000 });
  const { untilMs = 0 } = (await reader.wallet.receipt(payment.id)) ?? {};
  expect(Math.abs(untilMs - 4e12)).toBeLessThan(86_400_000);
});

it('a rule for a seller that the wallet never met is refused', async () => {
  const change = { payto: 'nobody@pay.example', host: 'x.example', rule: { kind: 'ask' } } as const;
  await expect(reader.wallet.setRule(change)).rejects.toMatchObject({ code: 'seller_unknown' });
});

it('how a press went is shown in plain data, and what ended badly stays in its tab', async () => {
  const question = await reader.wallet.press(press('/articles/shown'));
  if (question.kind !== 'ask') throw new Error(question.kind);
  expect(await reader.wallet.openIn(7)).toMatchObject({ kind: 'ask', amount: '20000' });
  shop.prices['/articles/shown'] = '0.03 USD';
  const dearer = await reader.wallet.pay({ askId: question.ask.id, remember: false });
  expect(await reader.wallet.show(dearer)).toMatchObject({
    kind: 'ask',
    tab: { former: '20000', amount: '30000', reasons: ['first-time', 'price-changed'] },
  });
  await reader.wallet.dismiss(7);
  expect(await reader.wallet.openIn(7)).toMatchObject({
    kind: 'refused',
    payment: { refusal: 'terms_changed', amount: '20000' },
  });
  const now = await reader.wallet.offer(press('/articles/shown', { fields: dearerFields() }));
  if (now?.kind !== 'ask') throw new Error(now?.kind);
  const outcome = await reader.wallet.pay({ askId: now.id, remember: false });
  expect(await reader.wallet.show(outcome)).toMatchObject({
    kind: 'paid',
    payment: { state: 'paid', amount: '30000', missed: [], undo: undefined },
  });
  expect(await reader.wallet.openIn(7)).toBeUndefined();
  expect(await reader.wallet.offer(press('/articles/shown'))).toMatchObject({ kind: 'owned' });
  const elsewhere = press('/x', { href: 'https://other.example/x' });
  expect(await reader.wallet.offer(elsewhere)).toBeUndefined();
  const host = new URL(provider.issuer).host;
  expect(await reader.wallet.meet(host)).toMatchObject({ host, sandbox: true, starter: '250000' });
});

const dearerFields = () => ({ payto: shop.payto, price: '0.03 USD', refund: 'PT10M' });

it('a key of the wallet service that is new is looked up once', async () => {
  const account = await reader.ports.store.account.get('account');
  if (!account) throw new Error('there is an account');
  await reader.ports.store.account.put({ ...account, providerKeys: [] });
  await reader.wallet.refresh();
  const asked = reader.requests.filter((line) => line === 'GET /.well-known/jwks.json').length;
  await reader.wallet.refresh();
  expect(reader.requests.filter((line) => line.endsWith('jwks.json'))).toHaveLength(asked);
  expect((await reader.ports.store.account.get('account'))?.providerKeys).toHaveLength(1);
});
