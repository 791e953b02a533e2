import { describe, expect, test } from 'vitest';
import type { Micros } from '../../../../src/protocol/money.ts';
import { type Receipt, signReceipt } from '../../../../src/protocol/receipt.ts';
import { readRefundNote, signUndo, type Undo } from '../../../../src/protocol/undo.ts';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import { continueRun, sweep } from '../../../../src/provider/purses/sweep.ts';
import {
  askForPurse,
  balanceIn,
  chargeOf,
  collect,
  giveBack,
  noteOf,
  type TestAccount,
  topUp,
} from '../../../support/account.ts';
import { tamper } from '../../../support/books.ts';
import { makeKey, randomId, START_MS, type TestKey } from '../../../support/payer.ts';
import { type Sandbox, useSandbox } from '../../../support/sandbox.ts';

const NOW_SEC = START_MS / 1000;
const WINDOW_SEC = 600;

interface Stage {
  readonly sandbox: Sandbox;
  readonly seller: TestAccount;
  readonly reader: TestAccount;
  readonly payto: string;
  readonly purse: { readonly id: string; readonly payto: string; readonly key: TestKey };
}

async function openStage(): Promise<Stage> {
  const sandbox = await useSandbox();
  const { account: seller, payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  await topUp(reader, 1_000_000n);
  return {
    sandbox,
    seller,
    reader,
    payto,
    purse: await askForPurse(reader, { payto, amountMicros: 500_000n }),
  };
}

const bindingAt = (seq: number) => `${'A'.repeat(41)}${seq}A`.slice(0, 43);

/** A receipt for 20,000 micros at `seq`, and what is wrong with it. */
function receiptOf(
  { purse, seller }: Stage,
  seq: number,
  change: Partial<Receipt> = {},
  by = seller.device,
) {
  const tot = BigInt(seq) * 20_000n;
  const times = { at: NOW_SEC, until: NOW_SEC + 86_400, undo: NOW_SEC + WINDOW_SEC };
  const claims = {
    pur: purse.id,
    seq,
    tot,
    bnd: bindingAt(seq),
    amt: 20_000n,
    ...times,
    ...change,
  };
  return signReceipt(claims as Receipt, by);
}

function wishOf({ purse, payto }: Stage, seq: number, change: Partial<Undo> = {}, by = purse.key) {
  return signUndo({ aud: payto, pur: purse.id, seq, bnd: bindingAt(seq), ...change }, by.key);
}

interface Asked {
  readonly seq?: number;
  readonly receipt?: string;
  readonly undo?: string;
  readonly id?: string;
  readonly by?: TestAccount;
}

async function ask(
  stage: Stage,
  { seq = 1, id = randomId(), by = stage.reader, ...given }: Asked = {},
) {
  const receipt = given.receipt ?? (await receiptOf(stage, seq));
  const undo = given.undo ?? (await wishOf(stage, seq));
  return by.call('POST', '/v1/undos', { id, payto: stage.payto, receipt, undo });
}

/** Collects `seq` charges in one, each of 20,000 micros. */
async function collectTo({ purse, seller, payto }: Stage, seq: number): Promise<void> {
  const charge = await chargeOf(purse, { seq, tot: BigInt(seq) * 20_000n, bnd: bindingAt(seq) });
  await collect(seller, { payto, charges: [charge] });
}

const balance = async ({ reader }: Stage) =>
  balanceIn(await reader.call('GET', '/v1/account')).available;

const holds = async ({ sandbox }: Stage) =>
  expect(await auditDatabase(sandbox.file)).toMatchObject({ holds: true, findings: [] });

test('what a silent seller promised is given back in its name, from its earnings', async () => {
  const stage = await openStage();
  await collectTo(stage, 1);
  const before = await balance(stage);
  const { body } = await ask(stage);
  expect(body.state).toBe('paid');
  const { claims } = readRefundNote(String(body.refund));
  expect(claims).toMatchObject({ aud: stage.payto, pur: stage.purse.id, seq: 1, amt: 20_000n });
  expect((await balance(stage)) - before).toBe(20_000n);
  await holds(stage);
});

test('before the charge is collected it waits, and comes with the collection', async () => {
  const stage = await openStage();
  expect((await ask(stage)).body.state).toBe('pending');
  const before = await balance(stage);
  await collectTo(stage, 1);
  expect((await balance(stage)) - before).toBe(20_000n);
  expect((await ask(stage)).body.state).toBe('paid');
  await holds(stage);
});

test('the seller’s own note, before or after, is the same refund', async () => {
  const stage = await openStage();
  const { reader, seller, payto, purse } = stage;
  await collectTo(stage, 2);
  const before = await balance(stage);
  const note = await noteOf(seller, purse, { seq: 1, amt: 20_000n });
  await giveBack(seller, { payto, notes: [note] });
  expect((await ask(stage)).body).toEqual({ state: 'paid', refund: note });
  await ask(stage, { seq: 2 });
  const late = await noteOf(seller, purse, { seq: 2, amt: 20_000n, rtot: 40_000n });
  const { body } = await giveBack(reader, { payto, notes: [late] });
  expect(body.results).toEqual([{ pur: purse.id, seq: 2, state: 'paid' }]);
  expect((await balance(stage)) - before).toBe(40_000n);
  await holds(stage);
});

test('its seller is told with collections until it hands the note in, nobody else', async () => {
  const stage = await openStage();
  const { seller, payto, reader, sandbox } = stage;
  await collectTo(stage, 1);
  const { body } = await ask(stage);
  const told = async (at = { account: seller, payto }) =>
    (await collect(at.account, { payto: at.payto, charges: [] })).body.undone;
  for (let time = 0; time < 2; time++) expect(await told()).toEqual([body.refund]);
  expect(await told(await sandbox.seller('blog'))).toBeUndefined();
  const notes = [String(body.refund)];
  await giveBack(reader, { payto, notes });
  expect(await told()).toEqual(notes);
  const { body: handed } = await giveBack(seller, { payto, notes });
  expect(handed.results).toMatchObject([{ state: 'paid' }]);
  expect(await told()).toBeUndefined();
  await holds(stage);
});

test('the provider’s clock decides, with ten minutes for clocks and for waiting', async () => {
  const stage = await openStage();
  stage.sandbox.time.nowMs += (WINDOW_SEC + 600) * 1000;
  expect((await ask(stage)).body.state).toBe('pending');
  stage.sandbox.time.nowMs += 1000;
  expect((await ask(stage, { seq: 2 })).code).toBe('undo_over');
  // What was granted in time stays granted.
  expect((await ask(stage)).body.state).toBe('pending');
});

test('five in seven days at one seller, and no more', async () => {
  const stage = await openStage();
  for (let seq = 1; seq <= 5; seq++) expect((await ask(stage, { seq })).status).toBe(200);
  expect((await ask(stage, { seq: 6 })).code).toBe('undo_quota');
  stage.sandbox.time.nowMs += 7 * 86_400_000;
  const times = { at: NOW_SEC + 600_000, undo: NOW_SEC + 700_000 };
  const receipt = await receiptOf(stage, 6, times);
  expect((await ask(stage, { seq: 6, receipt })).status).toBe(200);
});

describe('is refused, and nothing is given back', () => {
  const cases: [string, (stage: Stage) => Promise<Asked>, string][] = [
    [
      'another reader’s purse',
      async ({ sandbox }) => ({ by: await sandbox.reader() }),
      'purse_not_found',
    ],
    [
      'a receipt that no key of the seller signed',
      async (stage) => ({ receipt: await receiptOf(stage, 1, {}, await makeKey()) }),
      'jws_key_unknown',
    ],
    [
      'a wish for another charge',
      async (stage) => ({ undo: await wishOf(stage, 2) }),
      'undo_mismatch',
    ],
    [
      'a wish for another binding',
      async (stage) => ({ undo: await wishOf(stage, 1, { bnd: bindingAt(9) }) }),
      'undo_mismatch',
    ],
    [
      'a wish that another key signed',
      async (stage) => ({ undo: await wishOf(stage, 1, {}, await makeKey()) }),
      'jws_signature',
    ],
    [
      'a receipt that promises none',
      async (stage) => ({ receipt: await receiptOf(stage, 1, { undo: NOW_SEC }) }),
      'undo_over',
    ],
    [
      'more than the purse ever held',
      async (stage) => ({ receipt: await receiptOf(stage, 1, { amt: 500_001n as Micros }) }),
      'refund_excess',
    ],
  ];
  test.each(cases)('%s', async (_, asked, code) => {
    const stage = await openStage();
    await collectTo(stage, 1);
    const before = await balance(stage);
    expect((await ask(stage, await asked(stage))).code).toBe(code);
    expect(await balance(stage)).toBe(before);
    await holds(stage);
  });
});

test('a promise of more than is left waits for the purse’s end, and gives that back', async () => {
  const stage = await openStage();
  const { seller, payto, purse, sandbox } = stage;
  // Two charges of 20,000 were accepted; in the place of the second a smaller one was collected.
  const smaller = await chargeOf(purse, { seq: 2, tot: 25_000n, bnd: bindingAt(2) });
  await collect(seller, { payto, charges: [smaller] });
  const before = await balance(stage);
  expect((await ask(stage, { seq: 2 })).body.state).toBe('paid');
  expect((await ask(stage)).body.state).toBe('pending');
  await holds(stage);
  sandbox.time.nowMs += 11 * 86_400_000;
  await continueRun(sandbox.context, sandbox.run);
  await sweep(sandbox.context);
  expect((await ask(stage)).body.state).toBe('paid');
  expect((await balance(stage)) - before).toBe(500_000n);
  await holds(stage);
});

describe('the audit finds', () => {
  const proof = (member: 'receipt' | 'undo', token: string) =>
    `update judged_undo set ${member} = '${token}'`;
  const receiptAs = async (stage: Stage, change: Partial<Receipt>) =>
    proof('receipt', await receiptOf(stage, 1, change));
  const cases: [string, string, (stage: Stage) => string | Promise<string>][] = [
    [
      'a note of ours that nothing proves',
      'refund 1',
      () => 'delete from untold_undo; delete from judged_undo',
    ],
    [
      'word of an undo that was not granted',
      'untold_undo 2',
      () => 'update untold_undo set seq = 2',
    ],
    ['word of an undo for a stranger', 'untold_undo 1', () => "update untold_undo set payto = 'x'"],
    [
      'a proof beside a note of the seller’s',
      'refund 2',
      async (stage) => `insert into judged_undo select purse, 2, '${await receiptOf(stage, 2)}',
        '${await wishOf(stage, 2)}', at_sec from judged_undo`,
    ],
    [
      'a proof of nothing that was given back',
      'judged_undo 3',
      async (stage) => `insert into judged_undo select purse, 3, '${await receiptOf(stage, 3)}',
        '${await wishOf(stage, 3)}', at_sec from judged_undo`,
    ],
    [
      'a receipt for another charge',
      'judged_undo 1',
      async (stage) => proof('receipt', await receiptOf(stage, 2, { bnd: bindingAt(1) })),
    ],
    [
      'a receipt for another amount',
      'judged_undo 1',
      (stage) => receiptAs(stage, { amt: 1n as Micros }),
    ],
    [
      'a receipt for another purse',
      'judged_undo 1',
      (stage) => receiptAs(stage, { pur: randomId() }),
    ],
    [
      'a receipt that promises none',
      'judged_undo 1',
      (stage) => receiptAs(stage, { undo: NOW_SEC }),
    ],
    [
      'a receipt whose time was over',
      'judged_undo 1',
      (stage) => receiptAs(stage, { at: 0, undo: NOW_SEC - 601 }),
    ],
    [
      'a receipt that the seller did not sign',
      'judged_undo 1',
      async (stage) => {
        const { kid } = stage.seller.device;
        const forged = { ...(await makeKey()), kid };
        return proof('receipt', await receiptOf(stage, 1, {}, forged));
      },
    ],
    ['a receipt that is none', 'judged_undo 1', () => proof('receipt', 'x')],
    [
      'a wish for another charge',
      'judged_undo 1',
      async (stage) => proof('undo', await wishOf(stage, 2, { bnd: bindingAt(1) })),
    ],
    [
      'a wish for another binding',
      'judged_undo 1',
      async (stage) => proof('undo', await wishOf(stage, 1, { bnd: bindingAt(9) })),
    ],
    [
      'a wish that another key signed',
      'judged_undo 1',
      async (stage) => proof('undo', await wishOf(stage, 1, {}, await makeKey())),
    ],
    ['a wish of another time', 'judged_undo 1', () => 'update judged_undo set at_sec = at_sec - 1'],
  ];
  test.each(cases)('%s', async (_, row, falsify) => {
    const stage = await openStage();
    const { payto, purse, sandbox, seller } = stage;
    await collectTo(stage, 2);
    await ask(stage);
    await giveBack(seller, {
      payto,
      notes: [await noteOf(seller, purse, { seq: 2, amt: 20_000n })],
    });
    await holds(stage);
    await tamper(sandbox.file, await falsify(stage));
    const { findings } = await auditDatabase(sandbox.file);
    const [table, seq] = row.split(' ');
    const found = findings.filter(({ invariant }) => invariant === 'T4');
    expect([...new Set(found.map((finding) => finding.row))]).toEqual([
      `${table} ${purse.id}/${seq}`,
    ]);
  });
});

test('the same request again is the same answer, byte for byte', async () => {
  const stage = await openStage();
  const id = randomId();
  const asked = { id, receipt: await receiptOf(stage, 1), undo: await wishOf(stage, 1) };
  const first = await ask(stage, asked);
  expect((await ask(stage, asked)).text).toBe(first.text);
});
