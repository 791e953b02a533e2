/** Tabs and windows: opening what was paid for, asking in the browser's own frame, the badge. */
import browser from 'webextension-polyfill';
import type { OpenTarget } from '../wallet/ports.ts';
import type { PageDescription } from './messages.ts';
import { description } from './readers.ts';

const ASK_WINDOW = { width: 380, height: 600 } as const;

function withoutFragment(address: string | undefined): string {
  return address?.replace(/#.*$/, '') ?? '';
}

/** The tab's address without fragment; empty when the tab is gone or out of our sight. */
export async function tabAddress(tabId: number): Promise<string> {
  try {
    return withoutFragment((await browser.tabs.get(tabId)).url);
  } catch {
    // The only failure there is: the tab was closed.
    return '';
  }
}

/** Whether a tab is in a private window, where nothing is kept. */
export async function isPrivate(tabId: number): Promise<boolean> {
  try {
    return (await browser.tabs.get(tabId)).incognito;
  } catch {
    // A tab that is gone asks for nothing.
    return true;
  }
}

/** The new tabs that were opened, until somebody asks for them. */
const opened = new Map<string, number>();

/** The new tab that was opened on an address; undefined where an old one went there. */
export function tabOpenedOn(url: string): number | undefined {
  const tabId = opened.get(url);
  opened.delete(url);
  return tabId;
}

async function openNewTab(url: string, openerTabId: number): Promise<void> {
  const { id } = await browser.tabs.create({ url, openerTabId });
  if (id !== undefined) opened.set(url, id);
}

/**
 * Opens what was paid for; the page itself, when it was the page that was for sale, is loaded
 * again.
 */
export async function openTarget({ url, tabId, placement }: OpenTarget): Promise<void> {
  if (placement === 'new-tab') await openNewTab(url, tabId);
  else if ((await tabAddress(tabId)) === url) await browser.tabs.reload(tabId);
  else await browser.tabs.update(tabId, { url });
}

/** Reads what a tab's page sells, inside it; undefined where the wallet is not let in. */
export async function readTab(tabId: number): Promise<PageDescription | undefined> {
  try {
    const target = { tabId, frameIds: [0] };
    const [frame] = await browser.scripting.executeScript({ target, files: ['/reader.js'] });
    return description(frame?.result);
  } catch {
    // The browser's no; or a page that is read into nothing, which sells nothing.
    return undefined;
  }
}

/** Brings a script into a tab's page, where the wallet is let in; a tab that is gone is no loss. */
export async function bringIn(tabId: number, script: '/marks.js' | '/note.js'): Promise<void> {
  const target = { tabId, frameIds: [0] };
  await browser.scripting.executeScript({ target, files: [script] }).catch(() => undefined);
}

/**
 * Asks in the toolbar popup, which no page can draw over; in a window where that cannot open. Over
 * a tab that was left meanwhile nothing opens: it would stand on another page. The question waits.
 */
export async function showAsk(tabId: number): Promise<void> {
  const { active, windowId } = await browser.tabs.get(tabId);
  if (!active) return;
  try {
    await browser.action.openPopup(windowId === undefined ? {} : { windowId });
  } catch {
    const url = `${browser.runtime.getURL('/popup.html')}?tab=${tabId}`;
    await browser.windows.create({ type: 'popup', url, ...ASK_WINDOW });
  }
}

/** An amount without its spaces and marks of direction: there is room for four characters. */
export function badgeText(amount: string): string {
  return amount.replace(/[\s\u200e\u200f\u2066-\u2069]/g, '');
}

/** Four characters beside the icon; empty clears it. */
export async function setBadge(tabId: number, label: string): Promise<void> {
  await browser.action.setBadgeText({ tabId, text: label });
  await browser.action.setBadgeBackgroundColor({ tabId, color: '#14614b' });
}
