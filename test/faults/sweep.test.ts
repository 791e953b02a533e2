/**
 * The provider is killed at each named moment of giving back what was not spent, as a real process,
 * twice: in the end each purse is given back once.
 */
import { expect, onTestFinished, test } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import { continueRun, sweep } from '../../src/provider/purses/sweep.ts';
import {
  askForPurse,
  balanceIn,
  chargeOf,
  collect,
  makeAccount,
  openAccount,
  type Send,
  topUp,
} from '../support/account.ts';
import { startDoomed } from '../support/doomed.ts';
import type { Moment } from '../support/doomed-provider.ts';
import { ISSUER, openSandbox, registerSeller, temporaryFolder } from '../support/sandbox.ts';

const DAY_MS = 86_400_000;

/** Two purses whose time is over, of which one was spent in part; collection was open for long. */
async function openScene(folder: string) {
  const sandbox = await openSandbox(folder);
  let door: Send = sandbox.send;
  const send: Send = (url, init) => door(url, init);
  const seller = await makeAccount(ISSUER, send);
  const { payto } = await registerSeller(sandbox, seller, 'news');
  const reader = await makeAccount(ISSUER, send);
  await openAccount(reader);
  await topUp(reader, 1_000_000n);
  const amountMicros = 300_000n;
  const purse = await askForPurse(reader, { payto, amountMicros });
  await askForPurse(reader, { payto, amountMicros });
  await collect(seller, { payto, charges: [await chargeOf(purse, { seq: 1, tot: 100_000n })] });
  sandbox.time.nowMs += 11 * DAY_MS;
  await continueRun(sandbox.context, sandbox.run);
  await sandbox.close();
  return {
    ...{ reader, file: sandbox.file, atMs: sandbox.time.nowMs },
    goTo: (next: Send) => {
      door = next;
    },
  };
}

const MOMENTS: readonly Moment[] = ['asked', 'before posting', 'after posting', 'committed'];

test.for(MOMENTS)('killed %s, twice: what is left comes back once', async (moment) => {
  const folder = temporaryFolder();
  const { reader, file, atMs, goTo } = await openScene(folder);
  for (let time = 0; time < 2; time++) {
    const { ended } = await startDoomed({ file, path: 'none', moment, sweepAtMs: atMs });
    expect(await ended).toEqual([null, 'SIGKILL']);
    // That they are overdue is so.
    const { findings } = await auditDatabase(file);
    expect(findings.filter(({ detail }) => !detail.endsWith('was not released'))).toEqual([]);
  }
  const sandbox = await openSandbox(folder);
  onTestFinished(() => sandbox.close());
  goTo(sandbox.send);
  // Never in the first hour after a start.
  sandbox.time.nowMs = atMs;
  const { context, run } = sandbox;
  for (let hour = 0; hour < 3; hour++) {
    sandbox.time.nowMs += 3_600_000;
    await continueRun(context, run);
    await sweep(context);
  }
  expect(balanceIn(await reader.call('GET', '/v1/account'))).toMatchObject({
    ...{ available: 1_150_000n, starter: 150_000n, aside: 0n },
  });
  expect((await auditDatabase(file)).findings).toEqual([]);
});
