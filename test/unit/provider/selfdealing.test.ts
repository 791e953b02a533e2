/** Nobody gets more out than was put in, by being reader and seller at once. */
import { expect, test } from 'vitest';
import type { Micros } from '../../../src/protocol/money.ts';
import { auditDatabase } from '../../../src/provider/audit.ts';
import { sweep } from '../../../src/provider/purses/sweep.ts';
import { balanceIn, giveBack, noteOf, topUp } from '../../support/account.ts';
import { buy, fundWith, setBank, type Till, useTill } from '../../support/till.ts';

const PUT_IN_MICROS = 20_000_000n;

/** What the attacker has at its bank, and as a reader in money that it could ask back. */
async function outOf({ sandbox, reader, earnings }: Till): Promise<bigint> {
  const { paid, transit } = await earnings();
  const { available, starter } = balanceIn(await reader.call('GET', '/v1/account'));
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
  return BigInt(paid) + BigInt(transit) + available - starter;
}

type Step = 'undo' | 'payout' | 'bounce';

/** Buys for all that there is, in one's own shop, and does the steps with it. */
async function playRound(till: Till, steps: readonly Step[]): Promise<void> {
  const { reader, seller, pass } = till;
  const { account, payto } = seller;
  const { available } = balanceIn(await reader.call('GET', '/v1/account'));
  if (available === 0n) return;
  const purse = await buy(reader, seller, available);
  for (const step of steps) {
    if (step === 'undo') {
      const notes = [await noteOf(account, purse, { seq: 1, amt: available })];
      expect((await giveBack(account, { payto, notes })).status).toBe(200);
    } else {
      await setBank(account, { name: step === 'bounce' ? 'BOUNCE' : 'Me' });
      await pass(30);
      await pass(1);
    }
    expect(await outOf(till)).toBeLessThanOrEqual(PUT_IN_MICROS);
  }
}

const ORDERS: readonly (readonly [what: string, steps: readonly Step[]])[] = [
  ['undone before payouts', ['undo', 'payout']],
  ['undone after payouts', ['payout', 'undo']],
  ['undone after a payout that bounced', ['bounce', 'undo', 'payout']],
];

test.for(ORDERS)('buying in one’s own shop brings nothing, %s', async ([, steps]) => {
  const till = await useTill({ starterMicros: 250_000n as Micros, feeRateBasisPoints: 250 });
  for (let round = 0; round < 4; round++) {
    await playRound(till, steps);
    await sweep(till.sandbox.context);
  }
  await till.pass(60);
  await till.pass(1);
  expect(await outOf(till)).toBeLessThanOrEqual(PUT_IN_MICROS);
});

test('accounts that are opened for their starter credit bring their shop nothing', async () => {
  const { sandbox, seller, pass, earnings } = await useTill({ starterMicros: 250_000n as Micros });
  await fundWith(sandbox, 100_000_000n);
  for (let count = 0; count < 40; count++) await buy(await sandbox.reader(), seller, 250_000n);
  await pass(60);
  await pass(30);
  expect(await earnings()).toMatchObject({ earned: '10000000', payable: '0', payouts: [] });
});

test('with a top-up each they bring no more than the operator has put in for it', async () => {
  const { sandbox, seller, pass, earnings } = await useTill({ starterMicros: 250_000n as Micros });
  await fundWith(sandbox, 6_000_000n);
  for (let count = 0; count < 40; count++) {
    const reader = await sandbox.reader();
    await buy(reader, seller, 250_000n);
    await topUp(reader, 1_000_000n);
  }
  await pass(60);
  await pass(30);
  expect(await earnings()).toMatchObject({ paid: '6000000', earned: '4000000' });
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});
