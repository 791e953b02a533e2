/**
 * Charges without an answer, and counts that differ: silent sellers, sellers from yesterday,
 * sellers that refuse in words only, wallets from a backup.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/protocol/errors.ts';
import { memoryStore, type Row, type Store } from '../../src/seller/index.ts';
import type { WalletPorts } from '../../src/wallet/ports.ts';
import { useProvider } from '../support/provider.ts';
import { type RunningShop, startShop } from '../support/shop.ts';
import { copyProfile, makeReader, pressOn, type Reader } from '../support/wallet.ts';

const provider = useProvider();
let shop: RunningShop;
let store: ReturnType<typeof forgetful>;
let reader: Reader;
let handles = 0;
/** Answers in the place of the seller, by path, once the request took effect there. */
let instead: Record<string, () => Response | Promise<Response>>;

/** A store that can go back to what it held. */
function forgetful() {
  const written: Row[] = [];
  let rows = memoryStore();
  const own: Store = {
    get: (key) => rows.get(key),
    due: (page) => rows.due(page),
    put: async (row) => {
      const isDone = await rows.put(row);
      if (isDone) written.push(row);
      return isDone;
    },
  };
  const backTo = async (count: number) => {
    rows = memoryStore();
    for (const row of written.splice(0).slice(0, count)) await own.put(row);
  };
  return { ...own, written, backTo };
}

const host = () => new URL(provider.issuer).host;

/** Their order is that of their ids, which is anybody's guess: here the one used last is first. */
const lastUsedFirst = (table: WalletPorts['store']['purses']) => ({
  ...table,
  all: async () => (await table.all()).toSorted((a, b) => b.usedAtMs - a.usedAtMs),
});

const readerHere = () =>
  makeReader(undefined, (ports) => ({
    ...ports,
    store: { ...ports.store, purses: lastUsedFirst(ports.store.purses) },
    fetch: async (input, init) => {
      const answer = await ports.fetch(input, init);
      const made = instead[new URL(String(input)).pathname];
      return made && init?.headers && 'Authorization' in init.headers ? made() : answer;
    },
  }));

beforeEach(async () => {
  instead = {};
  store = forgetful();
  shop = await startShop(provider.issuer, { handle: `counts-${++handles}`, store });
  reader = readerHere();
  await reader.wallet.open(host());
  return () => shop.close();
});

const press = (path: string) => pressOn(shop.origin, path, { payto: shop.payto });

async function ask(path: string, from = reader) {
  const decision = await from.wallet.press(press(path));
  if (decision.kind !== 'ask') throw new Error(`asked: ${decision.kind}`);
  return decision.ask;
}

async function yes(path: string, from = reader) {
  return from.wallet.pay({ askId: (await ask(path, from)).id, remember: false });
}

const lost = () => new Response('<h1>Bad gateway</h1>', { status: 502 });

const refusing = (code: ErrorCode) => () =>
  new Response(JSON.stringify({ farthing: code, detail: '' }), {
    status: 402,
    headers: { 'Content-Type': 'application/problem+json' },
  });

const purses = () => reader.ports.store.purses.all();
const atRisk = async () => (await reader.wallet.view()).atRisk;

describe('a seller that is silent', () => {
  it('holds what is set aside; by the reader’s word more is set aside beside it', async () => {
    await yes('/articles/before');
    instead['/articles/a'] = lost;
    expect((await yes('/articles/a')).kind).toBe('waiting');
    expect(await atRisk()).toBe('20000');
    const question = await ask('/articles/b');
    expect(question.reasons).toEqual(['unresolved']);
    const outcome = await reader.wallet.pay({ askId: question.id, remember: true });
    expect(outcome.kind).toBe('paid');
    expect(await purses()).toHaveLength(2);
    // The other one is there now: nothing is left to ask about.
    expect((await reader.wallet.press(press('/articles/c'))).kind).toBe('paid');
    expect((await reader.wallet.press(press('/articles/a'))).kind).toBe('waiting');
    instead = {};
    await reader.passTime();
    expect(await atRisk()).toBe('0');
    expect(await shop.accepted()).toEqual({ charges: 4, totalMicros: 80_000n });
  });

  it('holds up no other seller', async () => {
    const other = await startShop(provider.issuer, { handle: `counts-other-${handles}` });
    await yes('/articles/before');
    instead['/articles/a'] = lost;
    await yes('/articles/a');
    const there = pressOn(other.origin, '/articles/x', { payto: other.payto });
    const decision = await reader.wallet.press(there);
    if (decision.kind !== 'ask') throw new Error(decision.kind);
    expect(decision.ask.reasons).toEqual(['first-time']);
    const outcome = await reader.wallet.pay({ askId: decision.ask.id, remember: false });
    expect(outcome.kind).toBe('paid');
    await other.close();
  });

  it('for a moment is waited for: nothing more is set aside beside it', async () => {
    await yes('/articles/before');
    const { promise, resolve } = Promise.withResolvers<Response>();
    instead['/articles/a'] = () => promise;
    const first = yes('/articles/a');
    await expect.poll(() => reader.requests).toContain('GET /articles/a');
    const question = await ask('/articles/b');
    expect(question.reasons).toEqual([]);
    const second = reader.wallet.pay({ askId: question.id, remember: false });
    await expect.poll(() => reader.ports.store.payments.pending()).toHaveLength(2);
    instead = {};
    resolve(lost());
    expect((await first).kind).toBe('waiting');
    const outcome = await second;
    if (outcome.kind !== 'ask') throw new Error(outcome.kind);
    expect(outcome.ask.reasons).toEqual(['unresolved']);
    expect(await purses()).toHaveLength(1);
    expect(await shop.accepted()).toEqual({ charges: 2, totalMicros: 40_000n });
  });

  it('is spared: what it owes an answer to is sent when due, or by the reader', async () => {
    instead['/articles/a'] = lost;
    const outcome = await yes('/articles/a');
    if (outcome.kind !== 'waiting') throw new Error(outcome.kind);
    reader.requests.length = 0;
    expect(await reader.wallet.resume()).toBe(1);
    expect(reader.requests).toEqual([]);
    await reader.wallet.retry(outcome.payment.id);
    expect(reader.requests).toEqual(['GET /articles/a']);
  });
});

describe('a seller restored from yesterday', () => {
  it('is shown the charge before, adopts it, and is paid once', async () => {
    await yes('/articles/a');
    const writes = store.written.length;
    await yes('/articles/b');
    await yes('/articles/c');
    await store.backTo(writes);
    expect((await yes('/articles/d')).kind).toBe('paid');
    const { totalMicros } = await shop.accepted();
    expect(totalMicros).toBe(80_000n);
    expect((await reader.wallet.view()).yours).toBe('170000');
  });

  it('that lost everything is no other case', async () => {
    await yes('/articles/a');
    await store.backTo(0);
    expect((await yes('/articles/b')).kind).toBe('paid');
    expect((await shop.accepted()).totalMicros).toBe(40_000n);
  });
});

describe('a seller that refuses', () => {
  it('holds a promise: it is shown as at risk until the next receipt', async () => {
    await yes('/articles/a');
    shop.prices['/articles/b'] = '0.03 USD';
    expect((await yes('/articles/b')).kind).toBe('ask');
    expect(await atRisk()).toBe('20000');
    await reader.wallet.dismiss(7);
    await yes('/articles/c');
    expect(await atRisk()).toBe('0');
  });

  it('in words and accepts all the same is paid for both, each once, and says so', async () => {
    await yes('/articles/a');
    instead['/articles/b'] = refusing('not_delivered');
    expect((await yes('/articles/b')).kind).toBe('refused');
    instead = {};
    expect((await yes('/articles/c')).kind).toBe('paid');
    expect(await shop.accepted()).toEqual({ charges: 3, totalMicros: 60_000n });
    const { latest, yours, atRisk: risk } = await reader.wallet.view();
    expect(latest.map(({ state }) => state)).toEqual(['paid', 'paid', 'paid']);
    expect({ yours, risk }).toEqual({ yours: '190000', risk: '0' });
  });
});

describe('a charge that was refused in words and is accepted', () => {
  it('is tried again where it was signed, and not paid on the purse beside that', async () => {
    await yes('/articles/before');
    instead['/articles/a'] = lost;
    await yes('/articles/a');
    expect((await yes('/articles/b')).kind).toBe('paid');
    instead['/articles/a'] = refusing('not_delivered');
    await reader.passTime();
    instead = {};
    expect((await yes('/articles/a')).kind).toBe('paid');
    expect(await purses()).toHaveLength(2);
    expect(await shop.accepted()).toEqual({ charges: 3, totalMicros: 60_000n });
  });
});

describe('a wallet from a backup', () => {
  it('adopts what its key signed since, asks, and pays once', async () => {
    await yes('/articles/a');
    const restored = readerHere();
    await copyProfile(reader, restored);
    await yes('/articles/b');
    await yes('/articles/c');
    const outcome = await yes('/articles/d', restored);
    if (outcome.kind !== 'ask') throw new Error(outcome.kind);
    expect(outcome.ask.reasons).toEqual(['used-elsewhere']);
    const [seller] = await restored.wallet.sellers();
    expect(seller).toMatchObject({ isUsedElsewhere: true, spent: '20000' });
    expect(await shop.accepted()).toMatchObject({ charges: 3 });
    const answer = { askId: outcome.ask.id, remember: false };
    expect((await restored.wallet.pay(answer)).kind).toBe('paid');
    expect(await shop.accepted()).toEqual({ charges: 4, totalMicros: 80_000n });
    expect((await ask('/articles/e', restored)).reasons).toEqual([]);
  });

  it('adopts nothing that another key signed', async () => {
    await yes('/articles/a');
    const restored = readerHere();
    await copyProfile(reader, restored);
    await yes('/articles/b');
    const [purse] = await restored.ports.store.purses.all();
    if (!purse) throw new Error('there is a purse');
    const stranger = { ...purse.key.jwk, x: purse.key.jwk.y };
    await restored.ports.store.purses.put({ ...purse, key: { ...purse.key, jwk: stranger } });
    expect((await yes('/articles/c', restored)).kind).toBe('refused');
    expect((await restored.ports.store.purses.all())[0]).toMatchObject({ seq: 1 });
  });
});

it('what was refused in words, tried again and found accepted is paid once', async () => {
  await yes('/articles/before');
  instead['/articles/a'] = refusing('not_delivered');
  await yes('/articles/a');
  instead['/articles/a'] = lost;
  expect((await yes('/articles/a')).kind).toBe('waiting');
  expect((await yes('/articles/b')).kind).toBe('paid');
  instead = {};
  await reader.passTime();
  expect(await shop.accepted()).toEqual({ charges: 3, totalMicros: 60_000n });
  const { latest } = await reader.wallet.view();
  expect(latest.map(({ state, title }) => [state, title]).sort()).toEqual([
    ['paid', 'Article /articles/a'],
    ['paid', 'Article /articles/b'],
    ['paid', 'Article /articles/before'],
  ]);
});
