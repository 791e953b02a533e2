/**
 * What a request looks at does not grow with what everybody else has here: tables that grow with
 * readers, sellers and purchases are looked into by whom or what the request is about, and never by
 * a state or a time alone.
 */
import { DatabaseSync } from 'node:sqlite';
import { expect, test, vi } from 'vitest';
import type { Micros } from '../../../src/protocol/money.ts';
import { sendBack } from '../../../src/provider/funding/sendback.ts';
import {
  askForPurse,
  chargeOf,
  closePurse,
  finalOf,
  noteOf,
  raisePurse,
} from '../../support/account.ts';
import { useMarket } from '../../support/market.ts';
import { randomId } from '../../support/payer.ts';
import { buy, earningsOf, setBank, useTill } from '../../support/till.ts';

/** Of a few rows in all, of the last one, or of those who were given credit in one day. */
const SMALL = [
  /^SCAN (?:setting|run|signing_key|ledger_transaction)\b/,
  /^SEARCH refund ← select max\(/,
  /^SEARCH account USING INDEX account_with_starter /,
  /^SCAN payout USING INDEX \S+ ← select "method" from "payout" order by "number" desc limit/,
  // Readers whose cards ever took something back that was not there any more.
  /^SEARCH ledger_account USING INDEX \S+ \(kind=\?\) ← select sum\("balance_micros"\) as "owed"/,
];
const BY_WHOM = /\((?:id|kid|account|purse|payto|handle|sub|device|number|rowid|name)=\?/;

/** How SQLite looks up what `statements` ask for, by what each says. */
function lookups(file: string, statements: readonly string[]): string[] {
  const raw = new DatabaseSync(file, { readOnly: true });
  const asking = statements.filter((text) => /^(?:select|update|delete)/.test(text));
  const steps = asking.flatMap((text) =>
    raw
      .prepare(`explain query plan ${text}`)
      .all()
      .map(({ detail }) => String(detail))
      .filter((detail) => /^(?:SCAN|SEARCH)/.test(detail))
      .map((detail) => `${detail} ← ${text}`),
  );
  raw.close();
  return steps;
}

test('purses, collections, refunds, closings, earnings look at what they are about', async () => {
  const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare');
  const { sandbox, reader, seller, payto, purse, handIn, undo } = await useMarket();
  Object.assign(sandbox.context.rules, { starterMicros: 250_000n });
  prepare.mockClear();
  const guest = await sandbox.reader();
  await handIn(1, 20_000n);
  await undo(await noteOf(seller, purse, { seq: 1, amt: 20_000n }));
  await raisePurse(reader, { purse: purse.id, amountMicros: 150_000n });
  await askForPurse(reader, { payto, amountMicros: 50_000n });
  const charge = await chargeOf(purse, { seq: 2, tot: 40_000n });
  const final = await finalOf(seller, purse, { seq: 2, tot: 40_000n });
  expect((await closePurse(reader, { purse: purse.id, final, charge })).status).toBe(200);
  await reader.call('GET', '/v1/account');
  await reader.call('GET', '/v1/account/statement');
  await reader.call('GET', '/v1/account/export');
  await reader.call('GET', '/v1/devices');
  await buy(guest, { account: seller, payto }, 250_000n);
  await setBank(seller);
  expect(await earningsOf(seller)).toMatchObject({ waits: expect.anything() });
  const steps = lookups(sandbox.file, [...new Set(prepare.mock.calls.map(([text]) => text))]);
  expect(steps.length).toBeGreaterThan(20);
  expect(steps.filter((step) => !BY_WHOM.test(step) && !SMALL.some((it) => it.test(step)))).toEqual(
    [],
  );
});

/** What is under way, and who is due: few of many. */
const DUE = /USING INDEX (?:payout_made|payout_sent|seller_to_pay_out)\b/;

test('payouts look at what is due, and at what their sellers have', async () => {
  const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare');
  const { sandbox, seller, reader, pass, earnings } = await useTill({
    starterMicros: 1n as Micros,
  });
  await buy(reader, seller, 6_000_000n);
  prepare.mockClear();
  await pass(30);
  await pass(1);
  expect((await earnings()).payouts).toMatchObject([{ state: 'paid' }]);
  await setBank(seller.account);
  const steps = lookups(sandbox.file, [...new Set(prepare.mock.calls.map(([text]) => text))]);
  expect(steps.length).toBeGreaterThan(20);
  expect(steps.filter((step) => / capture USING INDEX capture_of_seller/.test(step))).toEqual([]);
  const known = [...SMALL, BY_WHOM, DUE];
  expect(steps.filter((step) => !known.some((sort) => sort.test(step)))).toEqual([]);
});

test('withdrawals look at their reader’s payments, and at what waits to be sent', async () => {
  const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare');
  const { sandbox, reader } = await useMarket();
  prepare.mockClear();
  const id = randomId();
  const body = { id, currency: 'USD', amount: '500000' };
  expect((await reader.call('POST', '/v1/withdrawals', body)).status).toBe(200);
  await sendBack(sandbox.context);
  const { body: now } = await reader.call('GET', `/v1/withdrawals/${id}`);
  expect(now.withdrawn).toBe('500000');
  const steps = lookups(sandbox.file, [...new Set(prepare.mock.calls.map(([text]) => text))]);
  expect(steps.length).toBeGreaterThan(5);
  const waiting = /^SEARCH part USING INDEX withdrawal_part_(?:made|sent) /;
  const known = [...SMALL, BY_WHOM, waiting];
  expect(steps.filter((step) => !known.some((sort) => sort.test(step)))).toEqual([]);
});

test('closing an account looks at its own, and at what is open with its sellers', async () => {
  const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare');
  const { sandbox } = await useMarket();
  const { account } = await sandbox.seller('weekly');
  prepare.mockClear();
  const close = { id: randomId() };
  expect((await account.call('POST', '/v1/account/close', close)).status).toBe(200);
  const steps = lookups(sandbox.file, [...new Set(prepare.mock.calls.map(([text]) => text))]);
  expect(steps.length).toBeGreaterThan(10);
  const known = [...SMALL, BY_WHOM];
  expect(steps.filter((step) => !known.some((sort) => sort.test(step)))).toEqual([]);
});
