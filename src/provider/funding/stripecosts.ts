/**
 * What Stripe keeps for itself of payments: its list of all that has moved money in the account,
 * each with its fee. Others of the operator's businesses may be in it, so only what is of a payment
 * of ours counts. What Stripe bills for the account as a whole is of none, and is only told of.
 * https://docs.stripe.com/api/balance_transactions
 * https://support.stripe.com/questions/how-metadata-works-with-related-objects
 */
import type { Stripe as StripeApi } from 'stripe';
import { CURRENCY } from '../context.ts';
import type { Cost, Costs, Place } from './funding.ts';
import { idOf, intentOf, microsOf, PAGE, placeIn } from './stripethings.ts';

type Movement = StripeApi.BalanceTransaction;

const HEAR_SEC = 3600;
/** These are fees themselves; most are of no payment. */
const BILLED: readonly string[] = ['stripe_fee', 'stripe_fx_fee', 'tax_fee'];
const isBilled = ({ type }: Movement) => BILLED.includes(type);

/** As Stripe writes it. What another one is worth in it nobody has said. */
const OURS = CURRENCY.toLowerCase();

function billed({ type, id }: Movement): string {
  const what = `Stripe bills the account itself (${type}, ${id} for one)`;
  return `${what}: that is of no payment, and is not booked`;
}

function inOther({ currency, id }: Movement): string {
  const what = `Stripe keeps its fees in ${currency.toUpperCase()} (${id} for one)`;
  return `${what}: the books are in ${CURRENCY}, and those fees are not booked`;
}

/** The ears of one process. */
export class StripeCosts {
  readonly #stripe: StripeApi;
  #dueAtSec = 0;
  /** Whose the payments are that had to be asked for at the last time. */
  #places = new Map<string, Place | undefined>();
  readonly #said = new Set<string>();

  constructor(stripe: StripeApi) {
    this.#stripe = stripe;
  }

  /** Once an hour all since then; what could not be asked is asked at the next call. */
  async hear(nowSec: number, since: () => Promise<number | undefined>): Promise<Costs | undefined> {
    // Due later than in an hour: the clock was ahead then.
    if (nowSec < this.#dueAtSec && this.#dueAtSec <= nowSec + HEAR_SEC) return undefined;
    const sinceSec = await since();
    const costs = sinceSec === undefined ? undefined : await this.#list(sinceSec);
    this.#dueAtSec = nowSec + HEAR_SEC;
    return costs;
  }

  async #list(sinceSec: number): Promise<Costs> {
    const before = this.#places;
    this.#places = new Map();
    const costs: Cost[] = [];
    const remarks = new Map<string, string>();
    let untilSec: number | undefined;
    for await (const movement of this.#stripe.balanceTransactions.list({
      created: { gte: sinceSec },
      expand: ['data.source'],
      limit: PAGE,
    })) {
      untilSec = Math.max(untilSec ?? 0, movement.created);
      const { id: reference, type, currency } = movement;
      const keptCents = isBilled(movement) ? -movement.net : movement.fee;
      const place = keptCents === 0 ? undefined : await this.#placeOf(movement, before);
      if (!place && isBilled(movement)) remarks.set(type, billed(movement));
      if (!place) continue;
      if (currency !== OURS) remarks.set(currency, inOther(movement));
      else costs.push({ ...place, reference, amountMicros: microsOf(keptCents) });
    }
    // What is given back comes after what was kept.
    return { costs: costs.reverse(), untilSec, remarks: this.#unsaid(remarks) };
  }

  /** Whose payment it is of; undefined where it is of none of ours. */
  async #placeOf({ source }: Movement, before: ReadonlyMap<string, Place | undefined>) {
    if (source === null || typeof source === 'string') return undefined;
    // A charge has what was written on its payment, and a refund of ours what we wrote on it.
    const written = 'metadata' in source ? placeIn(source.metadata) : undefined;
    if (written || (source.object !== 'dispute' && source.object !== 'refund')) return written;
    const payment = idOf(source.payment_intent);
    if (payment === undefined) return undefined;
    const known = [this.#places, before].find((places) => places.has(payment));
    const place = known
      ? known.get(payment)
      : placeIn((await intentOf(this.#stripe, source))?.metadata);
    this.#places.set(payment, place);
    return place;
  }

  /** Each is said once as long as we run. */
  #unsaid(remarks: ReadonlyMap<string, string>): string[] {
    const unsaid = [...remarks].filter(([about]) => !this.#said.has(about));
    for (const [about] of unsaid) this.#said.add(about);
    return unsaid.map(([, remark]) => remark);
  }
}
