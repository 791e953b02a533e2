/** What is set aside: fetched back, taken back, prolonged, ended; whatever dies or is silent. */
import { beforeEach, describe, expect, it } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import { openDatabase } from '../../src/provider/database/database.ts';
import { release } from '../../src/provider/purses/releases.ts';
import { type Death, mortal } from '../support/mortal.ts';
import { useProvider } from '../support/provider.ts';
import { type RunningShop, startShop } from '../support/shop.ts';
import { copyProfile, makeReader, pressOn, type Reader } from '../support/wallet.ts';

const DAY_MS = 86_400_000;

let tunes: RunningShop;
let daily: RunningShop;
let reader: Reader;
let handles = 0;
/** Sellers, by address, that do not answer. */
let silent: Set<string>;
/** The provider's clock before the machine's. */
let aheadMs = 0;
const provider = useProvider({ clock: () => Date.now() + aheadMs });
/** What a screen does when something changes. */
let onChange: () => unknown = () => undefined;
/** Whether the next charge is refused in words after the seller took it. */
let refuseNext = false;

const host = () => new URL(provider.issuer).host;

const readerHere = (name?: string) =>
  makeReader(name, (ports) => ({
    ...ports,
    fetch: async (input, init) => {
      if (silent.has(new URL(String(input)).origin)) throw new TypeError('no answer');
      const answer = await ports.fetch(input, init);
      if (!refuseNext || !answer.headers.has('Payment-Receipt')) return answer;
      refuseNext = false;
      const headers = { 'Content-Type': 'application/problem+json' };
      return new Response('{"farthing":"not_delivered","detail":""}', { status: 402, headers });
    },
    changed: () => onChange(),
  }));

beforeEach(async () => {
  silent = new Set();
  aheadMs = 0;
  onChange = () => undefined;
  handles += 1;
  tunes = await startShop(provider.issuer, { handle: `tunes-${handles}` });
  daily = await startShop(provider.issuer, { handle: `daily-${handles}` });
  reader = readerHere();
  await reader.wallet.open(host());
  return async () => {
    await tunes.close();
    await daily.close();
  };
});

async function ask(shop: RunningShop, path: string, price = '0.02 USD', from = reader) {
  shop.prices[path] = price;
  const decision = await from.wallet.press(
    pressOn(shop.origin, path, { payto: shop.payto, price }),
  );
  if (decision.kind !== 'ask') throw new Error(`asked: ${decision.kind}`);
  return decision.ask;
}

async function buy(shop: RunningShop, path: string, price = '0.02 USD', from = reader) {
  const { id } = await ask(shop, path, price, from);
  return from.wallet.pay({ askId: id, remember: false });
}

const holds = async () =>
  expect(await auditDatabase(provider.databaseFile)).toMatchObject({ holds: true, findings: [] });

const purseOf = async (shop: RunningShop, from = reader) => {
  const purse = (await from.ports.store.purses.all()).find(({ payto }) => payto === shop.payto);
  if (!purse) throw new Error('nothing is set aside there');
  return purse;
};

/** The provider gives back what is left of a purse whose time is over. */
async function releaseAt(shop: RunningShop): Promise<void> {
  const { id } = await purseOf(shop);
  const database = await openDatabase(provider.databaseFile, 'write');
  await database
    .transaction()
    .execute((books) => release(books, id, Math.floor(Date.now() / 1000)));
  await database.destroy();
}

/** Everybody's day is over; the wallet hears of it when it asks for its balance. */
async function passDays(days: number): Promise<void> {
  aheadMs += days * DAY_MS;
  await reader.wallet.refresh();
}

describe('what is set aside elsewhere', () => {
  it('is fetched back inside a payment, before anybody says that there is not enough', async () => {
    await buy(tunes, '/articles/song', '0.06 USD');
    const { id } = await ask(daily, '/articles/dear', '0.17 USD');
    expect((await reader.wallet.openIn(7))?.kind).toBe('ask');
    const seen: unknown[] = [];
    onChange = async () => {
      const [latest] = (await reader.wallet.view()).latest;
      if (latest?.fetching) seen.push(latest.fetching);
    };
    const outcome = await reader.wallet.pay({ askId: id, remember: false });
    expect(outcome.kind).toBe('paid');
    expect(seen[0]).toEqual({ amount: '40000', sellerNames: ['The Daily'] });
    expect((await purseOf(tunes)).state).toBe('closed');
    await reader.wallet.refresh();
    expect((await reader.wallet.view()).yours).toBe('20000');
    await holds();
  });

  it('and does not come in time is named, with the day when it is back', async () => {
    await buy(tunes, '/articles/song', '0.06 USD');
    silent.add(tunes.origin);
    const { id } = await ask(daily, '/articles/dear', '0.17 USD');
    const outcome = await reader.wallet.pay({ askId: id, remember: false });
    expect(outcome).toMatchObject({
      kind: 'refused',
      payment: { refusal: { code: 'insufficient_funds' } },
    });
    const { latest, yours, aside } = await reader.wallet.view();
    expect({ yours, aside }).toEqual({ yours: '190000', aside: '40000' });
    const [missed] = latest[0]?.missed ?? [];
    expect(missed).toMatchObject({ sellerName: 'The Daily', amount: '40000' });
    expect(missed?.backByMs).toBeGreaterThan(Date.now() + 10 * DAY_MS);
    silent.clear();
    await reader.wallet.tidy();
    expect((await reader.wallet.view()).aside).toBe('0');
    await holds();
  });

  it('is no help where all of it is too little: what is missing is said at once', async () => {
    await buy(tunes, '/articles/song', '0.06 USD');
    const dear = { payto: daily.payto, price: '0.20 USD' };
    const view = await reader.wallet.offer(pressOn(daily.origin, '/articles/dear', dear));
    expect(view).toMatchObject({ kind: 'ask', short: '10000' });
    expect((await purseOf(tunes)).state).toBe('open');
  });
});

describe('what the reader takes back', () => {
  it('is back at once; the seller is paid, and a new purchase is set aside for anew', async () => {
    await buy(tunes, '/articles/a');
    expect(await reader.wallet.takeBack(tunes.payto)).toEqual({
      back: '30000',
      left: '0',
      leftUntilMs: undefined,
    });
    const { yours, aside } = await reader.wallet.view();
    expect({ yours, aside }).toEqual({ yours: '230000', aside: '0' });
    expect((await buy(tunes, '/articles/b')).kind).toBe('paid');
    await holds();
  });

  it('stays where a silent seller has it, and comes when the seller answers', async () => {
    await buy(tunes, '/articles/a');
    silent.add(tunes.origin);
    const taken = await reader.wallet.takeBack(tunes.payto);
    expect(taken).toMatchObject({ back: '0', left: '30000' });
    expect(taken.leftUntilMs).toBeGreaterThan(Date.now() + 9 * DAY_MS);
    expect((await reader.wallet.view()).yours).toBe('230000');
    silent.clear();
    expect(await reader.wallet.takeBack(tunes.payto)).toMatchObject({ back: '30000', left: '0' });
    await holds();
  });

  it('of a charge without an answer waits until it has one', async () => {
    await buy(tunes, '/articles/a');
    tunes.faults.push('lose-reply', 'lose-reply', 'lose-reply');
    expect((await buy(tunes, '/articles/b')).kind).toBe('waiting');
    expect(await reader.wallet.takeBack(tunes.payto)).toMatchObject({ back: '0', left: '30000' });
    expect(await reader.wallet.takeBack(tunes.payto)).toMatchObject({ left: '0' });
    expect((await reader.wallet.view()).yours).toBe('210000');
    await holds();
  });

  it('counts what the same key spent elsewhere', async () => {
    await buy(tunes, '/articles/a');
    const restored = readerHere();
    await copyProfile(reader, restored);
    await buy(tunes, '/articles/b');
    expect(await restored.wallet.takeBack(tunes.payto)).toMatchObject({ back: '10000', left: '0' });
    expect((await restored.wallet.view()).yours).toBe('210000');
    await holds();
  });

  it('killed at each step comes back once, and nothing is shown twice', async () => {
    const steps = await doomedTakeBack(await readyToTake(), Number.POSITIVE_INFINITY);
    expect(steps.length).toBeGreaterThan(5);
    for (let dieAt = 1; dieAt <= steps.length; dieAt++) {
      const profile = await readyToTake();
      await doomedTakeBack(profile, dieAt);
      const where = `killed ${steps[dieAt - 1]} (step ${dieAt})`;
      const back = readerHere(profile);
      expect(Number((await back.wallet.view()).yours), where).toBe(230_000);
      back.clock.aheadMs += 60_000;
      await back.wallet.resume();
      await back.wallet.takeBack(tunes.payto);
      await back.wallet.refresh();
      const { yours, aside } = await back.wallet.view();
      expect({ yours, aside }, where).toEqual({ yours: '230000', aside: '0' });
    }
    await holds();
  });
});

let profiles = 0;

async function readyToTake(): Promise<string> {
  const profile = `taken-${handles}-${++profiles}`;
  const ready = readerHere(profile);
  await ready.wallet.open(host());
  await buy(tunes, `/articles/${profile}`, '0.02 USD', ready);
  return profile;
}

async function doomedTakeBack(profile: string, dieAt: number): Promise<readonly string[]> {
  const base = readerHere(profile);
  let death: Death | undefined;
  const doomed = makeReader(profile, () => {
    const wrapped = mortal(base.ports, dieAt);
    death = wrapped.death;
    return wrapped.ports;
  });
  await Promise.race([doomed.wallet.takeBack(tunes.payto), death?.came]);
  return death?.steps ?? [];
}

describe('what is set aside is looked after', () => {
  it('in use it is prolonged a day before its end; idle it is fetched back', async () => {
    await buy(tunes, '/articles/a');
    await buy(daily, '/articles/a');
    const before = await purseOf(tunes);
    const store = reader.ports.store.purses;
    await store.put({ ...(await purseOf(daily)), usedAtMs: Date.now() - 4 * DAY_MS });
    await passDays(6.5);
    await reader.wallet.tidy();
    const prolonged = await purseOf(tunes);
    expect(prolonged.state).toBe('open');
    expect(prolonged.expiresAtSec - before.expiresAtSec).toBeGreaterThan(6 * 86_400);
    expect(prolonged.limitMicros).toBe(before.limitMicros);
    expect((await purseOf(daily)).state).toBe('closed');
    expect((await buy(tunes, '/articles/b')).kind).toBe('paid');
    expect((await reader.ports.store.purses.all()).length).toBe(2);
    await holds();
  });

  it('what was raised by the same key elsewhere is used as it is there', async () => {
    await buy(tunes, '/articles/a');
    const restored = readerHere();
    await copyProfile(reader, restored);
    for (const path of ['/articles/b', '/articles/c', '/articles/d']) await buy(tunes, path);
    const again = await buy(tunes, '/articles/e', '0.02 USD', restored);
    if (again.kind !== 'ask') throw new Error(again.kind);
    const answer = { askId: again.ask.id, remember: false };
    expect((await restored.wallet.pay(answer)).kind).toBe('paid');
    expect(await tunes.accepted()).toEqual({ charges: 5, totalMicros: 100_000n });
    await tunes.seller.collect();
    await holds();
  });
});

describe('a seller that never answers again', () => {
  it('and took nothing: at the purse’s end the charge is over, and the money back', async () => {
    tunes.faults.push('redirect');
    expect((await buy(tunes, '/articles/a')).kind).toBe('waiting');
    silent.add(tunes.origin);
    await passDays(10.1);
    await reader.passTime();
    expect((await reader.wallet.view()).latest).toMatchObject([{ state: 'sending' }]);
    await releaseAt(tunes);
    await reader.passTime();
    const { latest, aside, atRisk } = await reader.wallet.view();
    expect(latest).toMatchObject([{ state: 'refused', refusal: 'charge_lapsed' }]);
    expect({ aside, atRisk }).toEqual({ aside: '0', atRisk: '0' });
    await reader.wallet.refresh();
    expect((await reader.wallet.view()).yours).toBe('250000');
  });

  it('and collected all the same is shown to have taken it without a receipt', async () => {
    tunes.faults.push('bad-gateway');
    expect((await buy(tunes, '/articles/a')).kind).toBe('waiting');
    silent.add(tunes.origin);
    await tunes.seller.collect();
    await passDays(10.1);
    await releaseAt(tunes);
    await reader.wallet.tidy();
    expect((await reader.wallet.view()).latest).toMatchObject([{ state: 'taken' }]);
    await reader.wallet.refresh();
    expect((await reader.wallet.view()).yours).toBe('230000');
  });

  it('and had refused: what it kept is shown as taken too', async () => {
    await buy(tunes, '/articles/before');
    refuseNext = true;
    expect((await buy(tunes, '/articles/a')).kind).toBe('refused');
    await tunes.seller.collect();
    silent.add(tunes.origin);
    await passDays(10.1);
    await releaseAt(tunes);
    await reader.wallet.tidy();
    const { latest } = await reader.wallet.view();
    expect(latest.map(({ state }) => state)).toEqual(['taken', 'paid']);
    await reader.wallet.refresh();
    expect((await reader.wallet.view()).yours).toBe('210000');
  });
});
