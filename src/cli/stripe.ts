/** Stripe's keys, as the environment has them. */
import { FarthingError } from '../protocol/errors.ts';
import type { StripeOptions } from '../provider/funding/stripe.ts';

/** Undefined where there are none. @throws FarthingError `option_invalid`: one without the other */
export function readStripe({
  STRIPE_SECRET_KEY: secretKey,
  STRIPE_WEBHOOK_SECRET: webhookSecret,
}: NodeJS.ProcessEnv): Pick<StripeOptions, 'secretKey' | 'webhookSecret'> | undefined {
  if (!secretKey && !webhookSecret) return undefined;
  if (!secretKey || !webhookSecret)
    throw new FarthingError(
      'option_invalid',
      'STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET go together',
    );
  return { secretKey, webhookSecret };
}
