/** What the audit must not overlook: each falsification is found by the row that it touched. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditDatabase } from '../../../src/provider/audit.ts';
import {
  askForPurse,
  chargeOf,
  collect,
  giveBack,
  noteOf,
  type TestAccount,
  topUp,
} from '../../support/account.ts';
import {
  copyOfBooks,
  entry,
  expectFound,
  type Falsify,
  filled,
  forgedNote,
  type Names,
  rechained,
  statement,
} from '../../support/falsify.ts';
import { openSandbox, type Sandbox } from '../../support/sandbox.ts';

const folder = mkdtempSync(join(tmpdir(), 'farthing-tampering-'));
let sandbox: Sandbox;
/** The accounts of two readers, and a purse of each: collected in part, and untouched. */
let names: Names;

async function accountOf(account: TestAccount): Promise<string> {
  return String((await account.call('GET', '/v1/account')).body.account);
}

beforeAll(async () => {
  sandbox = await openSandbox(folder);
  const { account: seller, payto } = await sandbox.seller('news');
  await sandbox.seller('blog'); // nothing is booked for them
  const [first, second] = [await sandbox.reader(), await sandbox.reader()]; // 1, 2
  await topUp(first, 2_000_000n); // 3
  await topUp(second, 1_000_000n); // 4
  const p = await askForPurse(first, { payto, amountMicros: 400_000n }); // 5
  await collect(seller, { payto, charges: [await chargeOf(p, { seq: 2, tot: 300_000n })] }); // 6
  const notes = [
    await noteOf(seller, p, { seq: 1, amt: 50_000n }), // 7
    await noteOf(seller, p, { seq: 3, amt: 20_000n }),
  ];
  await giveBack(seller, { payto, notes });
  const q = await askForPurse(second, { payto, amountMicros: 100_000n }); // 8
  await topUp(first, 1_000_000n); // 9
  names = { a: await accountOf(first), b: await accountOf(second), p: p.id, q: q.id };
  await sandbox.close();
}, 30_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const REFUND = "(select number from ledger_transaction where kind = 'refund')";
const CAPTURE = "(select number from ledger_transaction where kind = 'capture')";
const LAST = '(select max(number) from ledger_transaction)';
const NO_SIGNATURE = `'${'A'.repeat(86)}'`;

/** Takes a line of an entry away, and gives its amount to what the seller earned of money. */
function intoEarned(number: string, account: string): string {
  return `update posting set amount_micros = amount_micros + (select amount_micros from posting
    where number = ${number} and account like '${account}%')
    where number = ${number} and account = 'seller earned:news:USD';
    delete from posting where number = ${number} and account like '${account}%'`;
}

const CASES: readonly (readonly [what: string, row: string, falsify: Falsify])[] = [
  [
    'a reader’s money given to another reader',
    'ledger_transaction 10',
    entry(['topup', 'x1'], ['reader available', '{a}'], ['reader available', '{b}']),
  ],
  [
    'a reader’s money given to another under a good id',
    'ledger_transaction 10',
    entry(['topup', 'topup:{b}:x'], ['reader available', '{a}'], ['reader available', '{b}']),
  ],
  [
    'a gift made money',
    'ledger_transaction 10',
    entry(['release', 'release:{q}'], ['reader starter', '{b}'], ['reader available', '{b}']),
  ],
  [
    'earned gifts made money, as a refund',
    'ledger_transaction 10',
    entry(['refund', 'x3'], ['seller earned starter', 'news'], ['seller earned', 'news']),
  ],
  [
    'earned gifts made money, as a refund of a place',
    'refund:{p}:2',
    entry(['refund', 'refund:{p}:2'], ['seller earned starter', 'news'], ['seller earned', 'news']),
  ],
  [
    'earned gifts made money, as a capture',
    'ledger_transaction 10',
    entry(
      ['capture', 'capture:{p}:9'],
      ['seller earned starter', 'news'],
      ['seller earned', 'news'],
    ),
  ],
  [
    'fees given to a reader',
    'ledger_transaction 10',
    entry(['topup', 'topup:{b}:x'], ['provider fees'], ['reader available', '{b}']),
  ],
  [
    'money out of starter credit',
    'ledger_transaction 10',
    entry(['opening', 'opening:{b}x'], ['provider expense'], ['reader available', '{b}']),
  ],
  [
    'starter credit given twice',
    'ledger_transaction 10',
    entry(['opening', 'x5'], ['provider expense'], ['reader starter', '{b}']),
  ],
  [
    'starter credit given for another account’s opening',
    'ledger_transaction 10',
    entry(['opening', 'opening:nobody'], ['provider expense'], ['reader starter', '{b}']),
  ],
  [
    'a top-up that nobody asked for',
    'topup {b}/nobody',
    entry(['topup', 'topup:{b}:nobody'], ['outside money'], ['reader available', '{b}']),
  ],
  [
    'what a seller earned given to a reader',
    'ledger_transaction 10',
    entry(['refund', 'x6'], ['seller earned', 'news'], ['reader available', '{b}']),
  ],
  [
    'a refund of a charge that nobody gave back',
    'refund:{p}:2',
    entry(['refund', 'refund:{p}:2'], ['seller earned', 'news'], ['reader available', '{a}']),
  ],
  [
    'what a seller earned given to another seller',
    'ledger_transaction 10',
    entry(['capture', 'x7'], ['seller earned', 'news'], ['seller earned', 'blog']),
  ],
  [
    'a purse raised by another reader',
    'ledger_transaction 10',
    entry(['raise', 'raise:{a}:x'], ['reader available', '{a}'], ['purse', '{q}']),
  ],
  [
    'a purse raised, and nobody asked',
    'answered_write {b}/x',
    entry(['raise', 'raise:{b}:x'], ['reader starter', '{b}'], ['purse', '{q}']),
  ],
  [
    'an entry of an unknown kind',
    'ledger_transaction 10',
    entry(['gift', 'x9'], ['reader available', '{a}'], ['reader available', '{b}']),
  ],
  [
    'an entry that was appended behind the signed end',
    'setting journal_head',
    entry(['topup', 'topup:{b}:x'], ['outside money'], ['reader available', '{b}']),
  ],
  [
    'a refund paid to another reader',
    'ledger_transaction 7',
    rechained(`insert or ignore into ledger_account
      values ('reader starter:{b}:USD', 'reader starter', '{b}', 'USD', 0);
      update posting set account = 'reader starter:{b}:USD'
      where number = ${REFUND} and account like 'reader starter%'`),
  ],
  [
    'a gift paid back as money',
    'ledger_transaction 7',
    rechained(`update posting set account = 'reader available:{a}:USD'
      where number = ${REFUND} and account like 'reader starter%'`),
  ],
  [
    'a gift paid back from earned money',
    'ledger_transaction 7',
    rechained(`update posting set amount_micros = amount_micros + 10000
      where number = ${REFUND} and account like 'seller earned starter%';
      update posting set amount_micros = amount_micros - 10000
      where number = ${REFUND} and account = 'seller earned:news:USD';
      insert or ignore into posting values (${REFUND}, 9, 'seller earned:news:USD', -10000)`),
  ],
  [
    'a captured gift booked as money',
    'ledger_transaction 6',
    rechained(intoEarned(CAPTURE, 'seller earned starter')),
  ],
  [
    'a fee that the seller kept',
    'ledger_account provider fees:USD',
    rechained(intoEarned(CAPTURE, 'provider fees')),
  ],
  [
    'a fee that a reader got',
    'ledger_transaction 6',
    rechained(`insert into ledger_account
      values ('reader available:x:USD', 'reader available', 'x', 'USD', 0);
      update posting set account = 'reader available:x:USD'
      where number = ${CAPTURE} and account like 'provider fees%'`),
  ],
  [
    'a top-up of another amount',
    'topup {a}/',
    rechained(`update posting set amount_micros = amount_micros * 3 where number = ${LAST}`),
  ],
  [
    'the last entry cut off, though it was acknowledged',
    'answered_write {a}/',
    rechained(`delete from posting where number = ${LAST};
      delete from ledger_transaction where number = ${LAST}`),
  ],
  [
    'the last entry cut off, and its answer, too',
    'setting journal_head',
    rechained(`delete from answered_write where id = (
        select substr(id, length('topup:{a}:') + 1) from ledger_transaction where number = ${LAST});
      delete from posting where number = ${LAST};
      delete from ledger_transaction where number = ${LAST}`),
  ],
  [
    'a gift that went back forgotten',
    'purse {p}',
    statement('update purse set refunded_starter_micros = 0'),
  ],
  [
    'more gifts that went back',
    'purse {p}',
    statement('update purse set refunded_starter_micros = captured_starter_micros'),
  ],
  [
    'a waiting refund made void',
    'refund {p}/3',
    statement("update refund set state = 'void' where state = 'early'"),
  ],
  ['a waiting refund deleted', 'purse {p}', statement("delete from refund where state = 'early'")],
  [
    'a waiting refund deleted, of which an answer is out',
    'answered_write ',
    statement("delete from refund where state = 'early'; update purse set early_count = 0"),
  ],
  [
    'a paid refund made to wait',
    'refund {p}/1',
    statement("update refund set state = 'pending' where state = 'paid'"),
  ],
  [
    'a note without a signature',
    'refund {p}/1',
    statement(`update refund set note = substr(note, 1, length(note) - 86) || ${NO_SIGNATURE}`),
  ],
  [
    'a note of another amount without a key',
    'refund {p}/3',
    forgedNote(
      { amt: '100000' },
      "update refund set note = $note, amount_micros = 100000 where state = 'early'",
    ),
  ],
  [
    'a note made up without a key',
    'refund {p}/2',
    forgedNote(
      { seq: 2, amt: '200000' },
      `insert into refund (purse, seq, payto, amount_micros, note, key, state, at_sec)
       select purse, 2, payto, 200000, $note, key, 'pending', at_sec from refund limit 1`,
    ),
  ],
  [
    'a receipt key that did not sign the note',
    'refund {p}/1',
    statement(`update refund set key = (select key from purse where id = '{p}')`),
  ],
  [
    'a certificate without a signature',
    'purse {p}',
    statement(`update purse set
      certificate = substr(certificate, 1, length(certificate) - 86) || ${NO_SIGNATURE}`),
  ],
  [
    'another key for a purse that was not used',
    'purse {q}',
    statement(`update purse set key = (select keys ->> 0 from seller limit 1)
      where captured_micros = 0`),
  ],
  [
    'earnings that changed at no entry',
    'earnings news:USD',
    statement('update earnings set changed_number = 99'),
  ],
  [
    'lines without an entry',
    'posting 999',
    statement(`insert into posting
      values (999, 1, 'outside money:USD', -5), (999, 2, 'provider fees:USD', 5)`),
  ],
  [
    'a charge of no purse',
    'capture nobody',
    statement(`insert into capture
      (purse, seq, payto, total_micros, amount_micros, charge, at_sec)
      select 'nobody', seq, payto, total_micros, amount_micros, charge, at_sec
      from capture limit 1`),
  ],
  [
    'money set aside in no purse',
    'set_aside zz',
    statement(`insert into set_aside
      select 'zz', account, 'nobody', amount_micros, at_sec from set_aside limit 1`),
  ],
  [
    'money set aside at another time',
    'set_aside issue:{p}',
    statement('update set_aside set at_sec = 0'),
  ],
  [
    'money set aside by another reader',
    'set_aside zz',
    statement(`insert into set_aside
      select 'zz', '{a}', '{q}', 1900000, at_sec from set_aside limit 1`),
  ],
  ['answers deleted', 'answered_write {a}/', statement('delete from answered_write')],
  [
    'an answer to another question',
    'answered_write {a}/',
    statement("update answered_write set digest = 'x'"),
  ],
  ['an answer that is none', 'answered_write ', statement("update answered_write set body = '{'")],
  [
    'a key that opens another account',
    'account {a}',
    statement("update device set account = '{b}' where account = '{a}'"),
  ],
  [
    'a seller handed to another account',
    'seller news',
    statement("update seller set account = '{b}' where handle = 'news'"),
  ],
  ['a signing key exchanged', 'signing_key x', statement("update signing_key set kid = 'x'")],
  [
    'earnings of nothing',
    'earnings blog:USD',
    statement(`insert into earnings
      (handle, currency, rate_basis_points, collected_micros, fees_micros)
      values ('blog', 'USD', 0, 0, 0)`),
  ],
  ['a key that is none', 'purse {p}', statement("update purse set key = 'x'")],
  [
    'a hash that is none',
    'ledger_transaction 3',
    statement("update ledger_transaction set previous_hash = '!' where number = 3"),
  ],
  [
    'an account off the chart',
    'ledger_account petty cash:USD',
    statement("insert into ledger_account values ('petty cash:USD', 'petty cash', '', 'USD', 0)"),
  ],
  [
    'a reader’s name at a seller changed',
    'purse {p}',
    statement("update pseudonym set sub = substr(sub, 2) || 'A'"),
  ],
  [
    'starter credit of another amount',
    'account {a}',
    statement('update account set starter_micros = 1'),
  ],
  [
    'a signed end that is none',
    'setting journal_head',
    statement("update setting set value = 'x' where name = 'journal_head'"),
  ],
  ['a journal that can be changed', 'trigger posting_delete', statement('select 1')],
];

test('the books as they were hold', async () => {
  expect(await auditDatabase(copyOfBooks(sandbox.file))).toMatchObject({
    holds: true,
    transactions: 9,
  });
});

test.for(CASES)('%s is found by %s', async ([, row, falsify]) => {
  const file = copyOfBooks(sandbox.file);
  await falsify(file, names);
  await expectFound(file, filled(row, names));
});
