/** What the audit must not overlook of payouts: each falsification is found by what it touched. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import type { Rules } from '../../../../src/provider/context.ts';
import { payOut } from '../../../../src/provider/payouts/run.ts';
import { topUp } from '../../../support/account.ts';
import {
  copyOfBooks,
  entry,
  expectFound,
  type Falsify,
  filled,
  type Names,
  rechained,
  statement,
} from '../../../support/falsify.ts';
import { openSandbox, type Sandbox } from '../../../support/sandbox.ts';
import { buy, fundWith, PAID_AT_ONCE, setBank } from '../../../support/till.ts';

const RULES: Partial<Rules> = { ...PAID_AT_ONCE, feeRateBasisPoints: 0 };
const folder = mkdtempSync(join(tmpdir(), 'farthing-tampering-'));
let sandbox: Sandbox;
/** A reader; a payout that was paid, one that bounced, one that was sent; the next entry. */
let names: Names;

beforeAll(async () => {
  sandbox = await openSandbox(folder, RULES);
  const seller = await sandbox.seller('news');
  await sandbox.seller('blog');
  const reader = await sandbox.reader();
  await topUp(reader, 2_000_000n);
  await fundWith(sandbox, 1_000_000n);
  const turn = async (name: string, amountMicros: bigint) => {
    await payOut(sandbox.context);
    await setBank(seller.account, { name });
    await buy(reader, seller, amountMicros);
    sandbox.time.nowMs += 7_200_000;
    await payOut(sandbox.context);
  };
  await turn('The Daily', 300_000n); // 250,000 of it a gift
  await turn('BOUNCE Ltd', 200_000n);
  await turn('The Daily', 107_000n);
  const payouts = await sandbox.context.database.selectFrom('payout').selectAll().execute();
  const named = (state: string) => payouts.find((payout) => payout.state === state)?.id ?? '';
  const { number } = await sandbox.context.database
    .selectFrom('ledger_transaction')
    .select(({ fn }) => fn.max<bigint>('number').as('number'))
    .executeTakeFirstOrThrow();
  const a = String((await reader.call('GET', '/v1/account')).body.account);
  const next = `${number + 1n}`;
  names = { a, p: named('paid'), b: named('bounced'), s: named('sent'), next };
  await sandbox.close();
}, 30_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The entry of a payout, by its kind and the name of the payout. */
function entryOf(kind: string, name: string): string {
  return `(select number from ledger_transaction where id = '${kind}:{${name}}')`;
}

const CASES: readonly (readonly [what: string, row: string, falsify: Falsify])[] = [
  [
    'a payout that is in the journal alone',
    'ledger_transaction {next}',
    entry(['payout', 'payout:x'], ['seller earned', 'news'], ['payout in transit', 'news']),
  ],
  [
    'a payout that was paid twice',
    'payout {b}',
    entry(['paid', 'paid:{b}'], ['payout in transit', 'news'], ['outside money']),
  ],
  [
    'a payout on its way that the journal has paid',
    'payout {s}',
    entry(['paid', 'paid:{s}'], ['payout in transit', 'news'], ['outside money']),
  ],
  [
    'money on its way that another seller got',
    'ledger_transaction {next}',
    entry(['bounced', 'bounced:{s}'], ['payout in transit', 'news'], ['seller earned', 'blog']),
  ],
  [
    'money on its way that became the provider’s',
    'ledger_transaction {next}',
    entry(['bounced', 'bounced:{s}'], ['payout in transit', 'news'], ['provider funds']),
  ],
  [
    'the provider’s funds out of a reader’s money',
    'ledger_transaction {next}',
    entry(['funds', 'funds:x'], ['reader available', '{a}'], ['provider funds']),
  ],
  [
    'starter credit that nobody’s funds stand for',
    'ledger_transaction ',
    rechained(`delete from posting where number = ${entryOf('payout', 'p')}
      and (account like 'provider funds%' or account like 'starter paid out%')`),
  ],
  [
    'starter credit that became money without funds',
    'ledger_account outside money',
    entry(['opening', 'opening:x'], ['provider expense'], ['seller earned', 'news']),
  ],
  ['a payout forgotten', 'ledger_transaction ', statement("delete from payout where id = '{p}'")],
  [
    'a payout that was never booked',
    'payout zz',
    statement(`insert into payout select 'zz', number + 100, handle, currency, amount_micros,
      starter_micros, bank, method, run, state, made_at_sec, sent_at_sec, paid_at_sec,
      bounced_at_sec from payout where id = '{p}'`),
  ],
  [
    'books that pay by another bank than they did',
    'payout {p}',
    statement("update setting set value = 'pain.001' where name = 'payout_method'"),
  ],
  [
    'a seller that is paid at another account',
    'seller news',
    statement(`update seller set bank = '{"name":"The Daily","account":"4711-0815"}'
      where handle = 'news'`),
  ],
  [
    'a seller that is paid to another holder',
    'seller news',
    statement("update seller set bank = replace(bank, 'The Daily', 'The Other')"),
  ],
  ['a seller that is paid nowhere', 'seller news', statement("update seller set bank = 'x'")],
  [
    'a payout of another amount',
    'payout {s}',
    statement("update payout set amount_micros = amount_micros + 1 where id = '{s}'"),
  ],
  [
    'less starter credit in a payout',
    'ledger_transaction ',
    statement("update payout set starter_micros = 1 where id = '{p}'"),
  ],
  [
    'a payout of another seller',
    'ledger_transaction ',
    statement("update payout set handle = 'blog' where id = '{p}'"),
  ],
  [
    'a payout of nobody',
    'payout nobody',
    statement("update payout set handle = 'nobody' where id = '{p}'"),
  ],
  [
    'a paid one made to be sent again',
    'payout {p}',
    statement("update payout set state = 'made' where id = '{p}'"),
  ],
  [
    'a paid one made new in every column',
    'payout {p}',
    statement(`update payout set state = 'made', sent_at_sec = null, paid_at_sec = null
      where id = '{p}'`),
  ],
  [
    'one that is on its way called paid',
    'payout {s}',
    statement("update payout set state = 'paid', paid_at_sec = sent_at_sec where id = '{s}'"),
  ],
  [
    'paid at another time',
    'payout {p}',
    statement("update payout set paid_at_sec = paid_at_sec + 1 where id = '{p}'"),
  ],
  [
    'sent before it was made',
    'payout {s}',
    statement("update payout set sent_at_sec = 1 where id = '{s}'"),
  ],
  [
    'one that came back and was never sent',
    'payout {b}',
    statement("update payout set sent_at_sec = null where id = '{b}'"),
  ],
  [
    'another place in the list',
    'payout {p}',
    statement("update payout set number = 0 where id = '{p}'"),
  ],
  [
    'a bank account that is none',
    'payout {p}',
    statement(`update payout set bank = '{"name":"X","iban":"DE00"}' where id = '{p}'`),
  ],
  [
    'another bank account',
    'payout {s}',
    statement(`update payout set bank = '{"name":"Mallory","iban":"GB29NWBK60161331926819"}'
      where id = '{s}'`),
  ],
  [
    'another currency',
    'payout {s}',
    statement("update payout set currency = 'EUR' where id = '{s}'"),
  ],
  [
    'one that another bank is told',
    'payout {s}',
    statement("update payout set method = 'pain.001' where id = '{s}'"),
  ],
  [
    'what a charge earned of money called more',
    'capture ',
    statement('update capture set earned_micros = earned_micros + 1'),
  ],
  [
    'a charge that another seller earned',
    'capture ',
    statement("update capture set payto = 'blog@localhost:4270'"),
  ],
];

test('the books as they were hold', async () => {
  expect(await auditDatabase(copyOfBooks(sandbox.file))).toMatchObject({
    holds: true,
    findings: [],
  });
  expect(Object.values(names)).not.toContain('');
});

test.for(CASES)('%s is found by %s', async ([, row, falsify]) => {
  const file = copyOfBooks(sandbox.file);
  await falsify(file, names);
  await expectFound(file, filled(row, names));
});
