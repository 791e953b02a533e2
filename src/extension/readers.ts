/** Reads what other contexts send: the members that more than one kind of message has. */
import { OFFER_FIELDS, type OfferFields } from '../protocol/fields.ts';
import { microsMember } from '../protocol/money.ts';
import { count, flag, list, type Reader, readMembers, refuse, text } from '../protocol/shape.ts';
import type { PageDescription } from './messages.ts';

/** No field of markup is longer; what is, is refused before anything reads it. */
export const fieldText: Reader<string> = (value) =>
  typeof value === 'string' && value.length <= 2048 ? value : refuse('not a short text');

export const fields: Reader<OfferFields> = (value) => {
  const readers = Object.fromEntries(OFFER_FIELDS.map((name) => [name, fieldText]));
  return readMembers(value, {}, readers);
};

/** An amount stays text between contexts. */
export const amount: Reader<string> = (value) => microsMember(value).toString();

export const webAddress: Reader<string> = (value) => {
  const address = text(2048)(value);
  return /^https?:$/.test(URL.parse(address)?.protocol ?? '') ? address : refuse('not a web page');
};

export const placement: Reader<'same-tab' | 'new-tab'> = (value) =>
  value === 'same-tab' || value === 'new-tab' ? value : refuse('not a placement');

/** What is bought has a few challenges; a header is never longer (SPEC 11). */
const challengeText: Reader<string> = text(16_384);

const linkPrice: Reader<PageDescription['links'][number]> = (value) =>
  readMembers(value, { price: fieldText, count });

/** What was read inside a page. @throws FarthingError `payload_malformed` */
export const description: Reader<PageDescription> = (value) =>
  readMembers(
    value,
    { url: webAddress, title: fieldText, fields, links: list(linkPrice, 100), isShut: flag },
    { challenge: challengeText },
  );
