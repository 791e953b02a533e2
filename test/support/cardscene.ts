/** A provider that dies with what waits for its cards, and Stripe's stand-in, which does not. */
import { onTestFinished } from 'vitest';
import { nowSec } from '../../src/provider/context.ts';
import { giveUp } from '../../src/provider/funding/giveup.ts';
import { settleFunding } from '../../src/provider/funding/settle.ts';
import { createStripe, STRIPE_HOOK } from '../../src/provider/funding/stripe.ts';
import { makeAccount, openAccount, type Send, type TestAccount } from './account.ts';
import { randomId } from './payer.ts';
import { ISSUER, openSandbox, temporaryFolder } from './sandbox.ts';
import { SECRET_KEY, type StandIn, useStripe, WEBHOOK_SECRET } from './stripe.ts';
import type { Thing } from './stripeaccount.ts';

/** A reader who has put in 5 dollars by a card, at Stripe as it is `before` that. */
export async function openCardScene(before: (stripe: StandIn) => void = () => undefined) {
  const folder = temporaryFolder();
  const stripe = await useStripe();
  before(stripe);
  const keys = { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET };
  const open = () =>
    openSandbox(folder, {}, ({ clock }) =>
      createStripe({ ...keys, issuer: ISSUER, name: 'Test money', clock, api: stripe.api }),
    );
  let sandbox = await open();
  let door: Send = sandbox.send;
  const reader = await makeAccount(ISSUER, (url, init) => door(url, init));
  await openAccount(reader);
  const body = { id: randomId(), amount: '5000000', currency: 'USD' };
  await reader.call('POST', '/v1/topups', body);
  const tell = async (event: Thing) => {
    const { body, signature } = stripe.signed(event, nowSec(sandbox.context));
    const headers = { 'Stripe-Signature': signature };
    return (await door(ISSUER + STRIPE_HOOK, { method: 'POST', headers, body })).status;
  };
  await tell(stripe.pay(String(stripe.sessions()[0]?.id)));
  return {
    ...{ stripe, reader, file: sandbox.file, topup: body.id },
    /** Sends an event to whoever has the books; answers the status. */
    tell,
    settle: () => settleFunding(sandbox.context),
    /** An operator gives a part up, ten minutes after it was asked for. */
    giveUp: (part: string) => {
      const { database, changeBooks, funding, log } = sandbox.context;
      const atSec = nowSec(sandbox.context) + 600;
      return giveUp({ database, changeBooks, funding, atSec, log }, part, undefined);
    },
    /** Somebody else has the books from here on. */
    goTo: async (next: Send) => {
      await sandbox.close();
      door = next;
    },
    restart: async () => {
      sandbox = await open();
      door = sandbox.send;
      onTestFinished(() => sandbox.close());
    },
  };
}

export type CardScene = Awaited<ReturnType<typeof openCardScene>>;

export function withdraw(reader: TestAccount, id: string, amount = '3000000') {
  return reader.call('POST', '/v1/withdrawals', { id, currency: 'USD', amount });
}
