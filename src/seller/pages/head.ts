/**
 * What the head of a page says of its offer: the tags that a wallet reads, and a block for search
 * engines. Our own page has it, and so may a page that the shop renders itself.
 */
import { formatDuration } from '../../protocol/duration.ts';
import { formatPrice, type Price } from '../../protocol/money.ts';
import { DURATION_SEC_DEFAULT, REFUND_SEC_DEFAULT } from '../../protocol/terms.ts';
import type { SellerContext } from '../context.ts';
import type { Route } from '../options.ts';
import { type Visit, visitOf } from '../visits/visit.ts';
import { descriptionFor, titleFor } from './title.ts';

/** What is sold and for how much, as it is shown. */
export interface ShownOffer {
  /** One a currency; at least one. */
  readonly prices: readonly Price[];
  readonly title: string;
  readonly description: string | undefined;
  /** Milliseconds since 1970; undefined for an offer that has no end. */
  readonly endMs: number | undefined;
}

/** What is shown of a visit's offer. */
export async function shownOffer(visit: Visit): Promise<ShownOffer> {
  const [prices, title, description, endMs] = await Promise.all([
    visit.prices(),
    titleFor(visit),
    descriptionFor(visit),
    visit.endMs(),
  ]);
  return { prices, title, description, endMs };
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML, in an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

/** RFC 3339 (SPEC 3.1); thousandths only where there are some. */
function timestamp(atMs: number | undefined): string | undefined {
  return atMs === undefined ? undefined : new Date(atMs).toISOString().replace('.000Z', 'Z');
}

/** The terms that are not what they are where nothing is written (SPEC 3.1). */
function termFields({ durationSec, refundSec, capRead }: Route) {
  const refund = refundSec === 0 ? 'none' : formatDuration(refundSec);
  return {
    duration: durationSec === DURATION_SEC_DEFAULT ? undefined : formatDuration(durationSec),
    refund: refundSec === REFUND_SEC_DEFAULT ? undefined : refund,
    cap: capRead && `${formatPrice(capRead)}/${formatDuration(capRead.periodSec)}`,
  };
}

/**
 * What the shop names itself is written out; a wallet finds the item and the title of all else as
 * the shop does, also at an address with something added that tracks.
 */
function tagsFor(seller: SellerContext, { route, item }: Visit, offer: ShownOffer): string {
  const fields: Record<string, string | undefined> = {
    price: offer.prices.map(formatPrice).join(', '),
    payto: seller.accounts.map(({ payto }) => payto.text).join(' '),
    item: route.item === undefined ? undefined : item,
    title: route.title === undefined ? undefined : offer.title,
    seller: seller.name,
    description: offer.description,
    ...termFields(route),
    expires: timestamp(offer.endMs),
  };
  return Object.entries(fields)
    .flatMap(([name, value]) =>
      value === undefined ? [] : `<meta name="fee:${name}" content="${escapeHtml(value)}">\n`,
    )
    .join('');
}

/** What search engines read (schema.org): a data block, which runs nothing. No text can end it. */
function jsonLd({ url }: Visit, { prices, title, description, endMs }: ShownOffer): string {
  const offers = prices.map((price) => {
    const [amount, priceCurrency] = formatPrice(price).split(' ');
    return { '@type': 'Offer', price: amount, priceCurrency, validThrough: timestamp(endMs) };
  });
  const work = {
    '@context': 'https://schema.org',
    '@type': 'CreativeWork',
    name: title,
    description,
    url: url.href,
    isAccessibleForFree: false,
    offers,
  };
  const text = JSON.stringify(work).replaceAll('<', '\\u003c');
  return `<script type="application/ld+json">${text}</script>`;
}

/** The head's part for one visit. */
export function headFor(seller: SellerContext, visit: Visit, offer: ShownOffer): string {
  return tagsFor(seller, visit, offer) + jsonLd(visit, offer);
}

/**
 * The head's part for a page that the shop renders itself; nothing for what is free.
 * @throws FarthingError `item_malformed`
 */
export async function headOf(
  seller: SellerContext,
  route: Route,
  request: Request,
): Promise<string> {
  const visit = await visitOf(route, request, seller.origin);
  const offer = await shownOffer(visit);
  return offer.prices.length === 0 ? '' : headFor(seller, visit, offer);
}
