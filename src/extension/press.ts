/** Presses on fee links: a trusted, plain one goes to the wallet, all others keep their meaning. */
import { browser } from 'wxt/browser';
import type { OfferFields } from '../protocol/fields.ts';
import type { PageMessage, PageReply } from './messages.ts';

/** What a press is on. */
export type Link = HTMLAnchorElement | HTMLAreaElement;

/** A point of the window in CSS pixels. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** Reads the link of a press; the script on the page hands in `detect`. */
export interface PressReader {
  feeLinkIn(path: readonly EventTarget[]): Link | undefined;
  linkFields(link: Link): OfferFields;
  isVisibleAt(link: Link, point?: Point): boolean;
  /** The price that the reader has had the time to see; undefined where none was told of. */
  drawnPrice(link: Link): string | undefined;
}

/**
 * When a stopped worker is asked again; each time it goes on where it was. One that is just being
 * stopped takes a moment to be one that can be woken.
 */
const ASK_PAUSES_MS = [0, 50, 250];

/** A press that follows a link in place; modified ones keep their meaning. */
function isPlainPress(event: MouseEvent): boolean {
  const { button, altKey, ctrlKey, metaKey, shiftKey } = event;
  return event.isTrusted && button === 0 && !(altKey || ctrlKey || metaKey || shiftKey);
}

/** After an update the script of the former version stays on its pages and reaches nobody. */
export function isOrphan(): boolean {
  return browser.runtime?.id === undefined;
}

/**
 * What the browser would have done, with all that the link says of target, opener and download: a
 * press by script, which is never taken for the reader's.
 */
function follow(link: Link): void {
  link.click();
}

async function askWallet(message: PageMessage): Promise<PageReply> {
  for (const pauseMs of ASK_PAUSES_MS) {
    if (pauseMs > 0) await new Promise((waited) => setTimeout(waited, pauseMs));
    try {
      const reply: PageReply | undefined = await browser.runtime.sendMessage(message);
      if (reply) return reply;
    } catch {
      // The worker was stopped; asking again wakes it.
    }
  }
  return { next: 'follow' };
}

/** Where the press is; a key has no place of its own. */
function pointOf({ detail, clientX, clientY }: MouseEvent): Point | undefined {
  const isKey = detail === 0 || (clientX === 0 && clientY === 0);
  return isKey ? undefined : { x: clientX, y: clientY };
}

/** The words of a link: its text, or what an area has in its place. */
export function wordsOf(link: Link): string {
  return (link.textContent || link.getAttribute('alt') || '').trim();
}

function pressOn(link: Link, reader: PressReader, event: MouseEvent): PageMessage {
  return {
    from: 'page',
    type: 'press',
    pressId: crypto.randomUUID(),
    fields: reader.linkFields(link),
    title: wordsOf(link).slice(0, 2048),
    href: link.href,
    placement: link.target === '_blank' ? 'new-tab' : 'same-tab',
    isVisible: reader.isVisibleAt(link, pointOf(event)),
    drawnPrice: reader.drawnPrice(link),
  };
}

/** Takes one press, where it is the wallet's. */
export async function onPress(reader: PressReader, event: MouseEvent): Promise<void> {
  if (!isPlainPress(event) || isOrphan()) return;
  const link = reader.feeLinkIn(event.composedPath());
  if (!link) return;
  // A page that cannot be read keeps its press: nothing is held back before it is read.
  const press = pressOn(link, reader, event);
  event.preventDefault();
  event.stopImmediatePropagation();
  // A double click is one press, also where the page puts a link under its second half.
  if (event.detail > 1) return;
  const reply = await askWallet(press);
  if (reply.next === 'follow') follow(link);
}
