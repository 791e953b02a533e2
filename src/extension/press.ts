/** The content script's part: a trusted, plain press on a fee link goes to the wallet. */
import { browser } from 'wxt/browser';
import type { OfferFields } from '../protocol/fields.ts';
import type { PageDescription, PageMessage, PageReply } from './messages.ts';

type Link = HTMLAnchorElement | HTMLAreaElement;

/** Reads a page's markup; the content script hands in `detect`. */
export interface PageReader {
  pageFields(document: Document): OfferFields;
  feeLinkIn(path: readonly EventTarget[]): Link | undefined;
  linkFields(link: Link): OfferFields;
  watchOffers(document: Document, options: WatchOptions): unknown;
}

interface WatchOptions {
  onChange(change: { readonly page: OfferFields | undefined }): void;
  schedule(work: () => void): void;
}

/** Ten readings a second at most, of a page that never rests; sooner than anybody looks for it. */
const LOOK_DELAY_MS = 100;

/** How often a stopped worker is asked again; each time it goes on where it was. */
const ASK_COUNT_MAX = 3;

/** A press that follows a link in place; modified ones keep their meaning. */
function isPlainPress(event: MouseEvent): boolean {
  const { button, altKey, ctrlKey, metaKey, shiftKey } = event;
  return event.isTrusted && button === 0 && !(altKey || ctrlKey || metaKey || shiftKey);
}

/**
 * What the browser would have done, with all that the link says of target, opener and download: a
 * press by script, which is never taken for the reader's.
 */
function follow(link: Link): void {
  link.click();
}

async function askWallet(message: PageMessage): Promise<PageReply> {
  for (let attempt = 1; attempt <= ASK_COUNT_MAX; attempt++) {
    try {
      const reply: PageReply | undefined = await browser.runtime.sendMessage(message);
      if (reply) return reply;
    } catch {
      // The worker was stopped; asking again wakes it. After an update of the extension nobody
      // answers.
    }
  }
  return { next: 'follow' };
}

async function onPress(reader: PageReader, event: MouseEvent): Promise<void> {
  if (!isPlainPress(event)) return;
  const link = reader.feeLinkIn(event.composedPath());
  if (!link) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  // A double click is one press, also where the page puts a link under its second half.
  if (event.detail > 1) return;
  const reply = await askWallet({
    from: 'page',
    type: 'press',
    fields: reader.linkFields(link),
    title: (link.textContent || link.getAttribute('alt') || '').trim().slice(0, 2048),
    href: link.href,
    placement: link.target === '_blank' ? 'new-tab' : 'same-tab',
  });
  if (reply.next === 'follow') follow(link);
}

function describe(reader: PageReader): PageDescription {
  return { fields: reader.pageFields(document), title: document.title.slice(0, 2048) };
}

/** Says that the page is for sale, or is no more; of a page that never was it says nothing. */
function sayForSale(): (fields: OfferFields) => void {
  let wasForSale = false;
  return (fields) => {
    const isForSale = fields.price !== undefined;
    if (!isForSale && !wasForSale) return;
    wasForSale = isForSale;
    const message: PageMessage = { from: 'page', type: 'for-sale', fields };
    // An orphan of an updated extension reaches nobody; the icon is then the new one's business.
    browser.runtime.sendMessage(message).catch(() => undefined);
  };
}

/** Watches presses and offers, and answers the wallet when it asks for them. Touches nothing. */
export function watchPage(reader: PageReader): void {
  window.addEventListener('click', (event) => void onPress(reader, event), { capture: true });
  browser.runtime.onMessage.addListener((message: unknown, _sender, answer) => {
    const { from, type } = message as { from?: unknown; type?: unknown };
    if (from === 'wallet' && type === 'describe') answer(describe(reader));
  });
  const say = sayForSale();
  reader.watchOffers(document, {
    onChange: ({ page }) => page && say(page),
    schedule: (work) => setTimeout(work, LOOK_DELAY_MS),
  });
}
