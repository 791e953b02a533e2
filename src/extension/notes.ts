/**
 * What is said on the page that a click has just opened: *Paid 2¢ to The Daily · Undo*. Its script
 * is brought in for that alone, and says nothing to the page.
 */
import browser, { type Tabs } from 'webextension-polyfill';
import { formatAmount } from '../protocol/display.ts';
import { type ErrorCode, FarthingError } from '../protocol/errors.ts';
import type { Micros } from '../protocol/money.ts';
import type { Outcome } from '../wallet/pay.ts';
import type { PaymentView } from '../wallet/view.ts';
import type { Wallet } from '../wallet/wallet.ts';
import { leftToRight, locale } from '../words/say.ts';
import type { Connected } from './look.ts';
import type { NoteReply, UndoReply } from './messages.ts';
import type { PageSender } from './router.ts';
import { badgeText, bringIn, setBadge, tabOpenedOn } from './tabs.ts';

/** Readers who have seen it this often know; from then on the icon says it. */
const NOTE_COUNT_MAX = 10;
/** A page that takes longer to come is not waited for. */
const OPEN_TIMEOUT_MS = 30_000;

/** What is to be said in each tab. */
const notes = new Map<number, PaymentView>();

/** Whether `tabId` goes on to what was bought; resolves when it is there, or will not be. */
function isOpened(tabId: number, { url, from }: { url: string; from: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isThere: boolean) => {
      browser.tabs.onUpdated.removeListener(onUpdated);
      clearTimeout(timer);
      resolve(isThere);
    };
    const isThere = (tab: Tabs.Tab) => tab.url?.replace(/#.*$/, '') === url;
    const onUpdated = (id: number, { status }: { status?: string }, tab: Tabs.Tab) => {
      if (id === tabId && status !== undefined && isThere(tab)) end(true);
    };
    const timer = setTimeout(() => end(false), OPEN_TIMEOUT_MS);
    browser.tabs.onUpdated.addListener(onUpdated);
    // It may be there by now, unless it is the very page that was left.
    browser.tabs.get(tabId).then(
      (tab) => url !== from && isThere(tab) && end(true),
      () => end(false),
    );
  });
}

function amountOf({ amount, currency }: PaymentView): string {
  const price = { amountMicros: BigInt(amount) as Micros, currency };
  return leftToRight(formatAmount(price, locale()));
}

/** Says what was paid, on the page that it opened, once it is there. */
export async function sayPaid(
  { wallet, wishes }: Connected,
  outcome: Outcome,
  sender: PageSender,
): Promise<void> {
  const shown = await wallet.show(outcome);
  if (shown.kind !== 'paid' || shown.payment.isFree) return;
  const { payment } = shown;
  const tabId = tabOpenedOn(payment.url) ?? sender.tabId;
  if (!(await isOpened(tabId, { url: payment.url, from: sender.url }))) return;
  if ((await wishes.countNote()) > NOTE_COUNT_MAX) {
    await setBadge(tabId, `✓${badgeText(amountOf(payment))}`);
    return;
  }
  notes.set(tabId, payment);
  await bringIn(tabId, '/note.js');
}

/** What the script of the note asks for; nothing on any other page. */
export function noteFor({ tabId, url }: PageSender): NoteReply | undefined {
  const payment = notes.get(tabId);
  if (payment?.url !== url) return undefined;
  const { sellerName, undoUntilMs } = payment;
  return {
    amount: amountOf(payment),
    seller: sellerName,
    canUndo: undoUntilMs !== undefined && undoUntilMs > Date.now(),
  };
}

const ENDS: Partial<Record<ErrorCode, UndoReply['end']>> = {
  undo_over: 'over',
  undo_quota: 'quota',
};

/** The reader's *Undo*: of what was noted in that very tab, whatever the message says. */
export async function undoNoted(
  wallet: Wallet,
  { tabId, url }: PageSender,
): Promise<UndoReply | undefined> {
  const payment = notes.get(tabId);
  if (payment?.url !== url) return undefined;
  try {
    await wallet.undo(payment.id);
    const { latest } = await wallet.view();
    const isBack = latest.find(({ id }) => id === payment.id)?.undo === 'back';
    return { end: isBack ? 'back' : 'coming' };
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    return { end: ENDS[error.code] ?? 'unclear' };
  }
}
