/** What a cap leaves of the price of one charge (SPEC 7.7), counted before it is accepted. */
import { readCertificate } from '../../protocol/certificate.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { MICROS_ZERO } from '../../protocol/money.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import { decodeTerms } from '../../protocol/request.ts';
import type { CheckedPurse } from '../certificates/certificates.ts';
import type { SellerContext } from '../context.ts';
import type { Visit } from '../visits/visit.ts';
import {
  type CapOwner,
  type CapShare,
  capKey,
  countCharge,
  freeUntil,
  settleCharge,
  uncountCharge,
  withdrawCharge,
} from './caps.ts';
import type { Refusal, Sale, Share } from './sale.ts';
import type { Offered } from './verify.ts';

async function shareOf(
  seller: SellerContext,
  owner: CapOwner,
  {
    charge,
    mark,
    priceMicros,
    endSec,
    freeUntilSec,
  }: Omit<CapShare, 'dueMicros'> & Parameters<typeof countCharge>[2],
): Promise<Share> {
  const counted = { purse: charge.purse, mark, endSec };
  // For less than the price: what it buys is open while nothing is missing (SPEC 7.7).
  const isLowered = charge.amt < priceMicros;
  const keep = async () => freeUntilSec !== undefined && settleCharge(seller, owner, charge);
  return {
    endsFor: ({ until }) => ({
      until: isLowered ? Math.min(until, endSec) : until,
      free: freeUntilSec,
    }),
    opens: { keep, free: isLowered ? { key: await capKey(owner), untilSec: endSec } : undefined },
    giveBack: () => uncountCharge(seller, owner, counted),
    // Off the count first: in between nobody may pay less for what is about to go back.
    takeBack: async (goBack) => {
      if (!(await withdrawCharge(seller, owner, counted))) return false;
      const isBack = await goBack();
      await (isBack ? uncountCharge(seller, owner, counted) : settleCharge(seller, owner, charge));
      return isBack;
    },
  };
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
  const priceMicros = price?.amountMicros ?? MICROS_ZERO;
  const counted = { charge: { purse: pur, seq, amt }, priceMicros, mark: crypto.randomUUID() };
  const { dueMicros, ...period } = await countCharge(seller, owner, counted);
  if (dueMicros === amt && amt > 0n) return shareOf(seller, owner, { ...counted, ...period });
  const error = new FarthingError('amount_mismatch', 'the cap leaves another amount');
  return { kind: 'refusal', error, dueMicros };
}

/**
 * A charge under a cap comes again: nobody takes it back now. `free` says what it opens where it
 * has reached the cap and was for less than the price.
 */
export async function shareAgain(
  seller: SellerContext,
  { credential }: Offered,
  { certificate, receipt }: { readonly certificate: string; readonly receipt: Receipt },
): Promise<{ readonly free: () => Promise<Sale['free']> } | undefined> {
  const terms = decodeTerms(credential.payload.opening.request);
  const { payto, currency, cap, amountMicros } = terms;
  if (!cap) return undefined;
  const { sub } = readCertificate(certificate).claims;
  const owner = { payto, sub, currency, cap };
  await settleCharge(seller, owner, { ...receipt, purse: receipt.pur });
  const isWhole = receipt.amt === amountMicros;
  return { free: async () => (isWhole ? undefined : freeBy(seller, owner, receipt)) };
}

/**
 * What is free on account of a receipt.
 * @throws FarthingError `used`
 */
export async function freeBy(
  seller: SellerContext,
  owner: CapOwner,
  { free }: Receipt,
): Promise<NonNullable<Sale['free']>> {
  const key = await capKey(owner);
  const untilSec = await freeUntil(seller, key, owner.cap);
  if (untilSec === undefined || untilSec !== free)
    throw new FarthingError('used', 'what was free under the cap is not any more');
  return { key, untilSec };
}
