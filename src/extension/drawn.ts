/**
 * The prices that the reader has had the time to see (trust, attack 4): a page that changes one
 * under the finger has shown the former.
 */
import type { OfferFields } from '../protocol/fields.ts';
import type { Link } from './press.ts';

/** Nobody reads a price and presses in less. */
const SEEN_MS = 1000;

interface Price {
  readonly now: string | undefined;
  readonly former: string | undefined;
  readonly sinceMs: number;
}

/** Remembers what was told of each link. */
export interface DrawnPrices {
  tell(link: Link, fields: OfferFields): void;
  of(link: Link): string | undefined;
}

export function keepDrawnPrices(nowMs: () => number): DrawnPrices {
  const prices = new WeakMap<Link, Price>();
  return {
    tell(link, { price: now }) {
      const known = prices.get(link);
      if (known?.now === now) return;
      // Of several changes within a moment the first was there before them.
      const isRecent = known !== undefined && nowMs() - known.sinceMs < SEEN_MS;
      const former = isRecent ? (known.former ?? known.now) : known?.now;
      prices.set(link, { now, former, sinceMs: nowMs() });
    },
    of(link) {
      const price = prices.get(link);
      if (!price) return undefined;
      return nowMs() - price.sinceMs < SEEN_MS ? (price.former ?? price.now) : price.now;
    },
  };
}
