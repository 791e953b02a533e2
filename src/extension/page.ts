/** The script on pages of sites where the wallet is let in: presses, prices, marks. */
import { browser } from 'wxt/browser';
import type { OfferFields } from '../protocol/fields.ts';
import { isChallenged } from './describe.ts';
import { keepDrawnPrices } from './drawn.ts';
import type { PageMessage } from './messages.ts';
import { isOrphan, type Link, onPress, type PressReader } from './press.ts';

interface Found {
  readonly link: Link;
  readonly fields: OfferFields;
}

/** What changed on a page. */
interface OffersChange {
  readonly page: OfferFields | undefined;
  readonly added: readonly Found[];
  readonly changed: readonly Found[];
  readonly removed: readonly Link[];
}

/** Reads a page's markup; the entry hands in `detect`. */
export interface PageReader extends Omit<PressReader, 'drawnPrice'> {
  watchOffers(
    document: Document,
    options: { onChange(change: OffersChange): void; schedule(work: () => void): void },
  ): unknown;
}

/** Ten readings a second at most, of a page that never rests; sooner than anybody looks for it. */
const LOOK_DELAY_MS = 100;

/** Draws the marks; it is brought in where there is a link to mark, and nowhere else. */
export interface Labels {
  put(link: Link, fields: OfferFields): void;
  drop(link: Link): void;
  /** All are asked about anew: something was bought, perhaps in another tab. */
  refresh(): void;
}

/** What the scripts on one page share; no script of the page's own sees it. */
export interface World {
  /**
   * One page gets each script once, however often it is brought in: unless the one that is there is
   * of a former version, since a browser may give both the same world.
   */
  isFarthingHere?(): boolean;
  takeLabels?(labels: Labels): void;
}
const world = globalThis as World;

/** Says that the page is for sale, or is no more; of a page that never was it says nothing. */
function sayForSale(): (fields: OfferFields) => void {
  let wasForSale = false;
  return (fields) => {
    // With no markup at all an address may be for sale: it answered 402, and the wallet looks.
    const isForSale = fields.price !== undefined || isChallenged();
    if (!isForSale && !wasForSale) return;
    wasForSale = isForSale;
    const message: PageMessage = { from: 'page', type: 'for-sale', fields };
    // An orphan of an updated extension reaches nobody; the icon is then the new one's business.
    browser.runtime.sendMessage(message).catch(() => undefined);
  };
}

/** Keeps the links that are there, for when what marks them has come. */
function passToLabels(): (change: OffersChange) => void {
  const known = new Map<Link, OfferFields>();
  let labels: Labels | undefined;
  let isAsked = false;
  world.takeLabels = (made) => {
    labels = made;
    known.forEach((fields, link) => {
      made.put(link, fields);
    });
  };
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') labels?.refresh();
  });
  return ({ added, changed, removed }) => {
    for (const { link, fields } of [...added, ...changed]) {
      known.set(link, fields);
      labels?.put(link, fields);
    }
    for (const link of removed) {
      known.delete(link);
      labels?.drop(link);
    }
    if (isAsked || known.size === 0) return;
    isAsked = true;
    const message: PageMessage = { from: 'page', type: 'links' };
    browser.runtime.sendMessage(message).catch(() => undefined);
  };
}

/** Watches presses and offers. A page without markup is left alone. */
export function watchPage(reader: PageReader): void {
  if (world.isFarthingHere?.()) return;
  world.isFarthingHere = () => !isOrphan();
  const prices = keepDrawnPrices(() => performance.now());
  const pressReader = { ...reader, drawnPrice: prices.of };
  window.addEventListener('click', (event) => void onPress(pressReader, event), { capture: true });
  const say = sayForSale();
  const pass = passToLabels();
  if (isChallenged()) say({});
  reader.watchOffers(document, {
    onChange(change) {
      const { page, added, changed } = change;
      if (page) say(page);
      for (const { link, fields } of [...added, ...changed]) prices.tell(link, fields);
      pass(change);
    },
    schedule: (work) => setTimeout(work, LOOK_DELAY_MS),
  });
}
