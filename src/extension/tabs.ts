/** Tabs and windows: opening what was paid for, asking in the browser's own frame, the badge. */
import browser from 'webextension-polyfill';
import type { OpenTarget } from '../wallet/ports.ts';
import type { DescribeMessage, PageDescription } from './messages.ts';

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

/**
 * Opens what was paid for; the page itself, when it was the page that was for sale, is loaded
 * again.
 */
export async function openTarget({ url, tabId, placement }: OpenTarget): Promise<void> {
  if (placement === 'new-tab') await browser.tabs.create({ url, openerTabId: tabId });
  else if ((await tabAddress(tabId)) === url) await browser.tabs.reload(tabId);
  else await browser.tabs.update(tabId, { url });
}

/** The page's own description of what it sells; undefined where no script of ours runs. */
export async function describePage(tabId: number): Promise<PageDescription | undefined> {
  const message: DescribeMessage = { from: 'wallet', type: 'describe' };
  try {
    return await browser.tabs.sendMessage(tabId, message, { frameId: 0 });
  } catch {
    // Nobody listens there: a browser page, or a page from before the extension was installed.
    return undefined;
  }
}

/** Asks in the toolbar popup, which no page can draw over; in a window where that cannot open. */
export async function showAsk(tabId: number): Promise<void> {
  const windowId = (await browser.tabs.get(tabId)).windowId;
  try {
    await browser.action.openPopup(windowId === undefined ? {} : { windowId });
  } catch {
    const url = `${browser.runtime.getURL('/popup.html')}?tab=${tabId}`;
    await browser.windows.create({ type: 'popup', url, ...ASK_WINDOW });
  }
}

/** Four characters beside the icon; empty clears it. */
export async function setBadge(tabId: number, label: string): Promise<void> {
  await browser.action.setBadgeText({ tabId, text: label });
  await browser.action.setBadgeBackgroundColor({ tabId, color: '#14614b' });
}
