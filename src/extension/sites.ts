/**
 * The sites where the reader lets the wallet in. The browser keeps them, and it alone: what runs
 * there is made to agree with it at every start and at every change (screens.md 1).
 */
import browser from 'webextension-polyfill';

/** The script that marks fee links and takes presses on them; no page gets it unasked. */
const SCRIPT = '/links.js';
const SCRIPT_ID = 'links';

/** The reader's own wish: prices on every site. */
export const EVERY_SITE = 'https://*/*';

/** What to ask the browser for, to be let in at the site of an address. */
export function sitePattern(address: string): string {
  const { protocol, hostname } = new URL(address);
  return `${protocol}//${hostname}/*`;
}

/** Whether the reader lets the wallet in there. */
export function isLetIn(pattern: string): Promise<boolean> {
  return browser.permissions.contains({ origins: [pattern] });
}

/** Everywhere that the reader lets it in. */
export async function letInAt(): Promise<string[]> {
  const { origins = [] } = await browser.permissions.getAll();
  return origins.filter((origin) => /^(https?|\*):/.test(origin));
}

async function register(): Promise<void> {
  const matches = await letInAt();
  const filter = { ids: [SCRIPT_ID] };
  const [known] = await browser.scripting.getRegisteredContentScripts(filter);
  if (matches.length === 0) {
    if (known) await browser.scripting.unregisterContentScripts(filter);
    return;
  }
  const script = { id: SCRIPT_ID, js: [SCRIPT], matches, runAt: 'document_end' } as const;
  const scripts = [{ ...script, matches: [...matches], js: [...script.js] }];
  if (known) await browser.scripting.updateContentScripts(scripts);
  else await browser.scripting.registerContentScripts(scripts);
}

/** One change after the other: two at once would both find nothing registered. */
let last: Promise<void> = Promise.resolve();

/** Makes what runs where agree with what the reader allows. */
export function agreeWithBrowser(): Promise<void> {
  last = last.then(register, register);
  return last;
}

/** Pages that are open already need not be loaded again. */
export async function enterOpenTabs(patterns: readonly string[]): Promise<void> {
  if (patterns.length === 0) return;
  const tabs = await browser.tabs.query({ url: [...patterns] });
  const entered = tabs.map(async ({ id }) => {
    if (id === undefined) return;
    const target = { tabId: id, frameIds: [0] };
    await browser.scripting.executeScript({ target, files: [SCRIPT] });
  });
  // A tab that was closed meanwhile is no loss.
  await Promise.allSettled(entered);
}
