/** What detection finds on a page, in the words of `markup.ts`. Runs in Node and in a page. */
import type { FeeLink } from '../../src/detect/page.ts';
import { readLink } from '../../src/detect/reading.ts';
import type { OfferFields } from '../../src/protocol/fields.ts';
import { formatPrice } from '../../src/protocol/money.ts';
import type { Says } from './markup.ts';

function said(link: FeeLink, page: OfferFields): Says {
  const reading = readLink(link, page);
  if (reading.kind === 'framed') throw new TypeError('the page is shown by itself');
  if (reading.kind === 'malformed') {
    const attribute = reading.place?.attribute ?? '';
    return { kind: 'malformed', code: reading.code, attribute };
  }
  const { url, prices, paytos, title } = reading.offer;
  return {
    kind: 'offer',
    href: url,
    price: prices.map(formatPrice).join(', '),
    payto: paytos.map(({ text }) => text).join(' '),
    title,
  };
}

/** What each of `links` says, by its id; one without an id was on the page before. */
export function harvest(links: Iterable<FeeLink>, page: OfferFields): Record<string, Says> {
  return Object.fromEntries([...links].map((link, index) => [link.id || index, said(link, page)]));
}
