/** What a screen shows of the tab that it stands over: read there, when the reader asks. */
import { FarthingError } from '../protocol/errors.ts';
import type { OfferFields } from '../protocol/fields.ts';
import { parsePriceList } from '../protocol/money.ts';
import type { TabView } from '../wallet/view.ts';
import type { Wallet } from '../wallet/wallet.ts';
import { challengedFields } from './challenged.ts';
import type { Limits, LinksView, PageDescription, ScreenState, SiteView } from './messages.ts';
import { EVERY_SITE, isLetIn, sitePattern } from './sites.ts';
import { isPrivate, readTab, tabAddress } from './tabs.ts';
import type { Wishes } from './wishes.ts';

/** What is connected to the browser. */
export interface Connected {
  readonly wallet: Wallet;
  readonly wishes: Wishes;
}

/** What a page sells, by its markup or by the challenge that its address answers. */
export function fieldsOf({ fields, challenge }: PageDescription): OfferFields | undefined {
  if (fields.price !== undefined) return fields;
  return challenge === undefined ? undefined : challengedFields(challenge);
}

/** The limits inside which a click pays at `host`, by the reader's own rule. */
export async function oneClickAt(wallet: Wallet, host: string): Promise<Limits | undefined> {
  for (const { hosts, currency } of await wallet.rules()) {
    const rule = hosts.find((it) => it.host === host)?.rule;
    if (rule?.kind === 'one-click') return { item: rule.itemMicros, day: rule.dayMicros, currency };
  }
  return undefined;
}

async function offerIn(
  wallet: Wallet,
  page: PageDescription | undefined,
  { tabId, pageUrl }: { tabId: number; pageUrl: string },
): Promise<TabView | undefined> {
  // What one page says is never held against the address of the next.
  const fields = page?.url === pageUrl ? fieldsOf(page) : undefined;
  if (!page || !fields) return undefined;
  const here = { href: pageUrl, pageUrl, tabId, placement: 'same-tab', isVisible: true } as const;
  return wallet.offer({ fields, title: page.title, ...here });
}

/**
 * In a private window nothing is kept, so nothing new is bought there (trust, attack 11); what is
 * the reader's already opens.
 */
async function inPrivate(
  wallet: Wallet,
  page: PageDescription | undefined,
  place: { tabId: number; pageUrl: string },
): Promise<TabView | undefined> {
  const fields = page && fieldsOf(page);
  if (!page || !fields) return undefined;
  const { pageUrl } = place;
  const [mark] = await wallet.marks([{ fields, title: page.title, href: pageUrl, pageUrl }]);
  if (mark === 'yours') return offerIn(wallet, page, place);
  return { kind: 'unpayable', code: 'window_private', detail: new URL(pageUrl).host };
}

/** What of a price list is asked of this reader; undefined where it is none, or in other money. */
function priceIn(currency: string, list: string): bigint | undefined {
  try {
    return parsePriceList(list).find((it) => it.currency === currency)?.amountMicros;
  } catch (error) {
    // Malformed markup is not for sale.
    if (error instanceof FarthingError) return undefined;
    throw error;
  }
}

/** What the links of a page that is not for sale itself cost. */
export function linksOn(
  page: Pick<PageDescription, 'links'> | undefined,
  currency: string,
): LinksView | undefined {
  const links = (page?.links ?? []).flatMap(({ price, count }) => {
    const micros = priceIn(currency, price);
    return micros === undefined ? [] : [{ micros, count }];
  });
  if (links.length === 0) return undefined;
  const sorted = links.map(({ micros }) => micros).sort((a, b) => (a < b ? -1 : 1));
  const count = links.reduce((sum, it) => sum + it.count, 0);
  return { count, least: `${sorted[0]}`, most: `${sorted.at(-1)}` };
}

/** What a screen over a tab shows. */
export async function look(wallet: Wallet, tabId: number | undefined): Promise<ScreenState> {
  const nothing = { tab: undefined, site: undefined };
  const isEverySite = await isLetIn(EVERY_SITE);
  if (!(await wallet.isOpen())) return { wallet: undefined, ...nothing, isEverySite };
  const pageUrl = tabId === undefined ? '' : await tabAddress(tabId);
  if (tabId === undefined || !/^https?:/.test(pageUrl))
    return { wallet: await wallet.view(), ...nothing, isEverySite };
  const open = await wallet.openIn(tabId);
  const page = await readTab(tabId);
  const isAway = await isPrivate(tabId);
  const { host } = new URL(pageUrl);
  const pattern = sitePattern(pageUrl);
  const site: SiteView = {
    host,
    pattern,
    isLetIn: await isLetIn(pattern),
    oneClick: await oneClickAt(wallet, host),
    // What is let in there is let in where windows are not private, too.
    offer: isAway ? undefined : await wallet.clickOffer(host),
    isShut: page?.isShut ?? false,
  };
  const place = { tabId, pageUrl };
  const isClosed = site.isShut && !site.isLetIn;
  const offered = () => (isClosed ? undefined : offerIn(wallet, page, place));
  const tab = await (isAway ? inPrivate(wallet, page, place) : (open ?? offered()));
  const view = await wallet.view();
  // Nothing is bought in a private window.
  const links = isAway ? undefined : linksOn(page, view.currency);
  return { wallet: view, tab, site, links, isEverySite };
}
