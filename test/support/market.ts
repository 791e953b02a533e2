/** A seller, a reader and a purse at a provider of the test's own. */
import { expect } from 'vitest';
import type { RefundResult } from '../../src/protocol/api.ts';
import { auditDatabase } from '../../src/provider/audit.ts';
import {
  type AskedPurse,
  askForPurse,
  balanceIn,
  chargeOf,
  collect,
  giveBack,
  type Reply,
  type TestAccount,
  topUp,
} from './account.ts';
import { type Sandbox, useSandbox } from './sandbox.ts';

export interface Market {
  readonly sandbox: Sandbox;
  readonly reader: TestAccount;
  readonly seller: TestAccount;
  readonly payto: string;
  readonly purse: AskedPurse;
  /** Hands in one charge. */
  handIn(seq: number, tot: bigint): Promise<Reply>;
  /** Hands in notes; answers each one's state, or the code of its refusal. */
  undo(...notes: string[]): Promise<string[]>;
}

/** Each note's state, or the code of its refusal. */
export function statesIn({ body }: Reply): string[] {
  return (body.results as RefundResult[]).map(({ code, state }) => code ?? state);
}

/** A purse of 10¢: of real money, unless its reader has none. */
export async function useMarket(money: 'real' | 'gift' = 'real'): Promise<Market> {
  const sandbox = await useSandbox(money === 'real' ? { starterMicros: 0n as never } : {});
  const { account: seller, payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  if (money === 'real') await topUp(reader, 1_000_000n);
  const purse = await askForPurse(reader, { payto, amountMicros: 100_000n });
  const handIn = async (seq: number, tot: bigint) =>
    collect(seller, { payto, charges: [await chargeOf(purse, { seq, tot })] });
  const undo = async (...notes: string[]) => statesIn(await giveBack(seller, { payto, notes }));
  return { sandbox, reader, seller, payto, purse, handIn, undo };
}

export async function availableOf(account: TestAccount): Promise<bigint> {
  return balanceIn(await account.call('GET', '/v1/account')).available;
}

/** The balances of books that an audit finds good. */
export async function balances({ sandbox }: Market): Promise<Record<string, bigint>> {
  const report = await auditDatabase(sandbox.file);
  expect(report.findings).toEqual([]);
  return Object.fromEntries(
    report.accounts.map(({ name, balanceMicros }) => [name, balanceMicros]),
  );
}
