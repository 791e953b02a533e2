/**
 * A daily cap (SPEC 7.7) between the real wallet, seller and provider in Node: past it the rest of
 * the day is free, and no reader pays a micro more.
 */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { encodeOpaque, formatChallenge, parseChallenges } from '../../src/protocol/challenge.ts';
import { readCharge } from '../../src/protocol/charge.ts';
import {
  isChargePayload,
  openCredential,
  readChargePayload,
} from '../../src/protocol/credential.ts';
import { FarthingError } from '../../src/protocol/errors.ts';
import type { Micros } from '../../src/protocol/money.ts';
import { problemOf } from '../../src/protocol/problem.ts';
import { isRecord } from '../../src/protocol/shape.ts';
import { freeOnAccountOf } from '../../src/wallet/payment/caps.ts';
import { writeIntent } from '../../src/wallet/payment/yes.ts';
import type { WalletPorts } from '../../src/wallet/ports.ts';
import { useProvider } from '../support/provider.ts';
import { type RunningShop, startShop } from '../support/shop.ts';
import { makeReader, pressOn, type Reader } from '../support/wallet.ts';

const CAP = '0.05 USD/P1D';
const DAY_MS = 86_400_000;

const provider = useProvider();
let shop: RunningShop;
let reader: Reader;
let handles = 0;

beforeEach(async () => {
  shop = await startShop(provider.issuer, { handle: `capped-${++handles}`, cap: CAP });
  reader = makeReader();
  await reader.wallet.open(new URL(provider.issuer).host);
});

afterEach(() => shop.close());

const press = (name: string | number) =>
  reader.wallet.press(pressOn(shop.origin, `/articles/${name}`, { payto: shop.payto, cap: CAP }));

async function buy(name: string | number, remember = false) {
  const decision = await press(name);
  if (decision.kind !== 'ask') return decision;
  return reader.wallet.pay({ askId: decision.ask.id, remember });
}

const paid = async () => (await shop.accepted()).totalMicros;

/** Buys 2¢, 2¢ and the last cent, for an article of 2¢. */
async function reach() {
  for (const name of [1, 2, 3]) expect((await buy(name)).kind).toBe('paid');
  expect(await paid()).toBe(50_000n);
}

const latest = async () => (await reader.wallet.view()).latest[0];

it('the question says what the seller promises', async () => {
  const decision = await press(1);
  if (decision.kind !== 'ask') throw new Error(decision.kind);
  const { pageUrl, tabId } = decision.ask;
  expect(pageUrl).toBe(`${shop.origin}/`);
  expect(await reader.wallet.openIn(tabId)).toMatchObject({
    amount: '20000',
    cap: { amount: '50000', periodSec: 86_400 },
    isFree: false,
  });
});

it('the payment that would pass the cap takes what is missing, and says so', async () => {
  await reach();
  expect(await latest()).toMatchObject({ amount: '10000', state: 'paid', isFree: false });
  expect(await reader.wallet.view()).toMatchObject({ yours: '200000', spentToday: '50000' });
});

it('past the cap a press opens without a question and without a charge', async () => {
  await reach();
  reader.requests.length = 0;
  expect((await press(4)).kind).toBe('paid');
  expect(reader.opened.at(-1)?.url).toBe(`${shop.origin}/articles/4`);
  expect(reader.requests).toEqual(['GET /articles/4', 'GET /articles/4']);
  expect(await latest()).toMatchObject({ amount: '0', isFree: true });
  expect(await reader.wallet.view()).toMatchObject({ yours: '200000', spentToday: '50000' });
  expect(await paid()).toBe(50_000n);
  // What was opened so is the reader's for the rest of the day.
  expect((await press(4)).kind).toBe('owned');
});

it('what one seller’s cap makes free is free at no other at the same address', async () => {
  await reach();
  const { payments } = reader.ports.store;
  const [reached] = await payments.latest(1);
  if (!reached) throw new TypeError('something was bought');
  const { terms } = reached.ask;
  const nowMs = reader.ports.now();
  expect(await freeOnAccountOf(payments, terms, nowMs)).toMatchObject({ id: reached.id });
  const other = { ...terms, payto: terms.payto.replace('capped', 'other') };
  expect(await freeOnAccountOf(payments, other, nowMs)).toBeUndefined();
});

it('a page under a reached cap is offered for nothing, and a yes pays nothing', async () => {
  await reach();
  const page = pressOn(shop.origin, '/articles/5', { payto: shop.payto, cap: CAP });
  const tab = await reader.wallet.offer(page);
  if (tab?.kind !== 'ask') throw new Error(tab?.kind);
  expect(tab).toMatchObject({ isFree: true, short: undefined, allowance: undefined });
  expect((await reader.wallet.pay({ askId: tab.id, remember: false })).kind).toBe('paid');
  expect(await paid()).toBe(50_000n);
});

it('what was said to be free and is not any more is asked about with its price', async () => {
  await reach();
  const page = pressOn(shop.origin, '/articles/5', { payto: shop.payto, cap: CAP });
  const tab = await reader.wallet.offer(page);
  if (tab?.kind !== 'ask') throw new Error(tab?.kind);
  const first = (await reader.wallet.view()).latest.at(-1);
  await reader.wallet.undo(first?.id ?? '');
  const outcome = await reader.wallet.pay({ askId: tab.id, remember: false });
  if (outcome.kind !== 'ask') throw new Error(outcome.kind);
  expect(outcome.ask).toMatchObject({ isFree: undefined, terms: { amountMicros: 20_000n } });
  expect(await paid()).toBe(50_000n);
  expect((await reader.wallet.pay({ askId: outcome.ask.id, remember: false })).kind).toBe('paid');
  expect(await paid()).toBe(70_000n);
});

it('what goes unasked for nothing goes at no price, should it not be free by then', async () => {
  const decision = await press(4);
  if (decision.kind !== 'ask') throw new Error(decision.kind);
  await reach();
  const { ask } = decision;
  expect(await writeIntent(reader.ports, ask, 'unasked')).toMatchObject({ dueMicros: 0n });
  const source = (await reader.wallet.view()).latest[1];
  await reader.wallet.undo(source?.id ?? '');
  const [payment] = await reader.ports.store.payments.pending();
  expect(await reader.wallet.retry(payment?.id ?? '')).toMatchObject({ kind: 'ask' });
  expect(await paid()).toBe(50_000n);
});

it('an undo of the payment that reached the cap ends what was free', async () => {
  await reach();
  expect((await press(4)).kind).toBe('paid');
  await reader.wallet.undo((await reader.wallet.view()).latest[1]?.id ?? '');
  expect((await press(5)).kind).toBe('ask');
});

it('a clock that jumped a day makes nothing dearer', async () => {
  await reach();
  reader.clock.aheadMs += DAY_MS + 60_000;
  await reader.wallet.refresh();
  expect((await press(4)).kind).toBe('paid');
  expect(await paid()).toBe(50_000n);
});

it('a wallet for which the day is over is told that nothing is due, and shows it', async () => {
  await reach();
  reader.clock.aheadMs += DAY_MS + 60_000;
  const outcome = await buy(4);
  expect(outcome).toMatchObject({ kind: 'paid', payment: { dueMicros: 0n } });
  expect(await paid()).toBe(50_000n);
  expect((await reader.wallet.view()).spentToday).toBe('0');
});

it('one click pays what is missing and goes on for nothing', async () => {
  expect((await buy(1, true)).kind).toBe('paid');
  for (const name of [2, 3, 4, 5]) {
    reader.clock.aheadMs += 10_000;
    expect((await press(name)).kind).toBe('paid');
  }
  expect(await paid()).toBe(50_000n);
});

it('an answer that is lost where the cap is reached is the same charge again', async () => {
  for (const name of [1, 2]) await buy(name);
  shop.faults.push(...([undefined, 'lose-reply'] as unknown as 'lose-reply'[]));
  expect((await buy(3)).kind).toBe('waiting');
  await reader.passTime();
  expect(await paid()).toBe(50_000n);
  expect((await press(4)).kind).toBe('paid');
  expect(await paid()).toBe(50_000n);
});

it('two tabs that reach the cap together pay it once', async () => {
  await buy(1);
  await Promise.all([buy(2, true), buy(3), buy(4)].map((it) => it.catch(() => undefined)));
  for (let turn = 0; turn < 3; turn++) await reader.passTime();
  expect(await paid()).toBeLessThanOrEqual(50_000n);
  for (const name of [5, 6]) await buy(name);
  expect(await paid()).toBe(50_000n);
});

it('what another device has reached cannot be shown here, and nothing is charged', async () => {
  await reach();
  for (const payment of await reader.ports.store.payments.all())
    await reader.ports.store.payments.remove(payment.id);
  expect(await buy(4)).toMatchObject({
    kind: 'refused',
    payment: { refusal: { code: 'amount_mismatch' } },
  });
  expect(await paid()).toBe(50_000n);
});

/** The offer's challenge, with a refusal: `due` is all that is missing. */
function lessDue(offer: Response, due: string): Response {
  const [challenge] = parseChallenges(offer.headers.get('WWW-Authenticate') ?? '');
  if (!challenge) throw new Error('what is for sale says so');
  const headers = {
    'Content-Type': 'application/problem+json',
    'WWW-Authenticate': formatChallenge({ ...challenge, opaque: encodeOpaque({ due }) }),
  };
  const problem = problemOf(new FarthingError('amount_mismatch', 'less is missing'));
  return Response.json(problem, { status: 402, headers });
}

/** The next charge reaches the shop; its answer is hidden, and less is said to be due. */
function hideNextAnswer(): (ports: WalletPorts) => WalletPorts {
  let isHidden = false;
  return (ports) => ({
    ...ports,
    fetch: async (input, init, tabId) => {
      const answer = await ports.fetch(input, init, tabId);
      const header = new Headers(init?.headers).get('Authorization');
      const payload = header !== null && openCredential(header)?.payload;
      if (isHidden || !isRecord(payload) || !isChargePayload(payload)) return answer;
      isHidden = true;
      return lessDue(await ports.fetch(input, {}, tabId), '5000');
    },
  });
}

it('a seller that takes what it refused in words is believed to have taken just that', async () => {
  reader = makeReader(`wallet-taken-${handles}`, hideNextAnswer());
  await reader.wallet.open(new URL(provider.issuer).host);
  expect(await buy(1)).toMatchObject({ kind: 'paid', payment: { dueMicros: undefined } });
  expect(await paid()).toBe(20_000n);
  expect((await reader.wallet.view()).spentToday).toBe('20000');
  const [purse] = await reader.ports.store.purses.all();
  expect(purse).toMatchObject({ seq: 1, totalMicros: 20_000n });
  expect(purse?.isUsedElsewhere).toBeUndefined();
});

it('less is signed by the purse that signed the price, or both could be taken', async () => {
  const asked: { purse: string; amount: bigint }[] = [];
  const lie = { isOn: false };
  const name = `wallet-lied-to-${handles}`;
  reader = makeReader(name, (ports) => ({
    ...ports,
    fetch: async (input, init, tabId) => {
      const header = new Headers(init?.headers).get('Authorization');
      const payload = lie.isOn && header !== null && openCredential(header)?.payload;
      if (!isRecord(payload) || !isChargePayload(payload)) return ports.fetch(input, init, tabId);
      const { charge, opening } = readChargePayload(payload);
      asked.push({ purse: readCharge(charge).claims.pur, amount: opening.amt });
      return lessDue(await ports.fetch(input, {}, tabId), '5000');
    },
  }));
  await reader.wallet.open(new URL(provider.issuer).host);
  expect((await buy(1)).kind).toBe('paid');
  const [purse] = await reader.ports.store.purses.all();
  if (!purse) throw new Error('it was paid by a purse');
  // One that would do for less, and comes first.
  const totalMicros = (purse.limitMicros - 5_000n) as Micros;
  await reader.ports.store.purses.put({ ...purse, id: `${'-'.repeat(21)}A`, totalMicros });
  lie.isOn = true;
  await buy(2);
  expect(asked).toEqual([
    { purse: purse.id, amount: 20_000n },
    { purse: purse.id, amount: 5_000n },
  ]);
});
