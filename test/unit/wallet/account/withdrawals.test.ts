/** The reader's money goes back to its cards. */
import { expect, test } from 'vitest';
import { FIVE, useCardReader } from '../../../support/cards.ts';

const DAY_MS = 86_400_000;
const NOTHING = { isAsked: false, coming: '0', there: '0', failed: '0', refusal: undefined };

test('what was paid in goes back, the gift stays, and each step is known', async () => {
  const { wallet, stripe, passMinute } = await useCardReader();
  expect(await wallet.view()).toMatchObject({ returnable: FIVE, withdrawal: undefined });
  await wallet.withdraw(FIVE);
  expect(await wallet.view()).toMatchObject({
    ...{ yours: '250000', returnable: '0' },
    withdrawal: { ...NOTHING, coming: FIVE },
  });
  // What is on its way is not asked for again.
  await wallet.withdraw('1000000');
  expect((await wallet.view()).withdrawal?.coming).toBe(FIVE);
  await passMinute();
  await wallet.tidy();
  expect((await wallet.view()).withdrawal).toEqual({ ...NOTHING, there: FIVE });
  expect(stripe.refunds()).toMatchObject([{ amount: 500 }]);
});

test('what its card sends back weeks later is in the wallet, and said so', async () => {
  const { wallet, reader, stripe, tell, passMinute } = await useCardReader();
  await wallet.withdraw(FIVE);
  await passMinute();
  await wallet.refresh();
  await tell(stripe.failRefund(String(stripe.refunds()[0]?.id)));
  reader.clock.aheadMs = 20 * DAY_MS;
  await wallet.refresh();
  expect(await wallet.view()).toMatchObject({
    ...{ yours: '5250000', returnable: FIVE },
    withdrawal: { ...NOTHING, failed: FIVE },
  });
  reader.clock.aheadMs = 31 * DAY_MS;
  expect((await wallet.view()).withdrawal).toBeUndefined();
  await wallet.withdraw(FIVE);
  expect((await wallet.view()).withdrawal).toEqual({ ...NOTHING, coming: FIVE });
});

test('parts of a cent and the gift cannot go back', async () => {
  const { wallet, reader } = await useCardReader();
  const { account } = reader.ports.store;
  const row = await account.get('account');
  if (!row) throw new Error('there is no account');
  await account.put({ ...row, availableMicros: (row.availableMicros - 2500n) as never });
  expect((await wallet.view()).returnable).toBe('4990000');
  // A row from before the gift was told apart: none of it is known to be the reader's own.
  await account.put({ ...row, starterMicros: undefined });
  expect((await wallet.view()).returnable).toBe('0');
});

test.for([
  ['2500', 'withdrawal_refused'],
  ['6000000', 'insufficient_funds'],
])('%s is refused with %s, and can be asked for otherwise', async ([amount, code]) => {
  const { wallet } = await useCardReader();
  await wallet.withdraw(amount ?? '');
  expect(await wallet.view()).toMatchObject({
    ...{ yours: '5250000', returnable: FIVE },
    withdrawal: { ...NOTHING, refusal: code },
  });
  await wallet.withdraw(FIVE);
  expect((await wallet.view()).withdrawal).toEqual({ ...NOTHING, coming: FIVE });
});

test('a frozen account sends nothing back', async () => {
  const { wallet, stripe, tell } = await useCardReader();
  await tell(stripe.dispute(String(stripe.sessions()[0]?.payment_intent), 500));
  await wallet.withdraw(FIVE);
  expect((await wallet.view()).withdrawal).toEqual({ ...NOTHING, refusal: 'account_frozen' });
});

test('a lost answer is asked for again under its id by what wakes, and goes once', async () => {
  const { wallet, line, sent, reader, stripe, passMinute } = await useCardReader();
  line.isUp = false;
  await wallet.withdraw(FIVE);
  await wallet.withdraw('1000000');
  expect((await wallet.view()).withdrawal).toEqual({ ...NOTHING, isAsked: true });
  expect(await wallet.resume()).toBe(1);
  reader.clock.aheadMs = 40 * DAY_MS;
  line.isUp = true;
  expect(await wallet.resume()).toBe(0);
  const asked = sent.filter((it) => it.startsWith('/v1/withdrawals'));
  expect(asked.length).toBeGreaterThanOrEqual(3);
  expect(new Set(asked).size).toBe(1);
  reader.clock.aheadMs = 0;
  await passMinute();
  await wallet.refresh();
  expect((await wallet.view()).withdrawal).toEqual({ ...NOTHING, there: FIVE });
  expect(stripe.refunds()).toMatchObject([{ amount: 500 }]);
});

test('one that the provider knows no more, its books put back, is in no other’s way', async () => {
  const { wallet, reader } = await useCardReader();
  await wallet.withdraw('1000000');
  const { account } = reader.ports.store;
  const row = await account.get('account');
  if (!row?.withdrawal) throw new Error('nothing was sent back');
  await account.put({ ...row, withdrawal: { ...row.withdrawal, id: row.openingId } });
  await wallet.refresh();
  expect((await wallet.view()).withdrawal).toEqual({ ...NOTHING, refusal: 'not_found' });
  await wallet.withdraw('2000000');
  expect((await wallet.view()).withdrawal).toEqual({ ...NOTHING, coming: '2000000' });
});
