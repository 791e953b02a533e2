/**
 * Refunds at Stripe: those that we make, each under the name of its part, and those that somebody
 * makes beside us, in Stripe's own pages for one.
 * https://docs.stripe.com/api/refunds
 */
import type { Stripe as StripeApi } from 'stripe';
import {
  type Notice,
  type Place,
  type Return,
  type Returning,
  ReturnRefused,
  type Sought,
} from './funding.ts';
import { listDisputesOf } from './stripedisputes.ts';
import {
  centsOf,
  codeOf,
  idOf,
  intentOf,
  microsOf,
  PAGE,
  placeIn,
  written,
} from './stripethings.ts';

type Refund = StripeApi.Refund;

/** The card takes this payment back itself: nothing goes back to it twice. */
const IN_DISPUTE: readonly (string | undefined)[] = ['charge_disputed', 'refund_disputed_payment'];
/** Somebody has refunded it before. */
const IS_REFUNDED = 'charge_already_refunded';

const hasFailed = ({ status }: Refund) => status === 'failed' || status === 'canceled';

/** What is said of a refund that is ours. */
function ofOwn(refund: Refund, name: string): Notice[] {
  const place = placeIn(refund.metadata);
  if (!place) return [];
  const it = { ...place, name, amountMicros: microsOf(refund.amount), reference: refund.id };
  if (refund.status === 'succeeded') return [{ kind: 'withdrawn', ...it }];
  return hasFailed(refund) ? [{ kind: 'withdrawal failed', ...it }] : [];
}

/** What is said of one that is not: its money has left as soon as it is there. */
function ofOther(refund: Refund, place: Place): Notice[] {
  const payment = idOf(refund.payment_intent);
  if (payment === undefined) return [];
  const kind = hasFailed(refund) ? 'dispute won' : 'dispute lost';
  return [{ kind, ...place, payment, dispute: refund.id, amountMicros: microsOf(refund.amount) }];
}

/**
 * What a refund says; of a payment that is none of ours, nothing. Before another's what disputes
 * say by now: one that holds what is refunded does so no longer.
 */
export async function ofRefund(stripe: StripeApi, refund: Refund): Promise<Notice[]> {
  const name = refund.metadata?.farthing_part;
  if (name !== undefined) return ofOwn(refund, name);
  const payment = await intentOf(stripe, refund);
  const place = placeIn(payment?.metadata);
  if (!payment || !place) return [];
  return [...(await listDisputesOf(stripe, payment.id)), ...ofOther(refund, place)];
}

/** All refunds of a payment, the newest first. */
async function refundsOf(stripe: StripeApi, { paid }: Return): Promise<Refund[]> {
  const refunds: Refund[] = [];
  for await (const refund of stripe.refunds.list({ payment_intent: paid, limit: PAGE }))
    refunds.push(refund);
  return refunds;
}

/** What the others among a payment's refunds say. */
async function othersIn(stripe: StripeApi, refunds: readonly Refund[], { payment, paid }: Return) {
  const { account, id } = payment;
  const others = refunds
    .filter(({ metadata }) => metadata?.farthing_part === undefined)
    .flatMap((refund) => ofOther(refund, { account, id }));
  return others.length === 0 ? [] : [...(await listDisputesOf(stripe, paid)), ...others];
}

/** It has its name in Stripe's list for ever; ids of requests are forgotten after a day. */
function ownIn(refunds: readonly Refund[], { name }: Return): Refund | undefined {
  return refunds.find(({ metadata }) => metadata?.farthing_part === name);
}

function takenOf(refund: Refund, name: string): Returning {
  return { reference: refund.id, notices: ofOwn(refund, name) };
}

function refused(
  { payment: { account, id }, name, amountMicros }: Return,
  because: readonly Notice[],
  refusal?: string,
): Returning {
  const failed = { kind: 'withdrawal failed', account, id, name, amountMicros } as const;
  // First it comes back to the reader, and then it is taken for what it was refused for.
  return { reference: name, notices: [{ ...failed, ...(refusal && { refusal }) }, ...because] };
}

function hasRoom(refunds: readonly Refund[], { payment, amountMicros }: Return): boolean {
  const gone = refunds.filter((refund) => !hasFailed(refund));
  const goneCents = gone.reduce((sum, { amount }) => sum + amount, 0);
  return goneCents + centsOf(amountMicros) <= centsOf(payment.amountMicros);
}

/**
 * What Stripe has refused it refuses under the same key for a day, whatever has become of its
 * reason. As that made nothing, and never will, the next try has another key.
 */
function keyOf(name: string, refusalCount: number): string {
  return refusalCount === 0 ? `withdrawal.${name}` : `withdrawal.${name}.${refusalCount}`;
}

async function create(
  stripe: StripeApi,
  { payment, paid, name, amountMicros, refusalCount }: Return,
): Promise<Refund> {
  return stripe.refunds.create(
    {
      payment_intent: paid,
      amount: centsOf(amountMicros),
      metadata: { ...written(payment), farthing_part: name },
    },
    { idempotencyKey: keyOf(name, refusalCount) },
  );
}

/** Stripe has looked at what was asked, and said no. */
const REFUSALS: readonly unknown[] = [400, 402, 404];

/** What is thrown on: it may take it yet. */
function laterOf(error: unknown): unknown {
  const { statusCode, type } = Object(error) as { statusCode?: unknown; type?: unknown };
  if (!REFUSALS.includes(statusCode) || type === 'StripeIdempotencyError') return error;
  return new ReturnRefused(codeOf(error) ?? (error as Error).message, { cause: error });
}

/** Why Stripe will never take it. @throws ReturnRefused, or what else failed: it may take it yet */
async function ofRefusal(stripe: StripeApi, it: Return, error: unknown): Promise<Returning> {
  const code = codeOf(error);
  if (IN_DISPUTE.includes(code)) return refused(it, await listDisputesOf(stripe, it.paid), code);
  if (code !== IS_REFUNDED) throw laterOf(error);
  const refunds = await refundsOf(stripe, it);
  const own = ownIn(refunds, it);
  if (own) return takenOf(own, it.name);
  const others = await othersIn(stripe, refunds, it);
  return refused(it, others, others.length === 0 ? code : undefined);
}

async function tryRefund(stripe: StripeApi, it: Return): Promise<Returning> {
  const refunds = await refundsOf(stripe, it);
  const own = ownIn(refunds, it);
  if (own) return takenOf(own, it.name);
  const others = await othersIn(stripe, refunds, it);
  // Of what is left too little Stripe says no more than that it will not.
  if (!hasRoom(refunds, it)) return refused(it, others);
  const { reference, notices } = takenOf(await create(stripe, it), it.name);
  return { reference, notices: [...notices, ...others] };
}

/**
 * Refunds a part, once; or says why it never will be.
 * @throws ReturnRefused: Stripe has said no; what else failed: it may have done it
 */
export function refundPart(stripe: StripeApi, it: Return): Promise<Returning> {
  return tryRefund(stripe, it).catch((error) => ofRefusal(stripe, it, error));
}

/** Whether a part was refunded, of which nobody has heard. */
export async function seekRefund(stripe: StripeApi, it: Return): Promise<Sought> {
  try {
    const own = ownIn(await refundsOf(stripe, it), it);
    return own ? takenOf(own, it.name) : 'no return';
  } catch (error) {
    if (codeOf(error) === 'resource_missing') return 'no payment';
    throw error;
  }
}

/** Those since then: made beside us, and our own, of which one may have been given up. */
export async function refundsSince(stripe: StripeApi, sinceSec: number): Promise<Notice[]> {
  const notices: Notice[] = [];
  const refunds = stripe.refunds.list({
    created: { gte: sinceSec },
    expand: ['data.payment_intent'],
    limit: PAGE,
  });
  for await (const refund of refunds) notices.push(...(await ofRefund(stripe, refund)));
  return notices;
}

/** What has come back since then: what had succeeded nobody asks about any more. */
export async function failedSince(stripe: StripeApi, sinceSec: number): Promise<Notice[]> {
  const notices: Notice[] = [];
  const events = stripe.events.list({
    created: { gte: sinceSec },
    type: 'refund.failed',
    limit: PAGE,
  });
  for await (const { data } of events)
    notices.push(...(await ofRefund(stripe, data.object as Refund)));
  return notices;
}
