/**
 * The worker is killed at every step of making an account safe, of copying its history and of
 * coming back to it, before and after each write and each send.
 */
import { expect, it } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import type { Secret } from '../../src/wallet/account/recovery.ts';
import { buy, comeBack, makeSecret, useTown } from '../support/keeping.ts';
import { dieDuring } from '../support/mortal.ts';
import { makeReader, type Reader } from '../support/wallet.ts';

const town = useTown();
let profiles = 0;

/** A reader who bought one thing. */
async function ready(): Promise<string> {
  const profile = `kept-${++profiles}`;
  const reader = makeReader(profile);
  await reader.wallet.open(town.host);
  await buy(reader, town.shop, `/articles/${profile}`);
  return profile;
}

/** What a new worker does on the same profile: it resumes, and what it began goes on. */
async function wake(profile: string): Promise<Reader> {
  const reader = makeReader(profile);
  await reader.wallet.resume();
  if (await reader.wallet.isOpen()) await reader.wallet.refresh();
  return reader;
}

async function stepsOf(act: (reader: Reader) => Promise<unknown>): Promise<string[]> {
  return (await dieDuring(await ready(), Number.POSITIVE_INFINITY, act)).steps;
}

async function boughtBy({ ports }: Reader) {
  const payments = await ports.store.payments.all();
  return payments.filter(({ state }) => state === 'paid').map(({ ask }) => ask.title);
}

it('a worker killed at each step of setting a code: it works in the end', async () => {
  const set = (secret: Secret) => (reader: Reader) => reader.wallet.setRecovery(secret);
  const steps = await stepsOf(set(makeSecret()));
  expect(steps.length).toBeGreaterThan(12);
  for (let dieAt = 1; dieAt <= steps.length; dieAt++) {
    const where = `killed ${steps[dieAt - 1]} (step ${dieAt})`;
    const profile = await ready();
    const secret = makeSecret();
    await dieDuring(profile, dieAt, set(secret));
    const reader = await wake(profile);
    const isSet = (await reader.wallet.safety()).kinds.includes('words');
    // Before the intent was stored nothing had begun, and the screen still shows the words.
    if (!isSet) await reader.wallet.setRecovery(secret);
    const back = await comeBack(town.host, secret);
    expect(await boughtBy(back), where).toEqual(await boughtBy(reader));
    expect((await back.wallet.safety()).damaged, where).toBe(0);
  }
});

it('a worker killed at each step of copying what is new: it is there once', async () => {
  const later = async (reader: Reader) => {
    await reader.wallet.setDailyLimit('500000');
    await reader.wallet.refresh();
  };
  const prepare = async () => {
    const profile = await ready();
    const secret = makeSecret();
    const reader = makeReader(profile);
    await reader.wallet.setRecovery(secret);
    await buy(reader, town.shop, `/articles/more-${profile}`);
    return { profile, secret };
  };
  const first = await prepare();
  const { steps } = await dieDuring(first.profile, Number.POSITIVE_INFINITY, later);
  for (let dieAt = 1; dieAt <= steps.length; dieAt++) {
    const where = `killed ${steps[dieAt - 1]} (step ${dieAt})`;
    const { profile, secret } = await prepare();
    await dieDuring(profile, dieAt, later);
    const reader = await wake(profile);
    const back = await comeBack(town.host, secret);
    expect((await boughtBy(back)).toSorted(), where).toEqual((await boughtBy(reader)).toSorted());
    const limits = [reader, back].map(async (it) => (await it.wallet.view()).dailyLimit);
    expect(new Set(await Promise.all(limits)).size, where).toBe(1);
    expect((await back.wallet.safety()).damaged, where).toBe(0);
  }
});

it('a worker killed at each step of coming back: one new device, everything there', async () => {
  const comeTo = (secret: Secret) => (reader: Reader) =>
    reader.wallet.restore({ ...secret, provider: town.host, name: 'New' });
  const prepare = async () => {
    const profile = await ready();
    const secret = makeSecret();
    const reader = makeReader(profile);
    await reader.wallet.setRecovery(secret);
    return { reader, secret };
  };
  const first = await prepare();
  const act = comeTo(first.secret);
  const { steps } = await dieDuring(`back-${++profiles}`, Number.POSITIVE_INFINITY, act);
  expect(steps.length).toBeGreaterThan(12);
  for (let dieAt = 1; dieAt <= steps.length; dieAt++) {
    const where = `killed ${steps[dieAt - 1]} (step ${dieAt})`;
    const { reader, secret } = await prepare();
    const profile = `back-${++profiles}`;
    await dieDuring(profile, dieAt, comeTo(secret));
    const back = await wake(profile);
    if (!(await back.wallet.isOpen())) await comeTo(secret)(back);
    await back.wallet.refresh();
    expect(await boughtBy(back), where).toEqual(await boughtBy(reader));
    expect((await reader.wallet.safety()).devices.length, where).toBe(2);
    expect(await back.ports.store.keeps.get('restoring'), where).toBeUndefined();
    expect((await back.wallet.view()).yours, where).toBe('200000');
  }
  expect((await auditDatabase(town.provider.databaseFile)).findings).toEqual([]);
});
