import { expect, test } from 'vitest';
import { PURSE_LIFE_SEC_MAX } from '../../../../src/protocol/certificate.ts';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import {
  continueRun,
  keepRun,
  releaseCutoffSec,
  sweep,
} from '../../../../src/provider/purses/sweep.ts';
import { askForPurse, balanceIn, chargeOf, collect, topUp } from '../../../support/account.ts';
import { type Sandbox, useSandbox } from '../../../support/sandbox.ts';

const HOUR_SEC = 3600;

async function passHours(sandbox: Sandbox, hours: number): Promise<number> {
  sandbox.time.nowMs += hours * HOUR_SEC * 1000;
  await continueRun(sandbox.context, sandbox.run);
  return sweep(sandbox.context);
}

test('what was not spent comes back 72 hours after the end, each part to its place', async () => {
  const sandbox = await useSandbox();
  const { account: seller, payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  await topUp(reader, 1_000_000n);
  const purse = await askForPurse(reader, { payto, amountMicros: 300_000n });
  const charges = [await chargeOf(purse, { seq: 1, tot: 100_000n })];
  await collect(seller, { payto, charges });
  expect(await passHours(sandbox, 7 * 24 + 71)).toBe(0);
  expect(await passHours(sandbox, 1)).toBe(1);
  expect(await passHours(sandbox, 1)).toBe(0);
  expect(balanceIn(await reader.call('GET', '/v1/account'))).toMatchObject({
    available: 1_150_000n,
    starter: 150_000n,
    aside: 0n,
  });
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});

test('after the release a new charge is too late, and an old one still known', async () => {
  const sandbox = await useSandbox();
  const { account: seller, payto } = await sandbox.seller('news');
  const purse = await askForPurse(await sandbox.reader(), { payto, amountMicros: 100_000n });
  const first = await chargeOf(purse, { seq: 1, tot: 10_000n });
  await collect(seller, { payto, charges: [first] });
  await passHours(sandbox, 10 * 24);
  const charges = [first, await chargeOf(purse, { seq: 2, tot: 20_000n })];
  const { body } = await collect(seller, { payto, charges });
  expect(body.results).toEqual([
    { pur: purse.id, state: 'known', seq: 1, tot: '10000' },
    { pur: purse.id, state: 'refused', code: 'purse_expired', seq: 1, tot: '10000' },
  ]);
});

test('a purse that was spent to the end is released without an entry', async () => {
  const sandbox = await useSandbox();
  const { account: seller, payto } = await sandbox.seller('news');
  const purse = await askForPurse(await sandbox.reader(), { payto, amountMicros: 100_000n });
  await collect(seller, { payto, charges: [await chargeOf(purse, { seq: 1, tot: 100_000n })] });
  expect(await passHours(sandbox, 10 * 24)).toBe(1);
  expect((await auditDatabase(sandbox.file)).holds).toBe(true);
});

test('a provider that was down through the grace waits until sellers had a day', async () => {
  const runs = [
    { openedAtSec: 0, seenAtSec: 1_000 },
    { openedAtSec: 500_000, seenAtSec: 500_000 + 10 * HOUR_SEC },
    { openedAtSec: 600_000, seenAtSec: 600_000 + 14 * HOUR_SEC - 1 },
  ];
  const atSec = 600_000 + 14 * HOUR_SEC;
  const [first, second, third] = runs;
  expect(releaseCutoffSec(runs, atSec)).toBe(999);
  if (!first || !second || !third) throw new TypeError('three runs');
  const later = [first, second, { ...third, seenAtSec: atSec }];
  expect(releaseCutoffSec(later, atSec)).toBe(Math.min(500_000, atSec - 72 * HOUR_SEC));
  expect(releaseCutoffSec([second, third], atSec)).toBeUndefined();
});

test('a machine that slept through the grace gives sellers a day before it releases', async () => {
  const sandbox = await useSandbox();
  const { account: seller, payto } = await sandbox.seller('news');
  const purse = await askForPurse(await sandbox.reader(), { payto, amountMicros: 100_000n });
  await passHours(sandbox, 7 * 24);
  let run = sandbox.run;
  const pass = async (hours: number) => {
    sandbox.time.nowMs += hours * HOUR_SEC * 1000;
    run = await keepRun(sandbox.context, run);
    return sweep(sandbox.context);
  };
  expect(await pass(73)).toBe(0);
  const charges = [await chargeOf(purse, { seq: 1, tot: 10_000n })];
  const { body } = await collect(seller, { payto, charges });
  expect(body.results).toMatchObject([{ state: 'captured' }]);
  for (let tenth = 1; tenth < 240; tenth++) expect(await pass(0.1)).toBe(0);
  expect(await pass(0.1)).toBe(1);
});

test('a clock that was ahead for a while puts no release off', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  await askForPurse(await sandbox.reader(), { payto, amountMicros: 100_000n });
  await passHours(sandbox, 9 * 24);
  let run = sandbox.run;
  const keepAfter = async (hours: number) => {
    sandbox.time.nowMs += hours * HOUR_SEC * 1000;
    run = await keepRun(sandbox.context, run);
    return sweep(sandbox.context);
  };
  const year = 365 * 24;
  expect(await keepAfter(year)).toBe(0);
  expect(await keepAfter(-year)).toBe(0);
  let releasedCount = 0;
  for (let tenth = 0; tenth < 250; tenth++) releasedCount += await keepAfter(0.1);
  expect(releasedCount).toBe(1);
});

test('nothing is released in the first hour after a start', async () => {
  const runs = [
    { openedAtSec: 0, seenAtSec: 40 * 24 * HOUR_SEC },
    { openedAtSec: 50 * 24 * HOUR_SEC, seenAtSec: 50 * 24 * HOUR_SEC },
  ];
  const startSec = 50 * 24 * HOUR_SEC;
  expect(releaseCutoffSec(runs, startSec + HOUR_SEC - 1)).toBeUndefined();
  expect(releaseCutoffSec(runs, startSec + HOUR_SEC)).toBeGreaterThan(PURSE_LIFE_SEC_MAX);
});

test('a process that starts beside another one keeps nobody waiting for an hour', async () => {
  const atSec = 300 * HOUR_SEC;
  const first = { openedAtSec: 0, seenAtSec: atSec };
  const beside = { openedAtSec: atSec - 600, seenAtSec: atSec };
  expect(releaseCutoffSec([first, beside], atSec)).toBe(atSec - 72 * HOUR_SEC);
  const before = { ...first, seenAtSec: beside.openedAtSec - 60 };
  expect(releaseCutoffSec([before, beside], atSec)).toBeUndefined();
});

test('an hour in which two processes were open is one hour', async () => {
  const day = { openedAtSec: 0, seenAtSec: 23 * HOUR_SEC };
  const beside = { openedAtSec: HOUR_SEC, seenAtSec: 22 * HOUR_SEC };
  const atSec = 200 * HOUR_SEC;
  expect(releaseCutoffSec([day, beside], atSec)).toBeUndefined();
  const after = { openedAtSec: 21 * HOUR_SEC, seenAtSec: 25 * HOUR_SEC };
  expect(releaseCutoffSec([day, beside, after], atSec)).toBe(HOUR_SEC);
});

test('a clock that was put back opens nothing', async () => {
  const runs = [{ openedAtSec: 1_000_000, seenAtSec: 5 }];
  expect(releaseCutoffSec(runs, 2_000_000)).toBeUndefined();
});
