/** What pages say through the script on them, on sites where the reader lets the wallet in. */
import { formatAmount } from '../protocol/display.ts';
import { FarthingError } from '../protocol/errors.ts';
import type { OfferFields } from '../protocol/fields.ts';
import { parsePriceList } from '../protocol/money.ts';
import type { Decision } from '../wallet/payment/consider.ts';
import type { Mark } from '../wallet/payment/marks.ts';
import type { Outcome } from '../wallet/payment/pay.ts';
import type { Wallet } from '../wallet/wallet.ts';
import { locale } from '../words/say.ts';
import { watched } from './alarms.ts';
import { type Connected, fieldsOf } from './look.ts';
import type { PageMessage, PageReply } from './messages.ts';
import { noteFor, reportNoted, sayPaid, undoNoted } from './notes.ts';
import type { PageSender } from './router.ts';
import { badgeText, bringIn, isPrivate, openTarget, readTab, setBadge, showAsk } from './tabs.ts';

function badgeLabel(fields: OfferFields): string {
  try {
    const [price] = parsePriceList(fields.price ?? '');
    const label = price ? badgeText(formatAmount(price, locale())) : '';
    return label.length <= 4 ? label : '•';
  } catch (error) {
    // Malformed markup is not for sale: no light.
    if (error instanceof FarthingError) return '';
    throw error;
  }
}

/**
 * What the script on the page does after a press: the wallet opens the page, or the browser
 * follows.
 */
async function afterPress(result: Decision | Outcome, tabId: number): Promise<PageReply> {
  switch (result.kind) {
    case 'paid':
      return { next: 'stay' };
    case 'owned':
    case 'elsewhere':
    case 'unpayable':
      return { next: 'follow' };
    case 'ask':
    case 'pay':
    case 'waiting':
    case 'refused':
      await showAsk(tabId);
      return { next: 'stay' };
  }
}

type ForSale = PageMessage & { readonly type: 'for-sale' };

/** Tried once a minute and page: a seller whose pass does not hold would be asked for ever. */
const RENEW_PAUSE_MS = 60_000;
/** When each page was tried. */
const renewedMs = new Map<string, number>();

/** What is bought opens by itself where its pass is lost: in another container, without cookies. */
async function openBought(
  wallet: Wallet,
  fields: OfferFields,
  { tabId, url }: PageSender,
): Promise<boolean> {
  const place = `${tabId} ${url}`;
  const isRecent = Date.now() - (renewedMs.get(place) ?? 0) < RENEW_PAUSE_MS;
  if (isRecent || !(await wallet.isOpen())) return false;
  renewedMs.set(place, Date.now());
  const isOpen = await wallet.renew({ fields, title: '', href: url, pageUrl: url, tabId });
  if (isOpen) await openTarget({ url, tabId, placement: 'same-tab' });
  return isOpen;
}

/** The icon says the price; where there is no markup at all, that of the challenge. */
async function onForSale(wallet: Wallet, message: ForSale, sender: PageSender): Promise<void> {
  const { tabId } = sender;
  const page = message.fields.price === undefined ? await readTab(tabId) : undefined;
  const fields = (page && fieldsOf(page)) ?? message.fields;
  if (fields.price !== undefined && (await openBought(wallet, fields, sender))) return;
  await setBadge(tabId, badgeLabel(fields));
}

async function onPressed(
  { wallet, wishes }: Connected,
  message: PageMessage & { readonly type: 'press' },
  sender: PageSender,
): Promise<PageReply> {
  const { from: _from, type: _type, ...press } = message;
  const { tabId, url: pageUrl } = sender;
  // Nothing is kept there, so nothing is bought (trust, attack 11); the popup says so.
  if (await isPrivate(tabId)) return { next: 'follow' };
  const result = await watched(wallet.press({ ...press, pageUrl, tabId }));
  if (result.kind === 'paid') void sayPaid({ wallet, wishes }, result, sender);
  return afterPress(result, tabId);
}

async function marksOn(
  wallet: Wallet,
  { links }: PageMessage & { readonly type: 'marks' },
  { url: pageUrl }: PageSender,
): Promise<{ marks: Mark[] } | undefined> {
  if (!(await wallet.isOpen())) return undefined;
  return { marks: await wallet.marks(links.map((link) => ({ ...link, title: '', pageUrl }))) };
}

/** Answers one message of a page's script. */
export async function onPage(
  connected: Connected,
  message: PageMessage,
  sender: PageSender,
): Promise<unknown> {
  const { wallet } = connected;
  switch (message.type) {
    case 'for-sale':
      return onForSale(wallet, message, sender);
    case 'press':
      return onPressed(connected, message, sender);
    case 'links':
      // Before there is a wallet a fee link is an ordinary link.
      return (await wallet.isOpen()) ? bringIn(sender.tabId, '/marks.js') : undefined;
    case 'marks':
      return marksOn(wallet, message, sender);
    case 'note':
      return noteFor(sender);
    case 'undo-note':
      return undoNoted(wallet, sender);
    case 'report-note':
      return reportNoted(sender);
  }
}
