/**
 * Disputes at Stripe, by the money that they have moved: the same money may be given back by a
 * refund, and is then no dispute's.
 * https://docs.stripe.com/disputes/how-disputes-work
 */
import type { Stripe as StripeApi } from 'stripe';
import type { Notice } from './funding.ts';
import { intentOf, microsOf, PAGE, placeIn } from './stripethings.ts';

type Dispute = StripeApi.Dispute;
type Intent = StripeApi.PaymentIntent;

/** Stripe is told of none before so long is over that was begun before. */
const DISPUTE_SEC = 400 * 86_400;

/** A bank may count in its own currency, and take more: of the reader that is what was paid. */
function disputedCents({ amount, currency }: Dispute, payment: Intent): number {
  return currency === payment.currency ? Math.min(amount, payment.amount) : payment.amount;
}

/**
 * Which share of it is gone, by movements in whatever currency the operator's account has: what
 * went may have come back, in part, and gone again. Undefined where nothing has moved.
 */
function goneShare({ balance_transactions: moves = [] }: Dispute): number | undefined {
  const amounts = moves.map(({ amount }) => -amount);
  const all = Math.max(0, ...amounts);
  const gone = amounts.reduce((sum, amount) => sum + amount, 0);
  return all === 0 ? undefined : Math.min(1, Math.max(0, gone / all));
}

/** What refunds of a payment have taken; those that failed have not. */
async function refundedCents(stripe: StripeApi, payment: Intent): Promise<number> {
  let cents = 0;
  for await (const { amount, status } of stripe.refunds.list({
    payment_intent: payment.id,
    limit: PAGE,
  }))
    if (status !== 'failed' && status !== 'canceled') cents += amount;
  return cents;
}

/** With an inquiry, and with what was blocked before it became a dispute, no money moves. */
function movesNothing({ status, payment_method_details: details }: Dispute): boolean {
  const wasBlocked = status === 'prevented' && details?.card?.case_type === 'block';
  return wasBlocked || status.startsWith('warning_');
}

/**
 * What a dispute holds of its payment. One that names no movement of its own has what no refund has
 * taken: a payment that is refunded is disputed for nothing.
 */
async function heldCents(stripe: StripeApi, dispute: Dispute, payment: Intent): Promise<number> {
  const cents = disputedCents(dispute, payment);
  const share = goneShare(dispute);
  if (dispute.status === 'won') return 0;
  if (share !== undefined) return Math.round(cents * share);
  if (movesNothing(dispute)) return 0;
  return Math.max(0, Math.min(cents, payment.amount - (await refundedCents(stripe, payment))));
}

/** One that was prevented, and not blocked, was prevented by giving the money back. */
const OVER: readonly string[] = [
  ...['lost', 'prevented', 'warning_closed'],
  // Ours to win yet; until then it is lost.
  ...['appeal_needs_response', 'appeal_under_review'],
];

/** What a dispute of a payment of ours says. */
export async function ofDispute(stripe: StripeApi, dispute: Dispute): Promise<Notice[]> {
  const payment = await intentOf(stripe, dispute);
  const place = placeIn(payment?.metadata);
  if (!payment || !place) return [];
  const cents = await heldCents(stripe, dispute, payment);
  const it = { ...place, payment: payment.id, dispute: dispute.id };
  const wantedMicros = microsOf(disputedCents(dispute, payment));
  if (cents === 0) return [{ kind: 'dispute won', ...it, amountMicros: wantedMicros }];
  const kind = OVER.includes(dispute.status) ? 'dispute lost' : 'disputed';
  return [{ kind, ...it, amountMicros: microsOf(cents) }];
}

const EXPANDED = ['data.payment_intent'];

async function ofAll(stripe: StripeApi, disputes: AsyncIterable<Dispute>): Promise<Notice[]> {
  const notices: Notice[] = [];
  for await (const dispute of disputes) notices.push(...(await ofDispute(stripe, dispute)));
  return notices;
}

/** What the disputes of one payment say. */
export function listDisputesOf(stripe: StripeApi, payment: string): Promise<Notice[]> {
  const asked = { payment_intent: payment, expand: EXPANDED, limit: PAGE };
  return ofAll(stripe, stripe.disputes.list(asked));
}

/** What all disputes say that may still change. */
export function listDisputes(stripe: StripeApi, nowSec: number): Promise<Notice[]> {
  const created = { gte: nowSec - DISPUTE_SEC };
  return ofAll(stripe, stripe.disputes.list({ created, expand: EXPANDED, limit: PAGE }));
}
