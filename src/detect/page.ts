/** Document → the fee fields that it carries (SPEC 3.1). Reads only; never changes the page. */
import { OFFER_FIELDS, type OfferFields } from '../protocol/fields.ts';

/** Fields that a link takes from its page where it has none of its own (SPEC 3.1). */
const INHERITED = ['payto', 'seller', 'duration', 'meter', 'cap', 'refund'] as const;

/** Whether the page itself is for sale. A page without markup is left alone. */
export function isForSale(document: Document): boolean {
  return document.querySelector('meta[name="fee:price"]') !== null;
}

/** The page's own fields, by `<meta name="fee:…">`; the first of a name counts. */
export function pageFields(document: Document): OfferFields {
  const fields: Record<string, string> = {};
  for (const name of OFFER_FIELDS) {
    const meta = document.querySelector<HTMLMetaElement>(`meta[name="fee:${name}"]`);
    if (meta) fields[name] = meta.content;
  }
  return fields;
}

/** An `<a>` or `<area>` with an address and a price. */
export type FeeLink = HTMLAnchorElement | HTMLAreaElement;

/** SPEC 3.1: what is fetched. `javascript:` and the like stay the browser's business. */
function isFeeLink({ protocol, dataset }: FeeLink): boolean {
  return dataset.feePrice !== undefined && /^https?:$/.test(protocol);
}

/** The fee link in an event's path, from the inside out; undefined for any other link. */
export function feeLinkIn(path: readonly EventTarget[]): FeeLink | undefined {
  for (const target of path) {
    if (target instanceof HTMLAnchorElement || target instanceof HTMLAreaElement)
      return isFeeLink(target) ? target : undefined;
  }
  return undefined;
}

/** The link's fields, `data-fee-…`, with what it inherits from its page. */
export function linkFields(link: FeeLink): OfferFields {
  const page = pageFields(link.ownerDocument);
  const fields: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = page[name];
    if (value !== undefined) fields[name] = value;
  }
  for (const name of OFFER_FIELDS) {
    const value = link.getAttribute(`data-fee-${name}`);
    if (value !== null) fields[name] = value;
  }
  return fields;
}
