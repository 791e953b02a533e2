/**
 * What is said on the page that a click has just opened: *Paid 2¢ to The Daily · Undo*. Its script
 * is brought in for that alone, and says nothing to the page.
 */
import browser, { type Tabs } from 'webextension-polyfill';
import { type ErrorCode, FarthingError } from '../protocol/errors.ts';
import type { Outcome } from '../wallet/payment/pay.ts';
import type { PaymentView } from '../wallet/view.ts';
import type { Wallet } from '../wallet/wallet.ts';
import { soonText } from '../words/days.ts';
import { say } from '../words/say.ts';
import { amountSaid, amountText } from './amounts.ts';
import { type Connected, oneClickAt } from './look.ts';
import type { Limits, NoteReply, UndoReply } from './messages.ts';
import type { PageSender } from './router.ts';
import { badgeText, bringIn, setBadge, tabAddress, tabOpenedOn } from './tabs.ts';

/** Readers who have seen it this often know; from then on the icon says it. */
const NOTE_COUNT_MAX = 10;
/** A page that takes longer to come is not waited for. */
const OPEN_TIMEOUT_MS = 30_000;

/** What is said on a page, and of which payment, where it is about one. */
interface Note {
  readonly url: string;
  readonly payment?: PaymentView;
  readonly text?: Pick<NoteReply, 'shown' | 'said'>;
}

/** What is to be said in each tab. */
const notes = new Map<number, Note>();

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
    await setBadge(tabId, `✓${badgeText(amountText(payment.amount, payment.currency))}`);
    return;
  }
  notes.set(tabId, { url: payment.url, payment });
  await bringIn(tabId, '/note.js');
}

function oneClickText(host: string, { item, day, currency }: Limits, write: typeof amountText) {
  const limits = { item: write(item, currency), day: write(day, currency) };
  return `${say('oneClickAt', { host })} ${say('oneClickLimits', limits)}`;
}

/**
 * Says that a click pays from now on, on the pages of that site: the browser's question has closed
 * the popup where the reader wished for it.
 */
export async function sayOneClick(wallet: Wallet, pattern: string): Promise<void> {
  for (const { id = -1 } of await browser.tabs.query({ url: pattern })) {
    const url = await tabAddress(id);
    const { host } = new URL(url);
    const limits = await oneClickAt(wallet, host);
    if (!limits) continue;
    const text = (write: typeof amountText) => oneClickText(host, limits, write);
    notes.set(id, { url, text: { shown: text(amountText), said: text(amountSaid) } });
    await bringIn(id, '/note.js');
  }
}

/** What is noted on the very page that asks; nothing on any other. */
function notedOn({ tabId, url }: PageSender): Note | undefined {
  const note = notes.get(tabId);
  return note?.url === url ? note : undefined;
}

/** What the script of the note asks for. */
export function noteFor(sender: PageSender): NoteReply | undefined {
  const { text, payment } = notedOn(sender) ?? {};
  if (text) return { ...text, canUndo: false };
  if (!payment) return undefined;
  const { amount, currency, sellerName, undoUntilMs } = payment;
  return {
    shown: amountText(amount, currency),
    said: amountSaid(amount, currency),
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
  sender: PageSender,
): Promise<UndoReply | undefined> {
  const payment = notedOn(sender)?.payment;
  if (!payment) return undefined;
  try {
    await wallet.undo(payment.id);
    const { latest } = await wallet.view();
    const { undo, backByMs = 0 } = latest.find(({ id }) => id === payment.id) ?? {};
    if (undo === 'back') return { end: 'back' };
    return { end: 'coming', ...(backByMs > Date.now() && { day: soonText(backByMs) }) };
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    return { end: ENDS[error.code] ?? 'unclear' };
  }
}

/** The report of what was noted there opens in a page of ours; the seller's page stays. */
export async function reportNoted(sender: PageSender): Promise<void> {
  const payment = notedOn(sender)?.payment;
  const path = payment && browser.runtime.getURL(`/page.html?report=${payment.id}`);
  if (path) await browser.tabs.create({ url: path });
}
