/**
 * Cards by Stripe Checkout: the reader pays on Stripe's own page, and no number of a card comes
 * near us. Stripe tells by signed webhooks; of what it does not tell it is asked.
 * https://docs.stripe.com/payments/checkout, https://docs.stripe.com/webhooks
 */
import type { Stripe as StripeApi } from 'stripe';
import { FarthingError } from '../../protocol/errors.ts';
import {
  type Funding,
  type Notice,
  nameOf,
  type Payment,
  type Return,
  TOPPED_UP,
} from './funding.ts';
import { StripeCosts } from './stripecosts.ts';
import { listDisputes, ofDispute } from './stripedisputes.ts';
import { failedSince, ofRefund, refundPart, refundsSince, seekRefund } from './striperefunds.ts';
import { centsOf, idOf, microsOf, placeIn, written } from './stripethings.ts';

/** As rows keep it. */
export const STRIPE_CHECKOUT = 'stripe checkout';
/** Where Stripe sends its webhooks. */
export const STRIPE_HOOK = '/hooks/stripe';

/** A page that was opened is paid within a day or never; Stripe forgets ids no sooner. */
const SESSION_SEC = 86_400;
/** A bank sends a refund back sooner; Stripe keeps its events for so long. */
const EVENT_SEC = 30 * 86_400;
/** Stripe is asked for what it told of, and nobody heard. */
const HEAR_SEC = 3600;
/** What could not be booked then is looked at for so long. */
const AGAIN_SEC = 86_400;
/** What was signed before may be one that somebody has kept. */
const OLD_SEC = 300;
/** A reader waits for it. */
const TIMEOUT_MS = 20_000;

export interface StripeOptions {
  /** Of a sandbox: `sk_test_…`. */
  readonly secretKey: string;
  /** `whsec_…`, of the endpoint at `STRIPE_HOOK`. */
  readonly webhookSecret: string;
  readonly issuer: string;
  /** What readers read on Stripe's page. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Another place than Stripe's own. */
  readonly api?: { readonly host: string; readonly port: number; readonly protocol: 'http' };
}

/** What a page on which a reader pays says. */
function ofSession(session: StripeApi.Checkout.Session): Notice[] {
  const place = placeIn(session.metadata);
  const payment = idOf(session.payment_intent);
  if (!place) return [];
  if (session.status === 'expired') return [{ kind: 'failed', ...place }];
  if (session.payment_status !== 'paid' || !payment || session.amount_total === null) return [];
  const country = session.customer_details?.address?.country;
  const amountMicros = microsOf(session.amount_total);
  return [{ kind: 'paid', ...place, payment, amountMicros, ...(country && { country }) }];
}

class StripeCheckout implements Funding {
  readonly method = STRIPE_CHECKOUT;
  readonly #stripe: StripeApi;
  readonly #options: StripeOptions;
  readonly #costs: StripeCosts;
  #heardAtSec = 0;
  #dueAtSec = 0;

  constructor(stripe: StripeApi, options: StripeOptions) {
    this.#stripe = stripe;
    this.#options = options;
    this.#costs = new StripeCosts(stripe);
  }

  #nowSec(): number {
    return Math.floor(this.#options.clock() / 1000);
  }

  async begin(payment: Payment) {
    const { issuer } = this.#options;
    // Under one id Stripe takes no other words than before, whatever we are called by now.
    const name = payment.name ?? this.#options.name;
    const back = new URL(TOPPED_UP, issuer).href;
    const metadata = written(payment);
    const session = await this.#stripe.checkout.sessions.create(
      {
        mode: 'payment',
        // What is paid later, or by no card, could not go back to it.
        allowed_payment_method_types: ['card'],
        // Stripe would ask for the reader's own currency, and say of the payment what that is.
        adaptive_pricing: { enabled: false },
        line_items: [
          {
            quantity: 1,
            price_data: {
              currency: payment.currency.toLowerCase(),
              unit_amount: centsOf(payment.amountMicros),
              product_data: { name },
            },
          },
        ],
        client_reference_id: nameOf(payment),
        metadata,
        payment_intent_data: { metadata },
        success_url: back,
        cancel_url: back,
      },
      { idempotencyKey: `topup.${nameOf(payment)}` },
    );
    const { id: reference, url } = session;
    return { reference, ...(url === null ? {} : { url }), notices: ofSession(session) };
  }

  async ask(payment: Payment): Promise<readonly Notice[]> {
    const { reference, account, id } = payment;
    if (reference !== undefined)
      return ofSession(await this.#stripe.checkout.sessions.retrieve(reference));
    // Nobody was told where to pay it, and by now nobody will be.
    const isOver = payment.begunAtSec + SESSION_SEC < this.#nowSec();
    return isOver ? [{ kind: 'failed', account, id }] : [];
  }

  sendBack(it: Return) {
    return refundPart(this.#stripe, it);
  }

  async askBack({ reference }: Return): Promise<readonly Notice[]> {
    if (reference === undefined) return [];
    return ofRefund(this.#stripe, await this.#stripe.refunds.retrieve(reference));
  }

  seek(it: Return) {
    return seekRefund(this.#stripe, it);
  }

  async #hear(nowSec: number): Promise<readonly Notice[]> {
    const sinceSec = Math.max(this.#heardAtSec - AGAIN_SEC, nowSec - EVENT_SEC);
    const notices = [
      ...(await listDisputes(this.#stripe, nowSec)),
      ...(await refundsSince(this.#stripe, sinceSec)),
      ...(await failedSince(this.#stripe, nowSec - EVENT_SEC)),
    ];
    this.#heardAtSec = nowSec;
    return notices;
  }

  async settle(): Promise<readonly Notice[]> {
    const nowSec = this.#nowSec();
    // The clock was ahead then.
    if (nowSec < this.#heardAtSec) [this.#heardAtSec, this.#dueAtSec] = [0, 0];
    if (nowSec < this.#dueAtSec) return [];
    this.#dueAtSec = nowSec + HEAR_SEC;
    return this.#hear(nowSec).catch((error) => {
      this.#dueAtSec = 0;
      throw error;
    });
  }

  costs(since: () => Promise<number | undefined>) {
    return this.#costs.hear(this.#nowSec(), since);
  }

  readonly hook = {
    path: STRIPE_HOOK,
    read: async (body: string, headers: Headers): Promise<readonly Notice[]> => {
      const { data, type } = this.#event(body, headers.get('Stripe-Signature') ?? '');
      if (type.startsWith('checkout.session.'))
        return ofSession(data.object as StripeApi.Checkout.Session);
      const { id } = data.object as { id: string };
      if (type.startsWith('charge.dispute.')) return this.#disputed(id);
      // `charge.refund.updated` of older endpoints has a refund, too.
      if (/^(?:charge\.)?refund\./.test(type)) return this.#refunded(id);
      return [];
    },
  };

  /** Events come late and in any order: what is so now is asked for. */
  async #disputed(id: string): Promise<readonly Notice[]> {
    const expand = ['payment_intent'];
    const dispute = await this.#stripe.disputes.retrieve(id, { expand });
    // Where one was told of, others may have been that nobody heard.
    this.#dueAtSec = 0;
    return ofDispute(this.#stripe, dispute);
  }

  async #refunded(id: string): Promise<readonly Notice[]> {
    const expand = ['payment_intent'];
    return ofRefund(this.#stripe, await this.#stripe.refunds.retrieve(id, { expand }));
  }

  #event(body: string, signature: string): StripeApi.Event {
    const { webhookSecret, clock } = this.#options;
    const { webhooks } = this.#stripe;
    try {
      return webhooks.constructEvent(body, signature, webhookSecret, OLD_SEC, undefined, clock());
    } catch (cause) {
      throw new FarthingError('proof_mismatch', 'it is not signed by the secret of the webhook', {
        cause,
      });
    }
  }
}

type StripeKeys = Pick<StripeOptions, 'secretKey' | 'webhookSecret'>;

/** @throws FarthingError `option_invalid`: keys of another kind, or live ones */
export function checkStripe({ secretKey, webhookSecret }: StripeKeys): void {
  if (/^[sr]k_live_/.test(secretKey))
    throw new FarthingError('option_invalid', 'a live key takes real money; use one of a sandbox');
  if (!/^[sr]k_test_/.test(secretKey) || !webhookSecret.startsWith('whsec_'))
    throw new FarthingError('option_invalid', 'Stripe’s keys begin with sk_test_ and whsec_');
}

/**
 * Cards by Stripe.
 * @throws FarthingError `option_invalid`: a key that is none, or takes real money
 */
export async function createStripe(options: StripeOptions): Promise<Funding> {
  checkStripe(options);
  const { secretKey, api } = options;
  const { default: Stripe } = await import('stripe');
  return new StripeCheckout(
    new Stripe(secretKey, { ...api, timeout: TIMEOUT_MS, telemetry: false }),
    options,
  );
}
