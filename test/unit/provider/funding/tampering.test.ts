/** What the audit must not overlook of money that came in and was taken back. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import { hearCosts } from '../../../../src/provider/funding/costs.ts';
import { settleFunding } from '../../../../src/provider/funding/settle.ts';
import { askForPurse, chargeOf, collect, type TestAccount } from '../../../support/account.ts';
import { entry, type Falsify, filled, type Names, statement } from '../../../support/falsify.ts';
import { randomId } from '../../../support/payer.ts';
import { openSandbox, type Sandbox } from '../../../support/sandbox.ts';

const folder = mkdtempSync(join(tmpdir(), 'farthing-tampering-'));
let sandbox: Sandbox;
/** A reader who owes, one who owes nothing, one who took money back; top-ups of theirs. */
let names: Names;
let copies = 0;

async function pay(reader: TestAccount, card: string): Promise<string> {
  const id = randomId();
  const body = { id, amount: '1000000', currency: 'USD', card };
  await reader.call('POST', '/v1/topups', body);
  return id;
}

beforeAll(async () => {
  sandbox = await openSandbox(folder);
  const { account: seller, payto } = await sandbox.seller('news');
  const [debtor, other] = [await sandbox.reader(), await sandbox.reader()];
  const t = await pay(debtor, 'chargeback');
  const u = await pay(other, 'chargeback won');
  await pay(other, 'decline');
  const purse = await askForPurse(debtor, { payto, amountMicros: 750_000n });
  const charges = [await chargeOf(purse, { seq: 1, tot: 750_000n })];
  await collect(seller, { payto, charges });
  for (let minute = 0; minute < 2; minute++) await settleFunding(sandbox.context);
  const guest = await sandbox.reader();
  const v = await pay(guest, 'success');
  const w = randomId();
  const body = { id: w, currency: 'USD', amount: '500000' };
  await guest.call('POST', '/v1/withdrawals', body);
  await settleFunding(sandbox.context);
  const n = randomId(); // not sent yet
  await guest.call('POST', '/v1/withdrawals', { id: n, currency: 'USD', amount: '20000' });
  const accountOf = async (reader: TestAccount) =>
    String((await reader.call('GET', '/v1/account')).body.account);
  const [d, o, g] = [await accountOf(debtor), await accountOf(other), await accountOf(guest)];
  const costs = [
    { account: g, id: v, reference: 'txn_1', amountMicros: 90_000n },
    { account: g, id: v, reference: 'txn_2', amountMicros: -30_000n },
  ];
  const heard = { costs, untilSec: undefined, remarks: [] };
  const { context } = sandbox;
  await hearCosts({ ...context, funding: { ...context.funding, costs: async () => heard } });
  names = { d, o, g, t, u, v, w, n };
  await sandbox.close();
}, 30_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CASES: readonly (readonly [what: string, row: string, falsify: Falsify])[] = [
  ['a top-up deleted', 'topup {d}/{t}', statement("delete from topup where id = '{t}'")],
  [
    'a refused top-up made a paid one',
    'topup {o}/',
    statement("update topup set state = 'paid', payment = 'x' where state = 'failed'"),
  ],
  [
    'a paid top-up made to wait',
    'topup {o}/{u}',
    statement("update topup set state = 'begun' where id = '{u}'"),
  ],
  [
    'a top-up of another amount',
    'topup {o}/{u}',
    statement("update topup set amount_micros = 2000000 where id = '{u}'"),
  ],
  [
    'a top-up of another question',
    'topup {o}/{u}',
    statement("update topup set digest = 'x' where id = '{u}'"),
  ],
  [
    'a top-up at another time',
    'topup {o}/{u}',
    statement("update topup set paid_at_sec = 1 where id = '{u}'"),
  ],
  ['a payment without a name', 'topup {o}/{u}', statement('update topup set payment = null')],
  [
    'a payment that is made another reader’s',
    'topup ',
    statement(`update topup set payment = (select payment from topup where id = '{u}')
      where id = '{v}'`),
  ],
  [
    'a dispute that is made one of nothing',
    'dispute {o}/',
    statement("update dispute set topup = 'x' where state = 'won'"),
  ],
  [
    'a charged back top-up made a good one',
    'topup {d}/{t}',
    statement("update topup set state = 'paid', charged_back_micros = 0 where id = '{t}'"),
  ],
  [
    'a withdrawal deleted',
    'withdrawal {g}/{w}',
    statement("delete from withdrawal_part; delete from withdrawal where id = '{w}'"),
  ],
  [
    'a withdrawal of another question',
    'withdrawal {g}/{w}',
    statement("update withdrawal set digest = 'x'"),
  ],
  [
    'a withdrawal at another time',
    'withdrawal {g}/{w}',
    statement('update withdrawal set at_sec = 1'),
  ],
  [
    'a withdrawal of more than its parts',
    'withdrawal {g}/{w}',
    statement('update withdrawal_part set amount_micros = 490000'),
  ],
  [
    'a part that is made to be sent again',
    'withdrawal_part {g}.{w}.1',
    statement("update withdrawal_part set state = 'made'"),
  ],
  [
    'a part that is made to have failed',
    'withdrawal_part {g}.{w}.1',
    statement("update withdrawal_part set state = 'failed', failed_at_sec = 1"),
  ],
  [
    'a part that is made to be sent once more, under another name',
    'withdrawal {g}/{n}',
    statement("update withdrawal_part set number = 2 where withdrawal = '{n}'"),
  ],
  [
    'a part of a withdrawal of somebody else',
    'withdrawal_part {o}.{w}.1',
    statement(`insert into withdrawal_part
        (account, withdrawal, number, topup, amount_micros, state, asked_at_sec)
      values ('{o}', '{w}', 1, '{u}', 500000, 'made', 1);
      update topup set withdrawn_micros = 500000 where id = '{u}'`),
  ],
  [
    'a part of which nobody will ever ask again',
    'withdrawal_part {g}.{n}.1',
    statement("update withdrawal_part set state = 'sent' where withdrawal = '{n}'"),
  ],
  [
    'a payment that is made to give back once more',
    'topup {g}/{v}',
    statement("update topup set withdrawn_micros = 0 where id = '{v}'"),
  ],
  [
    'a withdrawal that nobody asked for',
    'withdrawal {g}/x',
    entry(
      ['withdrawal', 'withdrawal:{g}:x'],
      ['reader available', '{g}'],
      ['withdrawal in transit', '{g}'],
    ),
  ],
  [
    'a withdrawal of another reader’s money',
    'ledger_transaction',
    entry(
      ['withdrawal', 'withdrawal:{g}:x'],
      ['reader available', '{o}'],
      ['withdrawal in transit', '{g}'],
    ),
  ],
  [
    'a withdrawal of starter credit',
    'ledger_transaction',
    entry(
      ['withdrawal', 'withdrawal:{g}:x'],
      ['reader starter', '{g}'],
      ['withdrawal in transit', '{g}'],
    ),
  ],
  [
    'a part that comes back and pays nothing that is owed',
    'ledger_transaction',
    entry(
      ['withdrawal failed', 'withdrawal failed:{d}:x.1'],
      ['outside money'],
      ['reader available', '{d}'],
    ),
  ],
  ['a dispute deleted', 'dispute {d}/', statement("delete from dispute where account = '{d}'")],
  [
    'a lost dispute made a won one',
    'dispute {d}/',
    statement("update dispute set state = 'won' where account = '{d}'"),
  ],
  [
    'a dispute that ended made to go on',
    'dispute {d}/',
    statement("update dispute set state = 'open' where account = '{d}'"),
  ],
  [
    'a dispute of another amount',
    'dispute {d}/',
    statement("update dispute set amount_micros = 1 where account = '{d}'"),
  ],
  [
    'a move of a dispute deleted',
    'dispute {o}/',
    statement("delete from dispute_move where account = '{o}' and number = 2"),
  ],
  [
    'a move of a dispute of another amount',
    'dispute {d}/',
    statement("update dispute_move set amount_micros = 1 where account = '{d}'"),
  ],
  [
    'a dispute that is made to give back what it has',
    'dispute {d}/',
    statement(`insert into dispute_move select reference, 2, account, -amount_micros, at_sec
      from dispute_move where account = '{d}'`),
  ],
  [
    'a move of a dispute that is not there',
    'dispute_move x',
    statement(`insert into dispute_move values ('x', 1, '{d}', 5, 1)`),
  ],
  [
    'a withdrawal that nobody asked for, of one who has not left',
    'withdrawal {g}/unasked-9',
    async (file, names) => {
      const kinds = [
        ['reader available', '{g}'],
        ['withdrawal in transit', '{g}'],
      ] as const;
      await entry(['withdrawal', 'withdrawal:{g}:unasked-9'], ...kinds)(file, names);
      await statement(`insert into withdrawal
          values ('{g}', 'unasked-9', 'unasked', 5000, 'USD', 1800000100);
        insert into withdrawal_part (account, withdrawal, number, topup, amount_micros, state,
          asked_at_sec) values ('{g}', 'unasked-9', 1, '{v}', 5000, 'made', 1800000100);
        update topup set withdrawn_micros = withdrawn_micros + 5000 where id = '{v}'`)(file, names);
    },
  ],
  [
    'a dispute that began at another time',
    'dispute {d}/',
    statement("update dispute set at_sec = 1 where account = '{d}'"),
  ],
  [
    'a withdrawal for one who has not left',
    'withdrawal {g}/{w}',
    statement(`update withdrawal set digest = 'unasked'`),
  ],
  [
    'a frozen account let go',
    'account {d}',
    statement("update account set frozen_at_sec = null where id = '{d}'"),
  ],
  [
    'an account frozen for nothing',
    'account {o}',
    statement("update account set frozen_at_sec = 1 where id = '{o}'"),
  ],
  [
    'a debt that nobody disputes',
    'dispute {o}/x',
    entry(['chargeback', 'chargeback:{o}:x'], ['chargeback receivable', '{o}'], ['outside money']),
  ],
  [
    'a debt that another pays',
    'ledger_transaction',
    entry(
      ['recovery', 'recovery:{d}:9'],
      ['reader available', '{o}'],
      ['chargeback receivable', '{d}'],
    ),
  ],
  [
    'a debt forgiven',
    'ledger_transaction',
    entry(['recovery', 'recovery:{d}:9'], ['provider expense'], ['chargeback receivable', '{d}']),
  ],
  [
    'a dispute won by nobody',
    'dispute {d}/y',
    entry(
      ['chargeback won', 'chargeback won:{d}:y'],
      ['outside money'],
      ['chargeback receivable', '{d}'],
    ),
  ],
  [
    'a top-up that pays what is owed last',
    'ledger_transaction',
    entry(['topup', 'topup:{d}:z'], ['outside money'], ['reader available', '{d}']),
  ],
  ['a cost deleted', 'cost txn_1', statement("delete from cost where reference = 'txn_1'")],
  [
    'a cost that was given back, deleted',
    'cost txn_2',
    statement("delete from cost where reference = 'txn_2'"),
  ],
  [
    'a cost of another amount',
    'cost txn_1',
    statement("update cost set amount_micros = 80000 where reference = 'txn_1'"),
  ],
  [
    'a cost made one that was given back',
    'cost txn_1',
    statement("update cost set amount_micros = -90000 where reference = 'txn_1'"),
  ],
  [
    'a cost at another time',
    'cost txn_1',
    statement("update cost set at_sec = 1 where reference = 'txn_1'"),
  ],
  [
    'a cost that was never booked',
    'cost txn_3',
    statement("insert into cost values ('txn_3', 5000, 1)"),
  ],
  [
    'a cost that was booked and is no row',
    'cost txn_3',
    entry(['cost', 'cost:txn_3'], ['processing costs'], ['outside money']),
  ],
  [
    'a cost that a reader pays',
    'ledger_transaction',
    entry(['cost', 'cost:txn_3'], ['reader available', '{o}'], ['outside money']),
  ],
  [
    'a cost that is called the operator’s money while it was kept',
    'ledger_transaction',
    entry(['cost returned', 'cost returned:txn_3'], ['outside money'], ['provider funds']),
  ],
  [
    'a chargeback that spares what is there',
    'ledger_transaction',
    entry(['chargeback', 'chargeback:{o}:z'], ['chargeback receivable', '{o}'], ['outside money']),
  ],
];

function copyOfBooks(): string {
  copies += 1;
  const file = join(folder, `copy-${copies}.sqlite`);
  copyFileSync(sandbox.file, file);
  return file;
}

test('the books as they were hold', async () => {
  expect((await auditDatabase(copyOfBooks())).findings).toEqual([]);
});

test.for(CASES)('%s is found by %s', async ([, row, falsify]) => {
  const file = copyOfBooks();
  await falsify(file, names);
  const { holds, findings } = await auditDatabase(file);
  expect(holds).toBe(false);
  // The signed end is always found; this is about all else.
  const others = findings.filter((finding) => finding.row !== 'setting journal_head');
  const isNamed = others.some((finding) => finding.row.startsWith(filled(row, names)));
  expect(isNamed, JSON.stringify(findings, null, 1)).toBe(true);
});
