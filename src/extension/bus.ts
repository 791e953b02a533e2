/** Carries messages to the wallet and its answers back. Decides nothing about money. */
import browser from 'webextension-polyfill';
import { formatAmount } from '../protocol/display.ts';
import { FarthingError } from '../protocol/errors.ts';
import type { OfferFields } from '../protocol/fields.ts';
import { parsePriceList } from '../protocol/money.ts';
import type { Decision } from '../wallet/consider.ts';
import type { Outcome } from '../wallet/pay.ts';
import type { PagePress } from '../wallet/rows.ts';
import type { TabView } from '../wallet/view.ts';
import type { Wallet } from '../wallet/wallet.ts';
import { keepingHandlers } from './keeping.ts';
import type {
  ChangedMessage,
  OwnAnswers,
  OwnMessage,
  OwnReply,
  PageMessage,
  PageReply,
  ScreenState,
} from './messages.ts';
import { listen, type PageSender } from './router.ts';
import { describePage, openTarget, setBadge, showAsk, tabAddress } from './tabs.ts';

/** Wakes a worker that was stopped in mid-payment. */
const RESUME_ALARM = 'resume';
/** Looks after what is set aside, whether or not there is anything to pay. */
const TIDY_ALARM = 'tidy';
const TIDY_MINUTES = 360;
/** The shortest that browsers grant. */
const RESUME_MINUTES = 0.5;

/** Tells our open screens to look again. */
export function announceChange(): void {
  const message: ChangedMessage = { from: 'wallet', type: 'changed' };
  // It fails where no screen is open, which is the usual case.
  browser.runtime.sendMessage(message).catch(() => undefined);
}

/** How many payments are under way: as long as there is one, its alarm stays. */
let underWay = 0;

/** A payment under way leaves an alarm behind, so that a stopped worker finishes by itself. */
async function watched<T>(work: Promise<T>): Promise<T> {
  underWay += 1;
  try {
    const alarm = browser.alarms.create(RESUME_ALARM, { periodInMinutes: RESUME_MINUTES });
    const [result] = await Promise.all([work, alarm]);
    return result;
  } finally {
    underWay -= 1;
  }
}

function badgeLabel(fields: OfferFields): string {
  try {
    const [price] = parsePriceList(fields.price ?? '');
    const label = price ? formatAmount(price) : '';
    return label.length <= 4 ? label : '•';
  } catch (error) {
    // Malformed markup is not for sale: no light.
    if (error instanceof FarthingError) return '';
    throw error;
  }
}

/**
 * What the content script does after a press: the wallet opens the page, or the browser follows.
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

async function onPage(wallet: Wallet, message: PageMessage, sender: PageSender): Promise<unknown> {
  if (message.type === 'for-sale') {
    await setBadge(sender.tabId, badgeLabel(message.fields));
    return undefined;
  }
  const { fields, title, href, placement } = message;
  const press: PagePress = {
    fields,
    title,
    href,
    placement,
    pageUrl: sender.url,
    tabId: sender.tabId,
    isVisible: true,
  };
  return afterPress(await watched(wallet.press(press)), sender.tabId);
}

async function tabState(wallet: Wallet, tabId: number): Promise<TabView | undefined> {
  const open = await wallet.openIn(tabId);
  if (open) return open;
  const pageUrl = await tabAddress(tabId);
  const page = await describePage(tabId);
  // What one page says is never held against the address of the next.
  const isThere = (await tabAddress(tabId)) === pageUrl;
  if (page?.fields.price === undefined || !isThere) return undefined;
  const { fields, title } = page;
  const here = { href: pageUrl, pageUrl, tabId, placement: 'same-tab', isVisible: true } as const;
  return wallet.offer({ fields, title, ...here });
}

async function refreshQuietly(wallet: Wallet): Promise<boolean> {
  try {
    await wallet.refresh();
    return true;
  } catch (error) {
    // The screen says that the service does not answer, and shows what was known last.
    if (error instanceof FarthingError) return false;
    throw error;
  }
}

async function screenState(wallet: Wallet, tabId: number | undefined): Promise<ScreenState> {
  if (!(await wallet.isOpen())) return { wallet: undefined, tab: undefined };
  const tab = tabId === undefined ? undefined : await tabState(wallet, tabId);
  return { wallet: await wallet.view(), tab };
}

/** One handler for each own message; the type says what each is answered with. */
type OwnHandlers = {
  [T in OwnMessage['type']]: (message: OwnMessage & { type: T }) => Promise<OwnAnswers[T]>;
};

function ownHandlers(wallet: Wallet): OwnHandlers {
  return {
    state: ({ tabId }) => screenState(wallet, tabId),
    refresh: () => refreshQuietly(wallet),
    meet: ({ provider }) => wallet.meet(provider),
    'open-account': ({ provider }) => done(wallet.open(provider)),
    'top-up': ({ amount }) => done(wallet.topUp(amount)),
    pay: async ({ askId, remember }) => wallet.show(await watched(wallet.pay({ askId, remember }))),
    dismiss: ({ tabId }) => done(wallet.dismiss(tabId)),
    retry: async ({ paymentId }) => wallet.show(await watched(wallet.retry(paymentId))),
    reopen: async ({ paymentId, tabId }) => wallet.show(await wallet.reopen({ paymentId, tabId })),
    undo: ({ paymentId }) => done(watched(wallet.undo(paymentId))),
    ...keepingHandlers(wallet, watched),
    visit: ({ url, tabId }) => done(openTarget({ url, tabId, placement: 'same-tab' })),
  };
}

async function done(work: Promise<unknown>): Promise<undefined> {
  await work;
  return undefined;
}

/** Refusals travel as their code and detail; anything else is a fault of ours and stays one. */
async function onOwn(handlers: OwnHandlers, message: OwnMessage): Promise<OwnReply<unknown>> {
  try {
    const handle = handlers[message.type] as (message: OwnMessage) => Promise<unknown>;
    return { ok: true, value: await handle(message) };
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    return { ok: false, code: error.code, detail: error.detail };
  }
}

async function resume(wallet: Wallet): Promise<void> {
  const pending = await wallet.resume();
  // The press that woke the worker may not have written its intent yet.
  if (pending === 0 && underWay === 0) await browser.alarms.clear(RESUME_ALARM);
}

async function tidy(wallet: Wallet): Promise<void> {
  if (await wallet.isOpen()) await wallet.tidy();
}

/** Connects a wallet to the browser, and goes on with what a stopped worker left unfinished. */
export function connect(wallet: Wallet): void {
  const handlers = ownHandlers(wallet);
  listen({
    page: (message, sender) => onPage(wallet, message, sender),
    own: (message) => onOwn(handlers, message),
  });
  browser.alarms.onAlarm.addListener(({ name }) => {
    if (name === RESUME_ALARM) void resume(wallet);
    if (name === TIDY_ALARM) void tidy(wallet);
  });
  browser.runtime.onInstalled.addListener(({ reason }) => {
    if (reason === 'install')
      void browser.tabs.create({ url: browser.runtime.getURL('/welcome.html') });
  });
  void browser.alarms.create(TIDY_ALARM, { periodInMinutes: TIDY_MINUTES });
  void resume(wallet);
}
