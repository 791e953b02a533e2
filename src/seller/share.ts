/** What a cap leaves of the price of one charge (SPEC 7.7), counted before it is accepted. */
import { FarthingError } from '../protocol/errors.ts';
import { MICROS_ZERO } from '../protocol/money.ts';
import { countCharge, uncountCharge } from './caps.ts';
import type { CheckedPurse } from './certificates.ts';
import type { SellerContext } from './context.ts';
import type { Refusal } from './sale.ts';
import type { Offered } from './verify.ts';
import type { Visit } from './visit.ts';

/** A charge's part of what is paid under a cap. */
export interface Share {
  readonly kind: 'share';
  /** Until when all is free after this charge. */
  readonly freeUntilSec: number | undefined;
  /** Takes off the count what this request has put there. */
  readonly giveBack: () => Promise<boolean>;
}

/** Counts the charge under the cap of its route; a refusal where that leaves another amount. */
export async function takeShare(
  seller: SellerContext,
  visit: Visit,
  { offered, purse }: { readonly offered: Offered; readonly purse: CheckedPurse },
): Promise<Share | Refusal> {
  const { pur, seq, cur } = offered.charge.claims;
  const { amt } = offered.credential.payload.opening;
  const cap = visit.route.capRead;
  if (!cap) throw new TypeError('Only a route with a cap has shares');
  const owner = { payto: purse.claims.aud, sub: purse.claims.sub, currency: cur, cap };
  const price = (await visit.prices()).find(({ currency }) => currency === cur);
  const counted = {
    charge: { purse: pur, seq, amt },
    priceMicros: price?.amountMicros ?? MICROS_ZERO,
    mark: crypto.randomUUID(),
  };
  const { dueMicros, freeUntilSec } = await countCharge(seller, owner, counted);
  const giveBack = () => uncountCharge(seller, owner, { purse: pur, mark: counted.mark });
  if (dueMicros === amt && amt > 0n) return { kind: 'share', freeUntilSec, giveBack };
  const error = new FarthingError('amount_mismatch', 'the cap leaves another amount');
  return { kind: 'refusal', error, dueMicros };
}
