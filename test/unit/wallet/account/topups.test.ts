/** Money that comes in by a card which is paid on a page of its own. */
import { expect, test } from 'vitest';
import { type Cards, useCards } from '../../../support/cards.ts';
import { ISSUER, useSandbox } from '../../../support/sandbox.ts';
import { makeReader, pressOn, type Reader } from '../../../support/wallet.ts';

const HOST = new URL(ISSUER).host;
const FIVE = '5000000';

/** A reader at such a provider, whose answers to top-ups a test may change or lose. */
async function useReader() {
  const cards = await useCards();
  const answers = { change: async (answer: Response) => answer };
  const reader = makeReader(undefined, (ports) => {
    const { fetch: send } = cards.around(ports);
    return {
      ...ports,
      fetch: async (url, init) => {
        const answer = await send(url, init);
        return url.includes('/v1/topups') ? answers.change(answer) : answer;
      },
    };
  });
  await reader.wallet.open(HOST);
  return { ...cards, answers, reader, wallet: reader.wallet };
}

const lastSession = ({ stripe }: Cards) => String(stripe.sessions().at(-1)?.id);
const rowOf = async ({ ports }: Reader) => (await ports.store.account.get('account'))?.topUp;

async function json(answer: Response, change: object): Promise<Response> {
  const { status, headers } = answer;
  return Response.json({ ...(await answer.json()), ...change }, { status, headers });
}

test('a card that is paid on its page is waited for, and its money told of once', async () => {
  const cards = await useReader();
  const { wallet, stripe } = cards;
  const begun = { amount: FIVE, state: 'begun' };
  expect(await wallet.topUp(FIVE)).toMatchObject(begun);
  // Another press opens the same page.
  const [session] = stripe.sessions();
  expect(await wallet.topUp(FIVE)).toEqual({ ...begun, page: session?.url });
  expect(await wallet.view()).toMatchObject({
    topUp: { ...begun, page: session?.url },
    yours: '250000',
  });
  await cards.tell(stripe.pay(lastSession(cards)));
  await wallet.refresh();
  expect(await wallet.view()).toMatchObject({ topUp: { state: 'paid' }, yours: '5250000' });
  await wallet.leaveTopUp();
  expect((await wallet.view()).topUp).toBeUndefined();
  expect(stripe.sessions()).toHaveLength(1);
  expect(await wallet.topUp(FIVE)).toMatchObject(begun);
  expect(stripe.sessions()).toHaveLength(2);
});

test('a page that nobody paid on ends as that, and the next press begins anew', async () => {
  const cards = await useReader();
  const { wallet, stripe } = cards;
  await wallet.topUp(FIVE);
  await cards.tell(stripe.expire(lastSession(cards)));
  await wallet.refresh();
  expect(await wallet.view()).toMatchObject({ topUp: { state: 'failed' }, yours: '250000' });
  expect(await wallet.topUp(FIVE)).toMatchObject({ state: 'begun' });
  expect(stripe.sessions()).toHaveLength(2);
  await cards.tell(stripe.expire(lastSession(cards)));
  await expect(wallet.topUp(FIVE)).rejects.toMatchObject({ code: 'topup_refused' });
  expect((await wallet.view()).topUp).toBeUndefined();
});

test('a card that is waited for no more may pay all the same', async () => {
  const cards = await useReader();
  const { wallet, stripe } = cards;
  await wallet.topUp(FIVE);
  await wallet.leaveTopUp();
  expect((await wallet.view()).topUp).toBeUndefined();
  await cards.tell(stripe.pay(lastSession(cards)));
  await wallet.refresh();
  expect(await wallet.view()).toMatchObject({ topUp: undefined, yours: '5250000' });
});

test.for([
  'http://checkout.example/pay',
  'javascript:alert(1)',
  'ftp://localhost/pay',
  'no address',
])('a page at "%s" is not opened, and the id is kept', async (url) => {
  const { wallet, reader, answers, stripe } = await useReader();
  answers.change = (answer) => (answer.ok ? json(answer, { url }) : Promise.resolve(answer));
  await expect(wallet.topUp(FIVE)).rejects.toMatchObject({ code: 'url_malformed' });
  const kept = await rowOf(reader);
  expect([kept?.state, (await wallet.view()).topUp]).toEqual([undefined, undefined]);
  answers.change = async (answer) => answer;
  expect(await wallet.topUp(FIVE)).toMatchObject({ page: stripe.sessions()[0]?.url });
  expect(await rowOf(reader)).toMatchObject({ id: kept?.id });
  expect(stripe.sessions()).toHaveLength(1);
});

test('an answer that is lost is asked for again, also by a row of the former version', async () => {
  const { wallet, reader, answers, stripe } = await useReader();
  answers.change = (answer) =>
    answer.ok ? Promise.reject(new TypeError('lost')) : json(answer, {});
  await expect(wallet.topUp(FIVE)).rejects.toMatchObject({ code: 'provider_unreachable' });
  const { account } = reader.ports.store;
  const row = await account.get('account');
  const { id = '', amountMicros } = row?.topUp ?? {};
  if (row && amountMicros) await account.put({ ...row, topUp: { id, amountMicros } });
  // Not put away: nobody has said what became of it.
  await wallet.leaveTopUp();
  answers.change = async (answer) => answer;
  expect(await wallet.topUp('9000000')).toMatchObject({ amount: FIVE, state: 'begun' });
  expect(await rowOf(reader)).toMatchObject({ id });
  expect(stripe.sessions()).toMatchObject([{ amount_total: 500 }]);
});

test('an answer from before top-ups had states means paid', async () => {
  const sandbox = await useSandbox();
  const reader = makeReader(undefined, (ports) => ({
    ...ports,
    fetch: async (url, init = {}) => {
      // Nobody could be asked how a top-up stands.
      const isRead = url.includes('/v1/topups/');
      const answer = await sandbox.send(isRead ? `${ISSUER}/v1/nothing` : url, init);
      if (!url.endsWith('/v1/topups') || !answer.ok) return answer;
      const { account, balance } = (await answer.json()) as Record<string, unknown>;
      return Response.json({ account, balance }, { headers: answer.headers });
    },
  }));
  await reader.wallet.open(HOST);
  expect(await reader.wallet.topUp(FIVE)).toBeUndefined();
  expect(await reader.wallet.view()).toMatchObject({ topUp: undefined, yours: '5250000' });
  expect(await rowOf(reader)).toBeUndefined();
});

test('a question that is short goes on when the card has paid', async () => {
  const cards = await useReader();
  const { wallet, stripe, sandbox } = cards;
  const { payto } = await sandbox.seller('daily');
  const origin = 'http://daily.localhost:8080';
  const press = pressOn(origin, '/tides', { payto, price: '2.00 USD' });
  const asked = await wallet.press(press);
  expect(asked.kind).toBe('ask');
  expect(await wallet.openIn(press.tabId)).toMatchObject({ kind: 'ask', short: '1750000' });
  await wallet.topUp(FIVE);
  await cards.tell(stripe.pay(lastSession(cards)));
  await wallet.refresh();
  const id = asked.kind === 'ask' ? asked.ask.id : '';
  expect(await wallet.openIn(press.tabId)).toMatchObject({ kind: 'ask', id, short: undefined });
});

test('a wallet that wakes asks for it, and is woken for an hour', async () => {
  const cards = await useReader();
  const { wallet, reader, stripe } = cards;
  expect(await wallet.resume()).toBe(0);
  await wallet.topUp(FIVE);
  expect(await wallet.resume()).toBe(1);
  reader.clock.aheadMs = 3_600_000;
  expect(await wallet.resume()).toBe(0);
  await cards.tell(stripe.pay(lastSession(cards)));
  expect(await wallet.resume()).toBe(0);
  expect((await wallet.view()).topUp?.state).toBe('paid');
});

test('what its card takes back before anybody saw it come is not said to be here', async () => {
  const cards = await useReader();
  const { wallet, stripe } = cards;
  await wallet.topUp(FIVE);
  await cards.tell(stripe.pay(lastSession(cards)));
  await cards.tell(stripe.dispute(String(stripe.sessions()[0]?.payment_intent), 500));
  await wallet.refresh();
  expect(await wallet.view()).toMatchObject({ topUp: undefined, yours: '250000' });
});
