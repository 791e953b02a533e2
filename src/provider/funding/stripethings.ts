/** What Stripe's objects have in common: amounts in cents, and our names on them. */
import type { Stripe as StripeApi } from 'stripe';
import { MICROS_PER_CENT, type Micros } from '../../protocol/money.ts';
import type { Place } from './funding.ts';

/** Listed at once. */
export const PAGE = 100;

export const centsOf = (micros: Micros) => Number(micros / MICROS_PER_CENT);
export const microsOf = (cents: number) => (BigInt(cents) * MICROS_PER_CENT) as Micros;

export function idOf(it: string | { readonly id: string } | null): string | undefined {
  return typeof it === 'string' ? it : it?.id;
}

type Metadata = Readonly<Record<string, string>> | null | undefined;

/** What we wrote on it; undefined on what is none of ours. */
export function placeIn(metadata: Metadata): Place | undefined {
  const { farthing_account: account, farthing_topup: id } = metadata ?? {};
  return account !== undefined && id !== undefined ? { account, id } : undefined;
}

export const written = ({ account, id }: Place) => ({
  farthing_account: account,
  farthing_topup: id,
});

/** The payment that something is of; undefined where it is of none. */
export async function intentOf(
  stripe: StripeApi,
  { payment_intent: it }: { readonly payment_intent: string | StripeApi.PaymentIntent | null },
): Promise<StripeApi.PaymentIntent | undefined> {
  return typeof it === 'string' ? stripe.paymentIntents.retrieve(it) : (it ?? undefined);
}

/** How Stripe calls what it refuses with; undefined on any other failure. */
export function codeOf(error: unknown): string | undefined {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
