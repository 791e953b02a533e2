/** What the product promises of the provider's size: purses make rows, purchases do not. */
import { expect, test } from 'vitest';
import { auditDatabase } from '../../../src/provider/audit.ts';
import { issuePurse } from '../../../src/provider/purses/purses.ts';
import { openAccount } from '../../../src/provider/readers/accounts.ts';
import { topUp } from '../../../src/provider/readers/topups.ts';
import { chargeOf, collect } from '../../support/account.ts';
import { makeKey, randomId, type TestKey } from '../../support/payer.ts';
import { type Till, useTill } from '../../support/till.ts';

const PURSE_COUNT = 1_000;
const CHARGE_COUNT = 1_000;
/** No account has more open at one seller. */
const PURSES_OF_READER = 3;
const currency = 'USD';
/** A thousand charges of a hundredth of a cent. */
const totalMicros = 100n * BigInt(CHARGE_COUNT);

/** Readers with three purses each. */
async function openPurses({ sandbox, seller }: Till, { jwk: key }: TestKey): Promise<string[]> {
  const { context } = sandbox;
  const open = async () => {
    const kid = randomId(32);
    await openAccount(context, { kid, body: { id: randomId() } });
    await topUp(context, { kid, body: { id: randomId(), amount: '1000000', currency } });
    const amount = `${totalMicros}`;
    for (let count = 0; count < PURSES_OF_READER; count++) {
      const body = { id: randomId(), payto: seller.payto, currency, amount, key };
      expect((await issuePurse(context, { kid, body })).status).toBe(200);
    }
  };
  const readerCount = Math.ceil(PURSE_COUNT / PURSES_OF_READER);
  await Promise.all(Array.from({ length: readerCount }, open));
  const rows = context.database.selectFrom('purse').select('id').limit(PURSE_COUNT);
  return (await rows.execute()).map(({ id }) => id);
}

test('a million charges in a thousand purses are a thousand rows and one payout', async () => {
  const till = await useTill();
  const { sandbox, seller, pass, earnings } = till;
  const { database } = sandbox.context;
  const { account, payto } = seller;
  const key = await makeKey();
  const purses = await openPurses(till, key);
  // The last charge of each purse stands for all before it.
  const last = { seq: CHARGE_COUNT, tot: totalMicros };
  const charges = await Promise.all(purses.map((id) => chargeOf({ id, payto, key }, last)));
  const entries = async () =>
    (await database.selectFrom('ledger_transaction').select('number').execute()).length;
  const before = await entries();
  expect((await collect(account, { payto, charges })).status).toBe(200);
  await pass(30);
  await pass(1);
  expect(await database.selectFrom('capture').select('seq').execute()).toHaveLength(PURSE_COUNT);
  // One for each purse; the payout, and that it was paid.
  expect((await entries()) - before).toBe(PURSE_COUNT + 2);
  expect((await earnings()).payouts).toMatchObject([{ amount: '100000000', state: 'paid' }]);
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});
