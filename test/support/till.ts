/** A seller whose earnings are paid out, at a provider of the test's own. */
import { expect } from 'vitest';
import type { EarningsAnswer } from '../../src/protocol/api.ts';
import type { Micros } from '../../src/protocol/money.ts';
import { auditDatabase } from '../../src/provider/audit.ts';
import { nowSec, type Rules } from '../../src/provider/context.ts';
import { addFunds } from '../../src/provider/payouts/desk.ts';
import { payOut } from '../../src/provider/payouts/run.ts';
import {
  type AskedPurse,
  askForPurse,
  chargeOf,
  collect,
  type Reply,
  type TestAccount,
  topUp,
} from './account.ts';
import { randomId } from './payer.ts';
import { IBAN, PAID_AT_ONCE } from './payoutrules.ts';
import { type Sandbox, useSandbox } from './sandbox.ts';

export { IBAN, PAID_AT_ONCE };
export const DAY_MS = 86_400_000;
export function setBank(
  account: TestAccount,
  { handle = 'news', id = randomId(), ...bank }: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const body = { id, name: 'The Daily GmbH', iban: IBAN, ...bank };
  return account.call('POST', `/v1/sellers/${handle}/bank`, body);
}

/** A purse that is spent and collected at once. */
export async function buy(
  reader: TestAccount,
  { account, payto }: { readonly account: TestAccount; readonly payto: string },
  amountMicros: bigint,
): Promise<AskedPurse> {
  const purse = await askForPurse(reader, { payto, amountMicros });
  const charges = [await chargeOf(purse, { seq: 1, tot: amountMicros })];
  const { body } = await collect(account, { payto, charges });
  expect(body.results).toMatchObject([{ state: 'captured' }]);
  return purse;
}

/** The operator puts money of its own in. */
export async function fundWith({ context }: Sandbox, amountMicros: bigint): Promise<void> {
  const funds = { amountMicros: amountMicros as Micros, reference: randomId() };
  await context.changeBooks((books) => addFunds(books, { ...funds, atSec: nowSec(context) }));
}

export interface Till {
  readonly sandbox: Sandbox;
  readonly seller: { readonly account: TestAccount; readonly payto: string };
  /** A reader with 20 dollars. */
  readonly reader: TestAccount;
  earnings(): Promise<EarningsAnswer>;
  /** Days go by, and then payouts run once. */
  pass(days: number): Promise<void>;
  /** Balances of books that an audit finds good. */
  balances(): Promise<Record<string, bigint>>;
}

/** What the seller is told. */
export async function earningsOf(account: TestAccount, handle = 'news', query = '') {
  const { status, body } = await account.call('GET', `/v1/sellers/${handle}/earnings${query}`);
  expect(status).toBe(200);
  return body as unknown as EarningsAnswer;
}

/** Without starter credit and fees, unless `rules` say so; the seller has a bank account. */
export async function useTill(rules: Partial<Rules> = {}): Promise<Till> {
  const sandbox = await useSandbox({
    ...{
      starterMicros: 0n as Micros,
      feeRateBasisPoints: 0,
      asideLimitMicros: (10n ** 9n) as Micros,
    },
    ...rules,
  });
  const seller = await sandbox.seller('news');
  const reader = await sandbox.reader();
  await topUp(reader, 20_000_000n);
  expect((await setBank(seller.account)).status).toBe(200);
  return {
    ...{ sandbox, seller, reader },
    earnings: () => earningsOf(seller.account),
    pass: async (days) => {
      sandbox.time.nowMs += days * DAY_MS;
      await payOut(sandbox.context);
    },
    balances: async () => {
      const { findings, accounts } = await auditDatabase(sandbox.file);
      expect(findings).toEqual([]);
      return Object.fromEntries(accounts.map(({ name, balanceMicros }) => [name, balanceMicros]));
    },
  };
}
