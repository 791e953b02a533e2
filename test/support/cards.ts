/** A provider in this process whose cards are paid on a page of their own: Stripe's stand-in. */
import { nowSec, type Rules } from '../../src/provider/context.ts';
import { settleFunding } from '../../src/provider/funding/settle.ts';
import { createStripe, STRIPE_HOOK } from '../../src/provider/funding/stripe.ts';
import type { WalletPorts } from '../../src/wallet/ports.ts';
import { ISSUER, type Sandbox, useSandbox } from './sandbox.ts';
import { SECRET_KEY, type StandIn, useStripe, WEBHOOK_SECRET } from './stripe.ts';
import type { Thing } from './stripeaccount.ts';
import { makeReader } from './wallet.ts';

const KEYS = { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET };

export interface Cards {
  readonly sandbox: Sandbox;
  readonly stripe: StandIn;
  /** Sends an event; answers the status. */
  tell(event: Thing, atSec?: number): Promise<number>;
  /** Sends a body as an event. */
  post(body: string, signature: string): Promise<number>;
  /** A minute goes by, in which Stripe is asked what is open. */
  passMinute(): Promise<void>;
  /** Sends what a wallet has for this provider there. */
  around(ports: WalletPorts): WalletPorts;
}

/** They end with the test. */
export async function useCards(rules: Partial<Rules> = {}): Promise<Cards> {
  const stripe = await useStripe();
  const sandbox = await useSandbox(rules, ({ clock }) =>
    createStripe({ ...KEYS, issuer: ISSUER, name: 'Test money', clock, api: stripe.api }),
  );
  const post = async (body: string, signature: string) => {
    const headers = { 'Stripe-Signature': signature };
    return (await sandbox.send(ISSUER + STRIPE_HOOK, { method: 'POST', headers, body })).status;
  };
  return {
    ...{ sandbox, stripe, post },
    tell: (event, atSec = nowSec(sandbox.context)) => {
      const { body, signature } = stripe.signed(event, atSec);
      return post(body, signature);
    },
    passMinute: async () => {
      sandbox.time.nowMs += 60_000;
      await settleFunding(sandbox.context);
    },
    around: (ports) => ({ ...ports, fetch: (url, init = {}) => sandbox.send(url, init) }),
  };
}

/** Five dollars. */
export const FIVE = '5000000';

/** A reader with five dollars by a card, and a quarter that was a gift. */
export async function useCardReader() {
  const cards = await useCards();
  const { stripe, tell } = cards;
  const line = { isUp: true };
  const sent: string[] = [];
  const reader = makeReader(undefined, (ports) => {
    const { fetch: send } = cards.around(ports);
    return {
      ...ports,
      fetch: async (url, init) => {
        if (init?.method === 'POST') sent.push(`${new URL(url).pathname} ${init.body}`);
        const answer = await send(url, init);
        if (!line.isUp) throw new TypeError('the answer is lost');
        return answer;
      },
    };
  });
  const { wallet } = reader;
  await wallet.open(new URL(ISSUER).host);
  await wallet.topUp(FIVE);
  await tell(stripe.pay(String(stripe.sessions()[0]?.id)));
  await wallet.refresh();
  return { ...cards, reader, wallet, line, sent };
}
