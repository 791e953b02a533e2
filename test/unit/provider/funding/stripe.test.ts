/** Cards by Stripe, against a stand-in that speaks its HTTP and loses its answers. */
import { expect, test } from 'vitest';
import { readCertificate } from '../../../../src/protocol/certificate.ts';
import { createApp } from '../../../../src/provider/app.ts';
import { nowSec } from '../../../../src/provider/context.ts';
import { TOPPED_UP } from '../../../../src/provider/funding/funding.ts';
import { createSandboxCard } from '../../../../src/provider/funding/sandboxcard.ts';
import { createStripe, STRIPE_HOOK } from '../../../../src/provider/funding/stripe.ts';
import { askForPurse } from '../../../support/account.ts';
import {
  idIn,
  lastSession,
  moneyOf,
  paymentOf,
  returned,
  stateOf,
  topUp,
  usePaid,
  useShop,
  withdraw,
} from '../../../support/cardshop.ts';
import { randomId } from '../../../support/payer.ts';
import { ISSUER } from '../../../support/sandbox.ts';
import { SECRET_KEY, WEBHOOK_SECRET } from '../../../support/stripe.ts';
import { buy, earningsOf } from '../../../support/till.ts';

test('the reader pays on Stripe’s own page; the webhook brings the money', async () => {
  const { sandbox, stripe, reader, tell, findings } = await useShop();
  const id = randomId();
  const begun = await topUp(reader, id);
  const [session] = stripe.sessions();
  expect(begun.body).toMatchObject({ topup: id, state: 'begun', url: session?.url });
  expect(await moneyOf(reader)).toBe(0n);
  const event = stripe.pay(lastSession(stripe));
  for (let time = 0; time < 2; time++) expect(await tell(event)).toBe(200);
  expect([await stateOf(reader, id), await moneyOf(reader)]).toEqual(['paid', 5_000_000n]);
  expect((await topUp(reader, id)).text).toBe(begun.text);
  const asked = { amount_total: 500, currency: 'usd', adaptive_pricing: { enabled: 'false' } };
  expect(stripe.sessions()).toMatchObject([asked]);
  expect(sandbox.log).toEqual([]);
  expect(await findings()).toEqual([]);
});

test('a webhook that is lost loses nothing: Stripe is asked', async () => {
  const { stripe, reader, passMinute, findings } = await useShop();
  const id = randomId();
  await topUp(reader, id);
  stripe.pay(lastSession(stripe));
  await passMinute();
  expect([await stateOf(reader, id), await moneyOf(reader)]).toEqual(['paid', 5_000_000n]);
  expect(await findings()).toEqual([]);
});

test('an answer that is lost opens no second page', async () => {
  const { stripe, reader } = await useShop();
  const id = randomId();
  stripe.lose('POST /v1/checkout/sessions');
  expect((await topUp(reader, id)).code).toBe('internal');
  expect((await topUp(reader, id)).body).toMatchObject({ state: 'begun' });
  expect(stripe.sessions()).toHaveLength(1);
});

test('a service that has another name by now asks for the page in the same words', async () => {
  const { sandbox, stripe, reader } = await useShop();
  const id = randomId();
  stripe.lose('POST /v1/checkout/sessions');
  expect((await topUp(reader, id)).code).toBe('internal');
  const { clock } = sandbox.context;
  const keys = { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET };
  const named = { ...keys, issuer: ISSUER, name: 'Other money', clock, api: stripe.api };
  Object.assign(sandbox.context, { name: 'Other money', funding: await createStripe(named) });
  expect((await topUp(reader, id)).body).toMatchObject({ state: 'begun' });
  expect(stripe.sessions()).toMatchObject([{ product: 'Test money' }]);
  expect((await topUp(reader)).body).toMatchObject({ state: 'begun' });
  expect(stripe.sessions()).toMatchObject([{}, { product: 'Other money' }]);
});

test('a page that nobody paid on is over after a day, and so is one that nobody got', async () => {
  const { sandbox, stripe, reader, tell, passMinute } = await useShop();
  const [first, second] = [randomId(), randomId()];
  await topUp(reader, first);
  expect(await tell(stripe.expire(lastSession(stripe)))).toBe(200);
  expect(await stateOf(reader, first)).toBe('failed');
  stripe.down = true;
  expect((await topUp(reader, second)).code).toBe('internal');
  stripe.down = false;
  await passMinute();
  expect(await stateOf(reader, second)).toBe('begun');
  sandbox.time.nowMs += 86_400_000;
  await passMinute();
  expect(await stateOf(reader, second)).toBe('failed');
  expect(await moneyOf(reader)).toBe(0n);
});

test('a process without Stripe’s keys calls nothing paid that Stripe was to bring', async () => {
  const { sandbox, stripe, reader, findings } = await useShop();
  const [told, lost] = [randomId(), randomId()];
  await topUp(reader, told);
  stripe.down = true;
  await topUp(reader, lost);
  const { funding } = sandbox.context;
  Object.assign(sandbox.context, { funding: createSandboxCard() });
  sandbox.time.nowMs += 60_000;
  expect(await stateOf(reader, told)).toBe('begun');
  expect((await topUp(reader, lost)).code).toBe('topup_refused');
  expect(await moneyOf(reader)).toBe(0n);
  Object.assign(sandbox.context, { funding });
  stripe.down = false;
  expect((await topUp(reader, lost)).body).toMatchObject({ state: 'begun' });
  expect(stripe.sessions()).toHaveLength(2);
  expect(await findings()).toEqual([]);
});

test('what Stripe has not signed, or signed long ago, is refused and not booked', async () => {
  const { sandbox, stripe, reader, tell, post } = await useShop();
  await topUp(reader);
  const event = stripe.pay(lastSession(stripe));
  const now = nowSec(sandbox.context);
  const { body, signature } = stripe.signed(event, now);
  const statuses = [
    await post(body, ''),
    await post(body.replace('500', '900'), signature),
    await post(
      body,
      signature.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    ),
    await tell(event, now - 301),
  ];
  expect(statuses).toEqual([401, 401, 401, 401]);
  expect(await moneyOf(reader)).toBe(0n);
  expect(await post(body, signature)).toBe(200);
  expect(await moneyOf(reader)).toBe(5_000_000n);
});

test('strangers who call in Stripe’s place are counted, and Stripe is not', async () => {
  const { sandbox, stripe, reader } = await useShop({ addressMinuteCount: 2 });
  await topUp(reader);
  const app = createApp(sandbox.context);
  const { body, signature } = stripe.signed(
    stripe.pay(lastSession(stripe)),
    nowSec(sandbox.context),
  );
  const ask = async (remoteAddress: string, path: string, init?: RequestInit) =>
    (await app.request(ISSUER + path, init, { incoming: { socket: { remoteAddress } } })).status;
  const call = (address: string, proof: string) =>
    ask(address, STRIPE_HOOK, { method: 'POST', headers: { 'Stripe-Signature': proof }, body });
  const [stranger, other] = ['203.0.113.7', '203.0.113.8'];
  const statuses = [];
  for (const proof of ['', 'v1=0', '', signature]) statuses.push(await call(stranger, proof));
  for (let count = 0; count < 4; count++) statuses.push(await call(other, signature));
  expect(statuses).toEqual([401, 401, 429, 429, 200, 200, 200, 200]);
  expect(await moneyOf(reader)).toBe(5_000_000n);
  const pages = [];
  for (let count = 0; count < 3; count++) pages.push(await ask(other, TOPPED_UP));
  expect(pages).toEqual([200, 200, 429]);
});

test('events of other things, and of what is none of ours, change nothing', async () => {
  const { sandbox, stripe, reader, tell, payment } = await usePaid();
  const event = (type: string, object: object) => ({ id: 'evt_1', type, data: { object } });
  const strange = stripe.payElsewhere(900);
  const none = { moves: [] };
  const others = [
    event('customer.created', { id: 'cus_1' }),
    event('checkout.session.completed', { id: 'cs_1', metadata: {}, payment_status: 'paid' }),
    stripe.refundByHand(strange, 400),
    stripe.dispute(strange, 500),
    stripe.dispute(payment, 500, { status: 'warning_needs_response', ...none }),
    stripe.dispute(payment, 500, { status: 'prevented', caseType: 'block', ...none }),
  ];
  for (const other of others) expect(await tell(other)).toBe(200);
  expect(await moneyOf(reader)).toBe(5_000_000n);
  expect(sandbox.log).toEqual([]);
});

test.for([
  ['lost', 'charged back', 0n],
  ['prevented', 'charged back', 0n],
  ['won', 'paid', 5_000_000n],
] as const)('a dispute that is %s: the payment is %s', async ([end, state, micros]) => {
  const { stripe, reader, tell, id, payment, findings } = await usePaid();
  const event = stripe.dispute(payment, 500);
  expect(await tell(event)).toBe(200);
  expect([await stateOf(reader, id), await moneyOf(reader)]).toEqual(['disputed', 0n]);
  expect((await topUp(reader)).code).toBe('account_frozen');
  expect(await tell(stripe.changeDispute(idIn(event), end))).toBe(200);
  expect([await stateOf(reader, id), await moneyOf(reader)]).toEqual([state, micros]);
  expect(await findings()).toEqual([]);
});

test.for([
  ['more than was paid, as its currency has risen', 520, 'usd'],
  ['another currency', 90_000, 'jpy'],
] as const)('a dispute that says %s takes back what was paid', async ([, amount, currency]) => {
  const { sandbox, stripe, reader, tell, id, payment, findings } = await usePaid();
  expect(await tell(stripe.dispute(payment, amount, { currency }))).toBe(200);
  expect([await stateOf(reader, id), await moneyOf(reader)]).toEqual(['disputed', 0n]);
  expect((await withdraw(reader)).code).toBe('account_frozen');
  expect(sandbox.log).toEqual([]);
  expect(await findings()).toEqual([]);
});

test('a dispute of which no webhook came is found within the hour', async () => {
  const { sandbox, stripe, reader, id, payment, passMinute } = await usePaid();
  await passMinute();
  stripe.dispute(payment, 500);
  await passMinute();
  expect(await stateOf(reader, id)).toBe('paid');
  sandbox.time.nowMs += 3_600_000;
  await passMinute();
  expect(await stateOf(reader, id)).toBe('disputed');
});

test('a dispute that is told of before the payment was heard of pays and disputes it', async () => {
  const { stripe, reader, tell, findings } = await useShop();
  const id = randomId();
  await topUp(reader, id);
  stripe.pay(lastSession(stripe));
  expect(await tell(stripe.dispute(paymentOf(stripe), 500))).toBe(200);
  expect([await stateOf(reader, id), await moneyOf(reader)]).toEqual(['disputed', 0n]);
  expect(await findings()).toEqual([]);
});

test('what is withdrawn is refunded once, whatever is lost, and however late', async () => {
  const { stripe, reader, passMinute, findings, payment } = await usePaid();
  const id = randomId();
  await withdraw(reader, id);
  stripe.lose('POST /v1/refunds');
  await passMinute();
  expect(await returned(reader, id)).toEqual(['0', '0']);
  stripe.forgetIds();
  await passMinute();
  expect(await returned(reader, id)).toEqual(['5000000', '0']);
  expect(stripe.refunds()).toMatchObject([{ amount: 500, payment_intent: payment }]);
  expect(await findings()).toEqual([]);
});

test('what Stripe has refused is tried anew, less and less often, and made once', async () => {
  const { sandbox, stripe, reader, passMinute, findings } = await usePaid();
  const id = randomId();
  await withdraw(reader, id);
  stripe.refusal = 'balance_insufficient';
  for (let minute = 0; minute < 32; minute++) await passMinute();
  // After five minutes, after ten more, and after fifteen.
  expect(stripe.asked.filter((line) => line === 'POST /v1/refunds')).toHaveLength(4);
  stripe.refusal = undefined;
  stripe.lose('POST /v1/refunds');
  for (let minute = 0; minute < 40; minute++) await passMinute();
  expect(stripe.refunds()).toHaveLength(1);
  expect(await returned(reader, id)).toEqual(['5000000', '0']);
  expect(sandbox.log.slice(0, 4)).toEqual(
    Array(4).fill(expect.stringContaining(`${id}.1: balance_insufficient`)),
  );
  expect(await findings()).toEqual([]);
});

test('a bank that sends a refund back gives it to the reader again', async () => {
  const { stripe, reader, tell, passMinute, findings } = await usePaid();
  const id = randomId();
  await withdraw(reader, id);
  await passMinute();
  expect(await tell(stripe.failRefund(String(stripe.refunds()[0]?.id)))).toBe(200);
  expect(await returned(reader, id)).toEqual(['0', '5000000']);
  expect(await moneyOf(reader)).toBe(5_000_000n);
  expect(await findings()).toEqual([]);
});

test('a refund that a bank sent back without a webhook is found within the hour', async () => {
  const { sandbox, stripe, reader, passMinute, findings } = await usePaid();
  const id = randomId();
  await withdraw(reader, id);
  await passMinute();
  expect(await returned(reader, id)).toEqual(['5000000', '0']);
  stripe.failRefund(String(stripe.refunds()[0]?.id));
  sandbox.time.nowMs += 3_600_000;
  await passMinute();
  expect(await returned(reader, id)).toEqual(['0', '5000000']);
  expect(await moneyOf(reader)).toBe(5_000_000n);
  expect(sandbox.log).toEqual([]);
  expect(await findings()).toEqual([]);
});

test('what its card disputes meanwhile is not refunded: the card has the money', async () => {
  const { stripe, reader, tell, passMinute, payment, findings } = await usePaid();
  await passMinute();
  const id = randomId();
  await withdraw(reader, id);
  const event = stripe.dispute(payment, 500);
  await passMinute();
  expect(await returned(reader, id)).toEqual(['0', '5000000']);
  expect(stripe.refunds()).toEqual([]);
  // It comes back to the reader, and is the card's at the same moment.
  for (let time = 0; time < 2; time++) {
    expect(await moneyOf(reader)).toBe(0n);
    await tell(event);
  }
  expect(await findings()).toEqual([]);
});

test.for([
  ['sk_live_1', WEBHOOK_SECRET],
  ['pk_test_1', WEBHOOK_SECRET],
  [SECRET_KEY, 'secret'],
])('keys that take real money, or are none, are refused: %s %s', async ([secretKey, hook]) => {
  const options = { issuer: ISSUER, name: 'Test', clock: Date.now };
  const made = createStripe({ ...options, secretKey: secretKey ?? '', webhookSecret: hook ?? '' });
  await expect(made).rejects.toMatchObject({ code: 'option_invalid' });
});

test('sellers learn the country of the card, from the next purse on', async () => {
  const { sandbox, reader } = await usePaid();
  const { payto, account } = await sandbox.seller('news');
  const { reply } = await askForPurse(reader, { payto, amountMicros: 750_000n });
  const { claims } = readCertificate(String(reply.body.certificate));
  expect(claims.cty).toBe('AT');
  await buy(reader, { account, payto }, 500_000n);
  expect((await earningsOf(account)).countries).toMatchObject([{ country: 'AT' }]);
});

test('of whoever has left no country is noted, whatever comes in late', async () => {
  const { sandbox, stripe, reader, tell } = await useShop();
  const { account } = (await topUp(reader)).body;
  const session = lastSession(stripe);
  expect(await tell(stripe.expire(session))).toBe(200);
  expect((await reader.call('POST', '/v1/account/close', { id: randomId() })).status).toBe(200);
  Object.assign(stripe.sessions()[0] ?? {}, { status: 'open' });
  expect(await tell(stripe.pay(session))).toBe(200);
  const rows = sandbox.context.database.selectFrom('account').where('id', '=', String(account));
  expect(await rows.select('country').execute()).toEqual([{ country: null }]);
});
