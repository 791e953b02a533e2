/**
 * What stands in the markup, read into an offer, or what is wrong with it and where (SPEC 3.2). The
 * wallet's content script does without: it hands the fields on as they are.
 */
import { type ErrorCode, FarthingError } from '../protocol/errors.ts';
import { OFFER_FIELDS, type OfferFields } from '../protocol/fields.ts';
import { type Offer, readOffer } from '../protocol/offer.ts';
import { type FeeLink, isFramed, linkFields, pageFields, pageMetas } from './page.ts';

/** Where something stands: `<meta name="fee:price">` has it in `content`. */
export interface Place {
  readonly element: Element;
  readonly attribute: string;
}

/** What is for sale by an element, or why it is not. */
export type Reading =
  | { readonly kind: 'offer'; readonly offer: Offer }
  /** Shown inside another document, where nothing is for sale (SPEC 3.10). */
  | { readonly kind: 'framed' }
  | {
      readonly kind: 'malformed';
      readonly code: ErrorCode;
      readonly detail: string;
      /** Undefined where it is missing altogether. */
      readonly place: Place | undefined;
    };

/** Whose markup it is, and where each of its fields stands. */
interface Markup {
  readonly document: Document;
  readonly fields: OfferFields;
  readonly href: string;
  readonly title: string;
  placeOf(field: keyof OfferFields | 'url'): Place | undefined;
}

/** The code says which field it is of; an unknown currency is one of the price. */
function fieldOf(code: ErrorCode): keyof OfferFields | 'url' {
  const [word] = code.split('_');
  return OFFER_FIELDS.find((name) => name === word) ?? (word === 'currency' ? 'price' : 'url');
}

function read({ document, fields, href, title, placeOf }: Markup): Reading {
  if (isFramed(document)) return { kind: 'framed' };
  try {
    return { kind: 'offer', offer: readOffer(fields, href, title) };
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    const { code, detail } = error;
    return { kind: 'malformed', code, detail, place: placeOf(fieldOf(code)) };
  }
}

function metaPlace(document: Document, field: string): Place | undefined {
  const element = pageMetas(document).get(field as keyof OfferFields);
  return element && { element, attribute: 'content' };
}

/** The words of a link: its text, or what an area has in its place. */
export function linkTitle(link: FeeLink): string {
  return link.textContent || link.getAttribute('alt') || '';
}

/**
 * Reads a fee link (SPEC 3); for many links of one page hand in `page`, its fields.
 * @returns `malformed` with the code of the first field that is
 * @example readLink(link) // { kind: 'offer', offer: { url: 'https://daily.example/x', … } }
 */
export function readLink(link: FeeLink, page?: OfferFields): Reading {
  const document = link.ownerDocument;
  return read({
    document,
    fields: linkFields(link, page),
    href: link.href,
    title: linkTitle(link),
    placeOf(field) {
      const attribute = field === 'url' ? 'href' : `data-fee-${field}`;
      if (link.hasAttribute(attribute)) return { element: link, attribute };
      // A default item is made of the address.
      if (field === 'item') return { element: link, attribute: 'href' };
      return metaPlace(document, field);
    },
  });
}

/**
 * Reads what the page itself says of what it sells (SPEC 3).
 * @returns undefined for a page that is not for sale
 */
export function readPage(document: Document): Reading | undefined {
  const fields = pageFields(document);
  if (fields.price === undefined) return undefined;
  return read({
    document,
    fields,
    href: document.URL,
    title: document.title,
    placeOf: (field) => metaPlace(document, field),
  });
}
