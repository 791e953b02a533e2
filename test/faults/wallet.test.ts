/** The worker is killed at every step of a payment, before and after each write and each send. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import { dieDuring } from '../support/mortal.ts';
import { useProvider } from '../support/provider.ts';
import { type RunningShop, startShop } from '../support/shop.ts';
import { makeReader, pressOn, type Reader } from '../support/wallet.ts';

const provider = useProvider();
let shop: RunningShop;
let profiles = 0;

beforeAll(async () => {
  shop = await startShop(provider.issuer);
});

afterAll(() => shop.close());

/** Presses a link, says yes where that is asked, and waits for the end. */
async function buy(reader: Reader, path: string): Promise<string> {
  const decision = await reader.wallet.press(pressOn(shop.origin, path, { payto: shop.payto }));
  if (decision.kind !== 'ask') return decision.kind;
  return (await reader.wallet.pay({ askId: decision.ask.id, remember: true })).kind;
}

const host = () => new URL(provider.issuer).host;

/** A new worker on the same profile: it resumes by itself, and the content script asks again. */
async function comeBack(profile: string, path: string) {
  const reader = makeReader(profile);
  await reader.wallet.resume();
  await reader.passTime();
  const end = await buy(reader, path);
  return { reader, end };
}

async function stepsOf(
  act: (reader: Reader) => Promise<unknown>,
  profile: string,
): Promise<string[]> {
  return (await dieDuring(profile, Number.POSITIVE_INFINITY, act)).steps;
}

async function openReader(): Promise<string> {
  const profile = `doomed-${++profiles}`;
  await makeReader(profile).wallet.open(host());
  return profile;
}

async function chargesFor(path: string): Promise<number> {
  return shop.log.filter((line) => line.startsWith(`GET ${path} 204`)).length;
}

describe('a worker killed at each step of a first purchase', () => {
  it('pays once, opens, and loses nothing', async () => {
    const steps = await stepsOf((reader) => buy(reader, '/articles/dry'), await openReader());
    expect(steps.length).toBeGreaterThan(20);
    for (let dieAt = 1; dieAt <= steps.length; dieAt++) {
      const profile = await openReader();
      const path = `/articles/first-${dieAt}`;
      const before = await shop.accepted();
      const { reader } = await dieDuring(profile, dieAt, (doomed) => buy(doomed, path));
      const back = await comeBack(profile, path);
      const where = `killed ${steps[dieAt - 1]} (step ${dieAt})`;
      expect(['paid', 'owned'], where).toContain(back.end);
      const after = await shop.accepted();
      expect(after.totalMicros - before.totalMicros, where).toBe(20_000n);
      expect(after.charges - before.charges, where).toBe(1);
      expect(reader.opened.length + back.reader.opened.length, where).toBeGreaterThanOrEqual(1);
      await back.reader.wallet.refresh();
      expect((await back.reader.wallet.view()).yours, where).toBe('230000');
      expect(await chargesFor(path), where).toBeGreaterThanOrEqual(1);
    }
    expect(await auditDatabase(provider.databaseFile)).toMatchObject({ holds: true, findings: [] });
  });
});

describe('a worker killed at each step of a later purchase', () => {
  it('pays once, opens, and loses nothing', async () => {
    const ready = async () => {
      const profile = await openReader();
      await buy(makeReader(profile), `/articles/before-${profile}`);
      return profile;
    };
    const steps = await stepsOf((reader) => buy(reader, '/articles/dry-2'), await ready());
    for (let dieAt = 1; dieAt <= steps.length; dieAt++) {
      const profile = await ready();
      const path = `/articles/later-${dieAt}`;
      const before = await shop.accepted();
      await dieDuring(profile, dieAt, (doomed) => buy(doomed, path));
      const back = await comeBack(profile, path);
      const where = `killed ${steps[dieAt - 1]} (step ${dieAt})`;
      expect(['paid', 'owned'], where).toContain(back.end);
      const after = await shop.accepted();
      expect(after.totalMicros - before.totalMicros, where).toBe(20_000n);
      await back.reader.wallet.refresh();
      expect((await back.reader.wallet.view()).yours, where).toBe('210000');
    }
  });
});

it('a worker killed at each step of opening the account opens one, credited once', async () => {
  const steps = await stepsOf((reader) => reader.wallet.open(host()), `doomed-${++profiles}`);
  for (let dieAt = 1; dieAt <= steps.length; dieAt++) {
    const profile = `doomed-${++profiles}`;
    await dieDuring(profile, dieAt, (reader) => reader.wallet.open(host()));
    const reader = makeReader(profile);
    await reader.wallet.open(host());
    const where = `killed ${steps[dieAt - 1]} (step ${dieAt})`;
    expect((await reader.wallet.view()).yours, where).toBe('250000');
  }
});

it('a worker killed at each step of a top-up tops up once', async () => {
  const act = (reader: Reader) => reader.wallet.topUp('5000000');
  const steps = await stepsOf(act, await openReader());
  for (let dieAt = 1; dieAt <= steps.length; dieAt++) {
    const profile = await openReader();
    await dieDuring(profile, dieAt, act);
    const reader = makeReader(profile);
    const isBegun = (await reader.ports.store.account.get('account'))?.topUp !== undefined;
    await reader.wallet.refresh();
    const isBooked = (await reader.wallet.view()).yours === '5250000';
    if (isBegun || !isBooked) await reader.wallet.topUp('5000000');
    const where = `killed ${steps[dieAt - 1]} (step ${dieAt})`;
    expect((await reader.wallet.view()).yours, where).toBe('5250000');
  }
});
