/** A per-fee offer: the fields of SPEC 3 as a page writes them, read into what can be bought. */
import { parseDuration } from './duration.ts';
import { type ErrorCode, FarthingError, refuseAs } from './errors.ts';
import type { OfferFields } from './fields.ts';
import { checkItem, defaultItem } from './item.ts';
import { type Price, parsePrice, parsePriceList } from './money.ts';
import { type Payto, parsePayto } from './payto.ts';
import {
  type Cap,
  DURATION_SEC_DEFAULT,
  METER_PATTERN,
  REFUND_SEC_DEFAULT,
  type Terms,
} from './terms.ts';
import { cleanText, shortText } from './text.ts';

/** SPEC 3: what fits a line of a window. */
export const TITLE_LENGTH_MAX = 120;
/** SPEC 3: a paragraph. */
export const DESCRIPTION_LENGTH_MAX = 300;
/** SPEC 3: more ways to be paid than a seller can have. */
const PAYTO_COUNT_MAX = 8;

/** An offer that can be paid. */
export interface Offer {
  /** What is fetched, without a fragment. */
  readonly url: string;
  readonly prices: readonly Price[];
  /** In the seller's order of preference. */
  readonly paytos: readonly Payto[];
  readonly item: string;
  readonly title: string;
  readonly seller: string | undefined;
  readonly description: string | undefined;
  readonly durationSec: number;
  /** RFC 3339 as written; undefined = holds until the seller says otherwise. */
  readonly expires: string | undefined;
  readonly meter: string | undefined;
  readonly cap: (Cap & { readonly currency: string }) | undefined;
  readonly refundSec: number;
}

/**
 * Reads `0.20 USD/P1D` (SPEC 3.1).
 * @throws FarthingError `cap_malformed`, `duration_malformed`
 */
export function parseCap(text: string): Cap & { currency: string } {
  const [amount = '', period, ...rest] = text.split('/');
  if (period === undefined || rest.length > 0)
    throw new FarthingError('cap_malformed', 'write it as 0.20 USD/P1D');
  const periodSec = parseDuration(period.replace(/^[ \t]+|[ \t]+$/g, ''), 'cap_malformed');
  if (periodSec === 0) throw new FarthingError('cap_malformed', 'the period is nothing');
  return { ...refuseAs('cap_malformed', () => parsePrice(amount)), periodSec };
}

function bounded(text: string, lengthMax: number, code: ErrorCode): string {
  const clean = cleanText(text);
  if ([...clean].length > lengthMax)
    throw new FarthingError(code, `more than ${lengthMax} characters`);
  return clean;
}

/** Whether `text` is an RFC 3339 date and time. */
export function isTimestamp(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  );
}

/**
 * When an offer ends, in milliseconds since 1970.
 * @throws FarthingError `expires_malformed`
 */
export function parseExpires(text: string): number {
  if (isTimestamp(text)) return Date.parse(text);
  throw new FarthingError('expires_malformed', 'write it as 2030-01-31T12:00:00Z');
}

/**
 * Reads the fields of one offer at `href`, whose text or page title is `fallbackTitle`.
 * @throws FarthingError with the code of the first malformed field; malformed is never payable
 */
export function readOffer(fields: OfferFields, href: string, fallbackTitle: string): Offer {
  const url = readUrl(href);
  if (fields.price === undefined) throw new FarthingError('price_missing', 'add fee:price');
  if (fields.payto === undefined) throw new FarthingError('payto_missing', 'add fee:payto');
  if (fields.meter !== undefined && !METER_PATTERN.test(fields.meter))
    throw new FarthingError('meter_malformed', 'write it as 10s, 1MB or 1req');
  if (fields.expires !== undefined) parseExpires(fields.expires);
  return {
    url: url.href,
    prices: parsePriceList(fields.price),
    paytos: readPaytos(fields.payto),
    item: fields.item === undefined ? defaultItem(url) : checkItem(fields.item),
    title:
      fields.title === undefined
        ? shortText(fallbackTitle, TITLE_LENGTH_MAX)
        : bounded(fields.title, TITLE_LENGTH_MAX, 'title_malformed'),
    seller: fields.seller === undefined ? undefined : shortText(fields.seller, TITLE_LENGTH_MAX),
    description:
      fields.description === undefined
        ? undefined
        : bounded(fields.description, DESCRIPTION_LENGTH_MAX, 'description_malformed'),
    durationSec:
      fields.duration === undefined ? DURATION_SEC_DEFAULT : parseDuration(fields.duration),
    expires: fields.expires,
    meter: fields.meter,
    cap: fields.cap === undefined ? undefined : parseCap(fields.cap),
    refundSec: readRefund(fields.refund),
  };
}

function readUrl(href: string): URL {
  const url = URL.parse(href);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || href.length > 2048)
    throw new FarthingError('url_malformed', 'only http and https addresses without a password');
  url.hash = '';
  return url;
}

function readPaytos(text: string): Payto[] {
  const paytos = text
    .trim()
    .split(/[\s,]+/)
    .map(parsePayto);
  if (paytos.length > PAYTO_COUNT_MAX)
    throw new FarthingError('payto_malformed', `more than ${PAYTO_COUNT_MAX}`);
  return paytos;
}

/**
 * The undo window in seconds; `none` must be written, one of nothing is a slip of the pen (SPEC
 * 3.5).
 * @throws FarthingError `refund_malformed`
 */
export function readRefund(text: string | undefined): number {
  if (text === undefined) return REFUND_SEC_DEFAULT;
  if (text === 'none') return 0;
  const refundSec = parseDuration(text, 'refund_malformed');
  if (refundSec === 0) throw new FarthingError('refund_malformed', 'write none');
  return refundSec;
}

/** The terms of `offer` at one of its paytos and prices. */
export function termsOf(offer: Offer, payto: string, price: Price): Terms {
  const { item, durationSec, refundSec, cap, meter } = offer;
  return {
    ...price,
    payto,
    origin: new URL(offer.url).origin,
    item,
    durationSec,
    refundSec,
    cap: cap?.currency === price.currency ? cap : undefined,
    meter,
  };
}
