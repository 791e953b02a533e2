import { StatementSync } from 'node:sqlite';
import { expect, onTestFinished, test, vi } from 'vitest';
import { audit } from '../../../src/cli/audit.ts';
import { readCharge } from '../../../src/protocol/charge.ts';
import type { Micros } from '../../../src/protocol/money.ts';
import { writeOf } from '../../../src/provider/api/writes.ts';
import { auditDatabase } from '../../../src/provider/audit.ts';
import { captureOne, PURSE_STATE, purseIn } from '../../../src/provider/collections/captures.ts';
import { ask } from '../../../src/provider/database/queries.ts';
import { bookNotice } from '../../../src/provider/funding/notices.ts';
import { continueRun } from '../../../src/provider/purses/sweep.ts';
import {
  type AskedPurse,
  askForPurse,
  chargeOf,
  collect,
  raisePurse,
  type TestAccount,
  topUp,
} from '../../support/account.ts';
import { tamper } from '../../support/books.ts';
import { randomId, START_MS } from '../../support/payer.ts';
import { type Sandbox, useSandbox } from '../../support/sandbox.ts';

const PURSE = '(select id from purse where captured_micros > 0)';

interface Books extends Sandbox {
  readonly purse: AskedPurse;
  /** Whose purse it is. */
  readonly owner: TestAccount;
}

/** Books in which everything happened once; the entries are numbered in this order. */
async function useBooks(): Promise<Books> {
  const sandbox = await useSandbox();
  const { account: seller, payto } = await sandbox.seller('news');
  const owner = await sandbox.reader(); // 1
  await topUp(owner, 1_000_000n); // 2
  const purse = await askForPurse(owner, { payto, amountMicros: 300_000n }); // 3
  await raisePurse(owner, { purse: purse.id, amountMicros: 400_000n }); // 4
  for (const seq of [1, 2]) {
    const charges = [await chargeOf(purse, { seq, tot: BigInt(seq) * 50_000n })];
    await collect(seller, { payto, charges }); // 5, 6
  }
  return { ...sandbox, purse, owner };
}

test('books that nobody touched balance', async () => {
  const { file } = await useBooks();
  const report = await auditDatabase(file);
  expect(report).toMatchObject({ holds: true, findings: [], transactions: 6 });
  expect(report.accounts.map(({ name }) => name)).toContain('outside money:USD');
});

test.for([
  [
    'a changed posting',
    'T1',
    'ledger_transaction 2',
    'update posting set amount_micros = 7 where number = 2 and line = 2',
  ],
  [
    'an entry without postings',
    'T1',
    'ledger_transaction 2',
    'delete from posting where number = 2',
  ],
  [
    'a stored balance',
    'T1',
    'ledger_account outside money:USD',
    "update ledger_account set balance_micros = balance_micros + 1 where id = 'outside money:USD'",
  ],
  [
    'an account off the chart',
    'T1',
    'posting 2/1',
    "update posting set account = 'petty cash:USD' where number = 2 and line = 1",
  ],
  [
    'a misnamed account',
    'T1',
    'ledger_account outside money:USD',
    "update ledger_account set kind = 'purse' where id = 'outside money:USD'",
  ],
  [
    'a missing account',
    'T1',
    'ledger_account provider fees:USD',
    "delete from ledger_account where id = 'provider fees:USD'",
  ],
  [
    'a balance below zero on the way',
    'T2',
    'posting 3/2',
    'update posting set amount_micros = amount_micros * 100 where number = 3',
  ],
  [
    'a stored balance below zero',
    'T2',
    'ledger_account provider fees:USD',
    "update ledger_account set balance_micros = -1 where id = 'provider fees:USD'",
  ],
  ['a purse overspent', 'T2', 'purse', 'update purse set captured_micros = 400001'],
  ['a limit raised for nothing', 'T3', 'purse', 'update purse set limit_micros = limit_micros + 1'],
  [
    'money set aside twice',
    'T3',
    'purse',
    'update set_aside set amount_micros = amount_micros * 2',
  ],
  ['a starter part', 'T3', 'purse', 'update purse set starter_micros = starter_micros + 1'],
  ['a release that paid nothing back', 'T3', 'purse', "update purse set state = 'released'"],
  [
    'a purse in another’s name',
    'T3',
    'purse',
    'update purse set account = (select account from seller)',
  ],
  [
    'money set aside in another’s name',
    'T3',
    'purse',
    'update set_aside set account = (select account from seller)',
  ],
  [
    'an end that comes early',
    'T3',
    'purse',
    'update purse set expires_at_sec = expires_at_sec - 1',
  ],
  ['a certificate that is none', 'T3', 'purse', "update purse set certificate = 'a.b.c'"],
  ['a purse that vanished', 'T3', 'purse', 'delete from purse'],
  ['a captured total', 'T4', 'purse', 'update purse set captured_micros = 60000'],
  ['a captured place', 'T4', 'purse', 'update purse set last_seq = 9'],
  ['a first capture', 'T4', 'purse', 'update purse set first_captured_at_sec = 1'],
  ['a last capture', 'T4', 'purse', 'update purse set last_captured_at_sec = 1'],
  ['a capture’s country', 'T4', 'capture', "update capture set country = 'XX' where seq = 2"],
  ['a capture forgotten', 'T4', 'capture:', 'delete from capture where seq = 2'],
  ['a capture’s amount', 'T4', 'capture', 'update capture set amount_micros = 1 where seq = 2'],
  ['a capture’s place', 'T4', 'capture', 'update capture set seq = 3 where seq = 2'],
  [
    'another charge as evidence',
    'T4',
    'capture',
    'update capture set charge = (select charge from capture where seq = 1) where seq = 2',
  ],
  ['no charge as evidence', 'T4', 'capture', "update capture set charge = 'a.b.c' where seq = 2"],
  [
    'a key exchanged',
    'T4',
    'capture',
    `update purse set key = (select keys ->> 0 from seller) where id = ${PURSE}`,
  ],
  [
    'earnings',
    'T4',
    'earnings news:USD',
    'update earnings set collected_micros = collected_micros + 1',
  ],
  [
    'a charge for another seller as evidence',
    'T4',
    'capture',
    "update purse set payto = 'blog@localhost:4270'",
  ],
  ['a fee at another rate', 'T8', 'earnings news:USD', 'update earnings set rate_basis_points = 3'],
  ['a fee', 'T8', 'earnings news:USD', 'update earnings set fees_micros = fees_micros + 1'],
  [
    'a missing entry',
    'T8',
    'ledger_transaction 4',
    'delete from posting where number = 3; delete from ledger_transaction where number = 3',
  ],
  [
    'a changed time',
    'T8',
    'ledger_transaction 2',
    'update ledger_transaction set at_sec = at_sec + 1 where number = 2',
  ],
  [
    'a changed kind',
    'T8',
    'ledger_transaction 2',
    "update ledger_transaction set kind = 'opening' where number = 2",
  ],
  [
    'a forged hash',
    'T8',
    'ledger_transaction 3',
    `update ledger_transaction set hash = '${'B'.repeat(42)}A' where number = 2`,
  ],
  [
    'money out of nothing',
    'T8',
    'ledger_account *:USD',
    "update ledger_account set balance_micros = balance_micros + 1 where id = 'outside money:USD'",
  ],
] as const)('%s is found as %s by %s', async ([, invariant, row, statement]) => {
  const { file } = await useBooks();
  await tamper(file, statement);
  const { holds, findings } = await auditDatabase(file);
  expect(holds).toBe(false);
  const rows = findings.filter((finding) => finding.invariant === invariant).map((it) => it.row);
  expect(
    rows.some((name) => name.startsWith(row)),
    JSON.stringify(findings, null, 1),
  ).toBe(true);
});

test('money that should have gone back by now is found', async () => {
  const sandbox = await useBooks();
  sandbox.time.nowMs += 11 * 86_400_000;
  await continueRun(sandbox.context, sandbox.run);
  const { findings } = await auditDatabase(sandbox.file);
  expect(findings).toMatchObject([{ invariant: 'T3', row: `purse ${sandbox.purse.id}` }]);
});

/** Top-ups with the writes that asked for them, and charges of one purse; in one transaction. */
async function growBooks(
  { context, purse, owner }: Books,
  { topUps, captures }: { topUps: number; captures: number },
): Promise<void> {
  const account = String((await owner.call('GET', '/v1/account')).body.account);
  await context.changeBooks(async (books) => {
    const writing = { context, books, account, kid: '', atSec: START_MS / 1000 };
    for (let count = 0; count < topUps; count++) {
      const id = randomId();
      const { atSec } = writing;
      const write = writeOf('topups', id, { id, amount: '1000000', currency: 'USD' });
      const facts = { amount_micros: 1_000_000n as Micros, currency: 'USD', method: 'card' };
      const row = { account, ...write, ...facts, begun_at_sec: atSec, asked_at_sec: atSec };
      await books
        .insertInto('topup')
        .values({ ...row, state: 'begun' })
        .execute();
      const paid = { kind: 'paid', account, id, payment: id } as const;
      const notice = { ...paid, amountMicros: facts.amount_micros };
      await bookNotice(books, notice, { atSec, log: console.error });
      const asked = { account, ...write, status: 200, body: '{}', at_sec: writing.atSec };
      await books.insertInto('answered_write').values(asked).execute();
    }
    let row = purseIn(await ask(books, PURSE_STATE({ id: purse.id })));
    for (let count = 1; count <= captures && row; count++) {
      const token = await chargeOf(purse, { seq: 2 + count, tot: 100_000n + BigInt(count) });
      row = await captureOne(writing, { purse: row, handle: 'news', charge: readCharge(token) });
    }
  });
}

test('the audit reads a book of ten thousand entries as often as a small one: once', async () => {
  const books = await useBooks();
  const reads = [
    vi.spyOn(StatementSync.prototype, 'all'),
    vi.spyOn(StatementSync.prototype, 'iterate'),
  ];
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  const readsOf = async (transactions: number) => {
    for (const read of reads) read.mockClear();
    expect(await auditDatabase(books.file)).toMatchObject({ findings: [], transactions });
    return reads.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  };
  const small = await readsOf(6);
  await growBooks(books, { topUps: 9_000, captures: 994 });
  expect(await readsOf(10_000)).toBe(small);
  expect(small).toBeLessThan(60);
}, 60_000);

test('the command answers 0, 1 or a refusal, in words or in JSON', async () => {
  const { file } = await useBooks();
  const print = vi.spyOn(console, 'log').mockReturnValue(undefined);
  onTestFinished(() => print.mockRestore());
  expect(await audit([file])).toBe(0);
  expect(print.mock.lastCall?.[0]).toContain('The books balance: 6 journal entries');
  await tamper(file, 'update purse set captured_micros = 60000');
  expect(await audit(['--json', file])).toBe(1);
  expect(JSON.parse(print.mock.lastCall?.[0])).toMatchObject({ holds: false, transactions: 6 });
  expect(await audit([file])).toBe(1);
  expect(print.mock.lastCall?.[0]).toMatch(/do NOT balance[\s\S]*T4 {2}purse/);
  await tamper(file, "update ledger_account set balance_micros = -1 where kind = 'provider fees'");
  expect(await audit([file])).toBe(1);
  expect(print.mock.lastCall?.[0]).toMatch(/provider fees USD +1 +-0\.000001/);
  await expect(audit([])).rejects.toMatchObject({ code: 'option_invalid' });
  await expect(audit([`${file}.missing`])).rejects.toMatchObject({ code: 'option_invalid' });
  await expect(audit(['package.json'])).rejects.toMatchObject({ code: 'database_foreign' });
});
