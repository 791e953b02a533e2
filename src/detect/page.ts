/** Document → the fee fields that it carries (SPEC 3.1). Reads only; never changes the page. */
import { OFFER_FIELDS, type OfferFields } from '../protocol/fields.ts';

/** Fields that a link takes from its page where it has none of its own (SPEC 3.1). */
const INHERITED: readonly string[] = ['payto', 'seller', 'duration', 'meter', 'cap', 'refund'];

/** Fields that a link never has of its own (SPEC 3.1). */
const PAGE_ONLY: readonly string[] = ['seller', 'cap'];

/** The fields that a link can have of its own, as `data-fee-…` (SPEC 3.1). */
export const LINK_FIELDS = OFFER_FIELDS.filter((name) => !PAGE_ONLY.includes(name));

/**
 * One character more than any reader of fields takes, so that what is too long stays too long and
 * is never carried about whole.
 */
const FIELD_LENGTH_MAX = 2049;

/** Every `<meta>` of ours; names are compared as HTML does, whatever their case (SPEC 3.2). */
const METAS = 'meta[name^="fee:" i]';

/** The namespace of HTML: `<a>` is also a name of SVG's. */
const HTML = 'http://www.w3.org/1999/xhtml';

/** An `<a>` or `<area>` with an address and a price. */
export type FeeLink = HTMLAnchorElement | HTMLAreaElement;

/**
 * Whether the document is shown inside another (SPEC 3.10): nothing in it is for sale. One that is
 * shown nowhere, as a parser makes them, is not.
 */
export function isFramed({ defaultView }: Document): boolean {
  return defaultView !== null && defaultView.top !== defaultView;
}

/** The `<meta>` that each of the page's fields comes from; the first of a name counts. */
export function pageMetas(document: Document): Map<keyof OfferFields, HTMLMetaElement> {
  const metas = new Map<keyof OfferFields, HTMLMetaElement>();
  for (const meta of document.querySelectorAll<HTMLMetaElement>(METAS)) {
    const written = meta.name.slice('fee:'.length).toLowerCase();
    const name = OFFER_FIELDS.find((field) => field === written);
    if (name && !metas.has(name)) metas.set(name, meta);
  }
  return metas;
}

/** The page's own fields, by `<meta name="fee:…">`; each as it stands there. */
export function pageFields(document: Document): OfferFields {
  const metas = pageMetas(document);
  const fields: Record<string, string> = {};
  for (const name of OFFER_FIELDS) {
    const content = metas.get(name)?.content;
    if (content !== undefined) fields[name] = content.slice(0, FIELD_LENGTH_MAX);
  }
  return fields;
}

/** SPEC 3.1: what is fetched. `javascript:` and the like stay the browser's business. */
export function isFeeLink(element: Element): element is FeeLink {
  if (element.namespaceURI !== HTML || !/^(a|area)$/.test(element.localName)) return false;
  return element.hasAttribute('data-fee-price') && /^https?:/.test((element as FeeLink).href);
}

/** The fee links inside `root`, none of them in a shadow root or a template. */
export function feeLinksIn(root: ParentNode): FeeLink[] {
  return [...root.querySelectorAll('a[data-fee-price],area[data-fee-price]')].filter(isFeeLink);
}

/** More prices than a page of things to read has. */
const PRICE_COUNT_MAX = 100;

/** A price as its links have it, and how many addresses it is asked for. */
export interface LinkPrice {
  readonly price: string;
  readonly count: number;
}

/** What the links that a page shows cost, the first prices of it; two on one address are one. */
export function linkPrices(document: Document): LinkPrice[] {
  const addresses = new Map<string, Set<string>>();
  for (const link of feeLinksIn(document)) {
    // An area is never drawn: its picture is.
    if (link.localName === 'a' && !link.checkVisibility()) continue;
    const price = link.getAttribute('data-fee-price') ?? '';
    if (price.length >= FIELD_LENGTH_MAX) continue;
    const known = addresses.get(price) ?? new Set();
    if (addresses.size < PRICE_COUNT_MAX) addresses.set(price, known);
    known.add(link.href);
  }
  return [...addresses].map(([price, { size: count }]) => ({ price, count }));
}

/** What takes a press for itself, also inside a link: the heart on the card of an article. */
const CONTROLS = 'button,input,select,textarea,label,summary,audio[controls],video[controls]';

/** What a press is on: an element with an address, those of SVG among them, or a control. */
function takesPress(target: EventTarget): target is Element {
  if (!('localName' in target)) return false;
  const element = target as Element;
  const hasAddress = element.hasAttribute('href') || element.hasAttribute('xlink:href');
  return (hasAddress && /^(a|area)$/.test(element.localName)) || element.matches(CONTROLS);
}

/**
 * The fee link that a press with this path (`event.composedPath()`) follows; undefined for any
 * other link. The innermost link is followed, through open shadow roots too, and none where a
 * control inside it was pressed, nor in text that is being edited (SPEC 3.9): only a press asks for
 * that, since to know it the browser has to style the page.
 */
export function feeLinkIn(path: readonly EventTarget[]): FeeLink | undefined {
  const link = path.find(takesPress);
  return link && isFeeLink(link) && !link.isContentEditable ? link : undefined;
}

/**
 * The link's fields, `data-fee-…`, with what it inherits from its page. For many links of one page
 * hand in `page`: to read it again for each would cost as much as the page is long.
 */
export function linkFields(
  link: FeeLink,
  page: OfferFields = pageFields(link.ownerDocument),
): OfferFields {
  const fields: Record<string, string> = {};
  for (const name of OFFER_FIELDS) {
    const own = LINK_FIELDS.includes(name) ? link.getAttribute(`data-fee-${name}`) : null;
    const value = own ?? (INHERITED.includes(name) ? page[name] : undefined);
    if (value !== undefined) fields[name] = value.slice(0, FIELD_LENGTH_MAX);
  }
  return fields;
}
