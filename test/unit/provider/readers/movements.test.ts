import { expect, test } from 'vitest';
import type { AccountStatementAnswer } from '../../../../src/protocol/api.ts';
import type { Micros } from '../../../../src/protocol/money.ts';
import { SHAPES } from '../../../../src/provider/audit/shapes.ts';
import { sendBack } from '../../../../src/provider/funding/sendback.ts';
import { MOVEMENT_KINDS } from '../../../../src/provider/readers/movements.ts';
import {
  chargeOf,
  closePurse,
  finalOf,
  giveBack,
  noteOf,
  raisePurse,
  type TestAccount,
  topUp,
} from '../../../support/account.ts';
import { useMarket } from '../../../support/market.ts';
import { randomId } from '../../../support/payer.ts';
import { useSandbox } from '../../../support/sandbox.ts';
import { buy, fundWith, PAID_AT_ONCE, useTill } from '../../../support/till.ts';

async function statementOf(account: TestAccount, query = ''): Promise<AccountStatementAnswer> {
  const { status, body } = await account.call('GET', `/v1/account/statement${query}`);
  expect(status).toBe(200);
  return body as unknown as AccountStatementAnswer;
}

test('what moved is said in the order in which it did, with whom it went to', async () => {
  const { sandbox, reader, seller, payto, purse, handIn, undo } = await useMarket();
  const atStart = sandbox.time.nowMs / 1000;
  sandbox.time.nowMs += 60_000;
  await raisePurse(reader, { purse: purse.id, amountMicros: 150_000n });
  await handIn(1, 20_000n);
  await undo(await noteOf(seller, purse, { seq: 1, amt: 20_000n }));
  const charge = await chargeOf(purse, { seq: 2, tot: 40_000n });
  const final = await finalOf(seller, purse, { seq: 2, tot: 40_000n });
  await closePurse(reader, { purse: purse.id, final, charge });
  const withdrawal = { id: randomId(), currency: 'USD', amount: '500000' };
  await reader.call('POST', '/v1/withdrawals', withdrawal);
  await sendBack(sandbox.context);
  const { movements, more } = await statementOf(reader);
  expect(more).toBe(false);
  const told = movements.map(({ kind, amount, payto: to }) => [kind, amount, to]);
  expect(told).toEqual([
    ['withdrawn', '500000', undefined],
    ['withdrawal', '500000', undefined],
    ['released', '110000', payto],
    ['captured', '20000', payto],
    ['given back', '20000', payto],
    ['captured', '20000', payto],
    ['set aside', '50000', payto],
    ['set aside', '100000', payto],
    ['top-up', '1000000', undefined],
  ]);
  expect(new Set(movements.slice(2, 8).map((it) => it.purse))).toEqual(new Set([purse.id]));
  expect(movements.at(-1)?.at).toBe(atStart);
  expect(movements.at(0)?.at).toBe(atStart + 60);
  // The seller has only ever sold.
  expect((await statementOf(seller)).movements).toEqual([]);
});

test('starter credit that is set aside and comes back is one amount', async () => {
  const { reader, seller, purse, handIn, undo } = await useMarket('gift');
  await handIn(1, 20_000n);
  await undo(await noteOf(seller, purse, { seq: 1, amt: 20_000n }));
  const told = (await statementOf(reader)).movements.map(({ kind, amount }) => [kind, amount]);
  expect(told).toEqual([
    ['given back', '20000'],
    ['captured', '20000'],
    ['set aside', '100000'],
    ['starter', '250000'],
  ]);
});

test('what the provider’s funds get back with a refund is not the reader’s', async () => {
  const { sandbox, seller, reader, pass, balances } = await useTill({
    ...PAID_AT_ONCE,
    starterMicros: 250_000n as Micros,
  });
  await fundWith(sandbox, 1_000_000n);
  await pass(15);
  const purse = await buy(reader, seller, 6_000_000n);
  await pass(1);
  expect((await balances())['starter paid out:news:USD']).toBe(250_000n);
  await buy(reader, seller, 7_000_000n);
  const note = await noteOf(seller.account, purse, { seq: 1, amt: 6_000_000n });
  await giveBack(seller.account, { payto: seller.payto, notes: [note] });
  expect((await balances())['provider funds:USD']).toBe(1_000_000n);
  const [{ kind, amount } = {}] = (await statementOf(reader)).movements;
  expect([kind, amount]).toEqual(['given back', '6000000']);
});

test('pages follow each other without a gap', async () => {
  const sandbox = await useSandbox();
  const [reader, other] = [await sandbox.reader(), await sandbox.reader()];
  for (let n = 0; n < 52; n++) {
    // So many are too many for a day.
    sandbox.time.nowMs += 6 * 3_600_000;
    await topUp(reader, 1_000_000n);
    await topUp(other, 1_000_000n);
  }
  const first = await statementOf(reader);
  expect([first.movements.length, first.more]).toEqual([50, true]);
  const rest = await statementOf(reader, `?before=${first.movements.at(-1)?.number}`);
  expect([rest.movements.length, rest.more]).toEqual([3, false]);
  const numbers = [...first.movements, ...rest.movements].map(({ number }) => number);
  expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
  expect(new Set(numbers).size).toBe(53);
  for (const before of ['0', '-1', 'x', '1.5'])
    expect((await reader.call('GET', `/v1/account/statement?before=${before}`)).code).toBe(
      'body_malformed',
    );
});

test('every entry that moves a reader’s money has a word', () => {
  // Nobody reads of a closing: the account is closed.
  const { closing: _, ...told } = SHAPES;
  const concerning = Object.entries(told).filter(([, { lines }]) =>
    Object.keys(lines).some((kind) => /^(?:reader|purse|withdrawal|chargeback)/.test(kind)),
  );
  expect(Object.keys(MOVEMENT_KINDS).toSorted()).toEqual(
    concerning.map(([kind]) => kind).toSorted(),
  );
});
