/**
 * Who may say what (trust, attack 3). Default deny: a message is taken only from the kind of sender
 * that its type belongs to, by the browser's word about the sender and never by the message's own.
 */
import browser, { type Runtime } from 'webextension-polyfill';
import { FarthingError } from '../protocol/errors.ts';
import {
  count,
  flag,
  id,
  isRecord,
  literal,
  type Reader,
  readMembers,
  refuse,
  text,
} from '../protocol/shape.ts';
import { CHRONICLE_READERS } from './chronicle.ts';
import { KEEPING_READERS } from './keeping.ts';
import type { LinkSaid, OwnMessage, PageMessage } from './messages.ts';
import { amount, fields, fieldText, placement, webAddress } from './readers.ts';

/** The page that a content script speaks for, by the browser's word. */
export interface PageSender {
  readonly tabId: number;
  /** Without fragment. */
  readonly url: string;
}

export interface Handlers {
  page(message: PageMessage, sender: PageSender): Promise<unknown>;
  own(message: OwnMessage): Promise<unknown>;
}

const page = literal('page');
const screen = literal('screen');

/** More links than one message asks about. */
const LINK_COUNT_MAX = 100;

const links: Reader<LinkSaid[]> = (value) =>
  Array.isArray(value) && value.length <= LINK_COUNT_MAX
    ? value.map((link) => readMembers(link, { fields, href: fieldText }))
    : refuse('not a list of links');

const PAGE_READERS: { [T in PageMessage['type']]: Reader<PageMessage> } = {
  'for-sale': (value) => readMembers(value, { from: page, type: literal('for-sale'), fields }),
  press: (value) => {
    const offered = { fields, title: fieldText, href: text(2048), placement, isVisible: flag };
    const named = { from: page, type: literal('press'), pressId: text(40), ...offered };
    const read = readMembers(value, named, { drawnPrice: fieldText });
    return { ...read, drawnPrice: read.drawnPrice };
  },
  links: (value) => readMembers(value, { from: page, type: literal('links') }),
  marks: (value) => readMembers(value, { from: page, type: literal('marks'), links }),
  note: (value) => readMembers(value, { from: page, type: literal('note') }),
  'undo-note': (value) => readMembers(value, { from: page, type: literal('undo-note') }),
  'report-note': (value) => readMembers(value, { from: page, type: literal('report-note') }),
};

function readBy<M>(readers: Record<string, Reader<M>>, message: unknown): M {
  const type = isRecord(message) ? message.type : undefined;
  const reader = Object.entries(readers).find(([name]) => name === type)?.[1];
  return reader ? reader(message) : refuse('no such message');
}

const OWN_READERS: { [T in OwnMessage['type']]: Reader<OwnMessage> } = {
  state: (value) => {
    const read = readMembers(value, { from: screen, type: literal('state') }, { tabId: count });
    return { ...read, tabId: read.tabId };
  },
  refresh: (value) => readMembers(value, { from: screen, type: literal('refresh') }),
  meet: (value) => readMembers(value, { from: screen, type: literal('meet'), provider: text(300) }),
  'open-account': (value) =>
    readMembers(value, { from: screen, type: literal('open-account'), provider: text(300) }),
  'top-up': (value) => readMembers(value, { from: screen, type: literal('top-up'), amount }),
  'leave-top-up': (value) => readMembers(value, { from: screen, type: literal('leave-top-up') }),
  pay: (value) =>
    readMembers(value, { from: screen, type: literal('pay'), askId: id, remember: flag }),
  dismiss: (value) => readMembers(value, { from: screen, type: literal('dismiss'), tabId: count }),
  retry: (value) => readMembers(value, { from: screen, type: literal('retry'), paymentId: id }),
  reopen: (value) => {
    const named = { from: screen, type: literal('reopen'), paymentId: id };
    const read = readMembers(value, named, { tabId: count });
    return { ...read, tabId: read.tabId };
  },
  undo: (value) => readMembers(value, { from: screen, type: literal('undo'), paymentId: id }),
  ...KEEPING_READERS,
  ...CHRONICLE_READERS,
  wish: (value) => {
    const named = { from: screen, type: literal('wish'), pattern: text(300), paymentId: id };
    return readMembers(value, named);
  },
  unwish: (value) =>
    readMembers(value, { from: screen, type: literal('unwish'), pattern: text(300) }),
  'ask-again': (value) =>
    readMembers(value, { from: screen, type: literal('ask-again'), host: text(300) }),
  visit: (value) =>
    readMembers(value, { from: screen, type: literal('visit'), url: webAddress, tabId: count }),
};

/** One of our own pages: by the address that the browser gives, which no web page can have. */
function isOwnScreen(sender: Runtime.MessageSender): boolean {
  return (
    sender.id === browser.runtime.id && (sender.url ?? '').startsWith(browser.runtime.getURL(''))
  );
}

/** What browsers say beyond the polyfill's types; not each of them says both. */
interface DocumentSender extends Runtime.MessageSender {
  readonly documentLifecycle?: string;
  readonly origin?: string;
}

/** Prerendered documents and those kept for going back say nothing that counts. */
function isActive({ documentLifecycle }: DocumentSender): boolean {
  return documentLifecycle === undefined || documentLifecycle === 'active';
}

/**
 * Where the tab is. A page that gives itself another address (`history.pushState`) keeps the one
 * that it was loaded from as the sender's.
 */
function addressOf({ url, origin, tab }: DocumentSender): URL | undefined {
  const loaded = URL.parse(url ?? '');
  if (!loaded || !/^https?:$/.test(loaded.protocol)) return undefined;
  // A sandboxed document has an address of the site and not its origin.
  if (origin !== undefined && origin !== loaded.origin) return undefined;
  const shown = URL.parse(tab?.url ?? '');
  const address = shown?.origin === loaded.origin ? shown : loaded;
  address.hash = '';
  return address;
}

/** The main frame of an ordinary, active page; undefined for every other sender. */
function pageOf(sender: DocumentSender): PageSender | undefined {
  const tabId = sender.tab?.id;
  if (sender.id !== browser.runtime.id || sender.frameId !== 0 || !isActive(sender))
    return undefined;
  const address = addressOf(sender);
  return address && tabId !== undefined ? { tabId, url: address.href } : undefined;
}

/** Listens for messages; what no rule allows is not answered. */
export function listen(handlers: Handlers): void {
  browser.runtime.onMessage.addListener((message: unknown, sender: Runtime.MessageSender) => {
    try {
      if (isOwnScreen(sender)) return handlers.own(readBy(OWN_READERS, message));
      const from = pageOf(sender);
      return from && handlers.page(readBy(PAGE_READERS, message), from);
    } catch (error) {
      // A message of the wrong form is a page's experiment: it gets no answer to learn from.
      if (error instanceof FarthingError) return undefined;
      throw error;
    }
  });
}
