/**
 * The provider is killed at each step of a payout, as a real process, and again after its restart:
 * the bank is told once, under one id, and nothing is forgotten.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import { createFileBank } from '../../src/provider/payouts/files.ts';
import { bookOutcome } from '../../src/provider/payouts/payout.ts';
import { payOut } from '../../src/provider/payouts/run.ts';
import { topUp } from '../support/account.ts';
import { startDoomed } from '../support/doomed.ts';
import type { Moment } from '../support/doomed-provider.ts';
import { openSandbox, temporaryFolder } from '../support/sandbox.ts';
import { buy, DAY_MS, IBAN, PAID_AT_ONCE, setBank } from '../support/till.ts';

const MOMENTS: readonly Moment[] = [
  ...(['asked', 'before payout', 'after posting', 'booked', 'told', 'committed'] as const),
];

/** What two shops have earned, in books that nobody has open. */
async function earn(folder: string) {
  const sandbox = await openSandbox(folder, { ...PAID_AT_ONCE, feeRateBasisPoints: 0 });
  const reader = await sandbox.reader();
  await topUp(reader, 2_000_000n);
  for (const handle of ['news', 'blog']) {
    const seller = await sandbox.seller(handle);
    await buy(reader, seller, 500_000n);
    await setBank(seller.account, { handle });
  }
  await sandbox.close();
  return { file: sandbox.file, atMs: sandbox.time.nowMs + DAY_MS };
}

/** The books once more, and what is in them and in the files: each seller was paid once. */
async function expectPaidOnce(folder: string, files: string, nowMs: number): Promise<void> {
  const sandbox = await openSandbox(folder, { ...PAID_AT_ONCE, feeRateBasisPoints: 0 });
  const { context, time } = sandbox;
  Object.assign(context, { bank: createFileBank(files, { name: 'Test money', iban: IBAN }) });
  time.nowMs = nowMs;
  await payOut(context);
  await payOut(context);
  const payouts = await context.database.selectFrom('payout').selectAll().execute();
  const amounts = payouts.map(({ handle, state, amount_micros: it }) => [handle, state, it]);
  // Half a dollar each, less 25 cents of starter credit, for which there are no funds.
  expect(amounts.toSorted()).toEqual([
    ['blog', 'sent', 500_000n],
    ['news', 'sent', 250_000n],
  ]);
  const texts = readdirSync(files).map((name) => readFileSync(join(files, name), 'utf8'));
  const told = texts.flatMap((text) => [...text.matchAll(/<EndToEndId>(\w+)</g)]);
  const ids = payouts.map(({ id }) => id);
  expect(told.map(([, id]) => id).toSorted()).toEqual(ids.toSorted());
  const atSec = Math.floor(nowMs / 1000);
  for (const id of ids)
    for (const result of ['booked', 'known']) {
      const book = context.changeBooks((it) => bookOutcome(it, id, { outcome: 'paid', atSec }));
      expect(await book).toBe(result);
    }
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
  await sandbox.close();
}

function payoutFolder(): string {
  const folder = join(temporaryFolder(), 'payouts');
  mkdirSync(folder);
  return folder;
}

test.for(MOMENTS)('killed at %s, twice: each seller is paid once', async (moment) => {
  const [folder, files] = [temporaryFolder(), payoutFolder()];
  const { file, atMs } = await earn(folder);
  for (const day of [0, DAY_MS]) {
    const payouts = { folder: files, atMs: atMs + day };
    const { ended } = await startDoomed({ file, path: 'none', moment, payouts });
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect((await auditDatabase(file)).findings).toEqual([]);
  }
  await expectPaidOnce(folder, files, atMs + 2 * DAY_MS);
});

test('three processes that pay out at once pay each seller once', async () => {
  const [folder, files] = [temporaryFolder(), payoutFolder()];
  const { file, atMs } = await earn(folder);
  const order = {
    file,
    path: 'none',
    moment: 'committed',
    payouts: { folder: files, atMs },
  } as const;
  const running = await Promise.all(Array.from({ length: 3 }, () => startDoomed(order)));
  for (const { ended } of running) expect(await ended).toEqual([null, 'SIGKILL']);
  await expectPaidOnce(folder, files, atMs + DAY_MS);
});
