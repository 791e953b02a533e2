/**
 * The provider is killed at each named moment of hearing what became of a card's payment, as a real
 * process: it is booked once, whoever tells of it again, and whoever is asked first.
 */
import { expect, onTestFinished, test } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import { settleFunding } from '../../src/provider/funding/settle.ts';
import { createStripe, STRIPE_HOOK } from '../../src/provider/funding/stripe.ts';
import { makeAccount, openAccount, type Send } from '../support/account.ts';
import { startDoomed } from '../support/doomed.ts';
import type { Moment } from '../support/doomed-provider.ts';
import { randomId, START_MS } from '../support/payer.ts';
import { ISSUER, openSandbox, temporaryFolder } from '../support/sandbox.ts';
import { SECRET_KEY, useStripe, WEBHOOK_SECRET } from '../support/stripe.ts';
import type { Thing } from '../support/stripeaccount.ts';

/** A reader who is on the way to pay 5 dollars, and books that nobody has open. */
async function openScene() {
  const folder = temporaryFolder();
  const stripe = await useStripe();
  const keys = { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET };
  const open = () =>
    openSandbox(folder, {}, ({ clock }) =>
      createStripe({ ...keys, issuer: ISSUER, name: 'Test money', clock, api: stripe.api }),
    );
  const sandbox = await open();
  let door: Send = sandbox.send;
  const send: Send = (url, init) => door(url, init);
  const reader = await makeAccount(ISSUER, send);
  await openAccount(reader);
  const topUp = randomId();
  await reader.call('POST', '/v1/topups', { id: topUp, amount: '5000000', currency: 'USD' });
  await sandbox.close();
  const { file } = sandbox;
  return {
    ...{ stripe, file },
    state: async () => (await reader.call('GET', `/v1/topups/${topUp}`)).body.state,
    tell: (event: Thing) => {
      const { body, signature } = stripe.signed(event, START_MS / 1000);
      const headers = { 'Stripe-Signature': signature };
      return send(ISSUER + STRIPE_HOOK, { method: 'POST', headers, body });
    },
    goTo: (next: Send) => {
      door = next;
    },
    restart: async () => {
      const again = await open();
      onTestFinished(() => again.close());
      door = again.send;
      return again;
    },
    /** What the float and the reader have, in books that hold. */
    money: async () => {
      const { findings, accounts } = await auditDatabase(file);
      expect(findings).toEqual([]);
      const of = (start: string) =>
        accounts
          .filter(({ name }) => name.startsWith(start))
          .reduce((sum, { balanceMicros }) => sum + balanceMicros, 0n);
      return [of('outside money'), of('reader available')];
    },
  };
}

type Scene = Awaited<ReturnType<typeof openScene>>;

const FIVE = 5_000_000n;

/** What is told one after the other, and what the top-up is and the books have when it is. */
const STORY: readonly {
  readonly happens: (stripe: Scene['stripe']) => Thing;
  readonly state: string;
  readonly money: readonly bigint[];
}[] = [
  {
    happens: (stripe) => stripe.pay(String(stripe.sessions()[0]?.id)),
    ...{ state: 'paid', money: [FIVE, FIVE] },
  },
  {
    happens: (stripe) => stripe.dispute(String(stripe.sessions()[0]?.payment_intent), 500),
    ...{ state: 'disputed', money: [0n, 0n] },
  },
  {
    happens: (stripe) => stripe.changeDispute(String(stripe.disputes()[0]?.id), 'won', [500]),
    ...{ state: 'paid', money: [FIVE, FIVE] },
  },
];

const MOMENTS: readonly Moment[] = ['asked', 'after posting', 'committed', 'answered'];

test.for(MOMENTS)('killed %s of each notice: booked once, told again or not', async (moment) => {
  const scene = await openScene();
  const { file, stripe } = scene;
  const cards = { api: stripe.api };
  for (const { happens, state, money } of STORY) {
    const event = happens(stripe);
    const { send, ended } = await startDoomed({ file, path: STRIPE_HOOK, moment, cards });
    scene.goTo(send);
    const told = await scene.tell(event).catch(() => undefined);
    expect(told?.status).toBe(moment === 'answered' ? 200 : undefined);
    expect(await ended).toEqual([null, 'SIGKILL']);
    await scene.restart();
    for (let time = 0; time < 2; time++) {
      expect((await scene.tell(event)).status).toBe(200);
      expect([await scene.state(), await scene.money()]).toEqual([state, money]);
    }
  }
});

test.for(MOMENTS)(
  'killed %s of a payment, and asked after before it is told again: once',
  async (moment) => {
    const scene = await openScene();
    const { file, stripe } = scene;
    const event = stripe.pay(String(stripe.sessions()[0]?.id));
    const cards = { api: stripe.api };
    const { send, ended } = await startDoomed({ file, path: STRIPE_HOOK, moment, cards });
    scene.goTo(send);
    await scene.tell(event).catch(() => undefined);
    expect(await ended).toEqual([null, 'SIGKILL']);
    const { context, time } = await scene.restart();
    time.nowMs += 60_000;
    await settleFunding(context);
    expect(await scene.state()).toBe('paid');
    expect((await scene.tell(event)).status).toBe(200);
    expect(await scene.money()).toEqual([FIVE, FIVE]);
  },
);
