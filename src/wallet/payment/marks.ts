/**
 * What a press on a link would come to, as far as it is known here: nobody is asked, so that
 * looking at a page tells no one. And what is bought already and lost its pass opens again.
 */
import { FarthingError } from '../../protocol/errors.ts';
import { type Offer, readOffer } from '../../protocol/offer.ts';
import { checkAddress, providerNow, requireAccount } from '../account/accounts.ts';
import type { WalletPorts } from '../ports.ts';
import { type Account, itemKeyOf, type Payment } from '../rows.ts';
import { ruleAt } from '../sellers/sellers.ts';
import { freeOnAccountOf } from './caps.ts';
import { chooseTerms, holdsItem, isKept } from './consider.ts';
import type { PagePress } from './pagepress.ts';
import { renewPass } from './reopen.ts';

/** What is said beside a link; undefined where it is none of the wallet's business. */
export type Mark = 'asks' | 'one-click' | 'yours' | undefined;

/** What of a link says where it leads and for how much. */
export type Marked = Pick<PagePress, 'fields' | 'title' | 'href' | 'pageUrl'>;

interface Found {
  readonly offer: Offer;
  readonly url: URL;
  readonly payment: Payment | undefined;
}

/** @throws FarthingError where the markup cannot be paid */
async function find(ports: WalletPorts, account: Account, link: Marked): Promise<Found> {
  const offer = readOffer(link.fields, link.href, link.title);
  const url = checkAddress(offer.url, account);
  const itemKey = itemKeyOf(url.origin, offer.item);
  const nowMs = providerNow(ports, account);
  const rows = await ports.store.payments.forItem(itemKey);
  const payment = rows.find((it) => isKept(it) && holdsItem(it, nowMs));
  return { offer, url, payment };
}

async function markOf(ports: WalletPorts, account: Account, link: Marked): Promise<Mark> {
  const { offer, url, payment } = await find(ports, account, link);
  if (url.origin !== new URL(link.pageUrl).origin) return undefined;
  if (payment) return 'yours';
  const terms = chooseTerms(offer, account);
  const { payto, amountMicros, refundSec } = terms;
  const rule = ruleAt(await ports.store.sellers.get(payto), url.host);
  if (rule.kind === 'block') return undefined;
  const { payments } = ports.store;
  if (await freeOnAccountOf(payments, terms, providerNow(ports, account))) return 'yours';
  const isOneClick = rule.kind === 'one-click' && amountMicros <= rule.itemMicros && refundSec > 0;
  return isOneClick ? 'one-click' : 'asks';
}

/** What is said beside each of a page's links. */
export async function marksFor(ports: WalletPorts, links: readonly Marked[]): Promise<Mark[]> {
  const account = await requireAccount(ports);
  const marks = links.map((link) =>
    markOf(ports, account, link).catch((error) => {
      if (error instanceof FarthingError) return undefined;
      throw error;
    }),
  );
  return Promise.all(marks);
}

/**
 * Gets a new pass where a page that is for sale was bought already and its pass is not in this tab:
 * cookies were cleared, or the tab has others. Answers whether there is one now.
 */
export async function renewBought(
  ports: WalletPorts,
  page: Marked & { readonly tabId: number },
): Promise<boolean> {
  try {
    const { payment } = await find(ports, await requireAccount(ports), page);
    if (payment === undefined || payment.ask.url !== page.href) return false;
    return await renewPass(ports, payment, page.tabId);
  } catch (error) {
    // It stays for sale, and the reader's own press says why.
    if (error instanceof FarthingError) return false;
    throw error;
  }
}
