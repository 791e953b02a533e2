/** What our own screens use to speak to the wallet. */
import browser from 'webextension-polyfill';
import { FarthingError } from '../protocol/errors.ts';
import { isRecord } from '../protocol/shape.ts';
import type { Speaker } from '../words/say.ts';
import { subjectOf, takeAsked } from './first.ts';
import type {
  ChangedMessage,
  ForgettingMessage,
  OwnAnswers,
  OwnMessage,
  OwnReply,
} from './messages.ts';

type Body<T> = Omit<OwnMessage & { type: T }, 'from' | 'type'>;

/** Who has the texts of the reader's language. */
export const speaker: Speaker = browser.i18n;

/** A worker that is being stopped takes a moment to be one that can be woken. */
const ASK_PAUSES_MS = [0, 100, 500];

async function send(message: object): Promise<unknown> {
  let failure: unknown;
  for (const pauseMs of ASK_PAUSES_MS) {
    // At once where there is nothing to wait for: a wish must be on its way before this page goes.
    if (pauseMs > 0) await new Promise((waited) => setTimeout(waited, pauseMs));
    try {
      return await (takeAsked(message) ?? browser.runtime.sendMessage(message));
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/**
 * Asks the wallet. A worker that is stopped in mid-answer is asked again: it goes on where it was.
 * @throws FarthingError with the wallet's code
 */
export async function ask<T extends OwnMessage['type']>(
  type: T,
  body: Body<T>,
): Promise<OwnAnswers[T]> {
  const reply = (await send({ from: 'screen', type, ...body })) as OwnReply<OwnAnswers[T]>;
  if (!reply.ok) throw new FarthingError(reply.code, reply.detail);
  return reply.value;
}

type Broadcast = ChangedMessage | ForgettingMessage;

function hear<T extends Broadcast['type']>(
  type: T,
  listener: (message: Broadcast & { type: T }) => void,
): () => void {
  const onMessage = (message: unknown) => {
    if (isRecord(message) && message.from === 'wallet' && message.type === type)
      listener(message as unknown as Broadcast & { type: T });
    return undefined;
  };
  browser.runtime.onMessage.addListener(onMessage);
  return () => browser.runtime.onMessage.removeListener(onMessage);
}

/** Calls `look` whenever the wallet says that something changed; answers what ends that. */
export function onChange(look: () => void): () => void {
  return hear('changed', look);
}

/** Calls `tell` whenever some more purchases are gone; answers what ends that. */
export function onForgetting(tell: (goneCount: number) => void): () => void {
  return hear('forgetting', ({ goneCount }) => tell(goneCount));
}

/** The tab that a screen is about. */
export function subjectTab(): Promise<number | undefined> {
  return subjectOf(location.search, browser);
}

/** Closes the screen: a window of ours, or the toolbar popup. */
export function closeScreen(): void {
  window.close();
}

/** Opens one of our own pages: in the tab that has it already, where there is one. */
export async function openPage(
  path: `/welcome.html${string}` | `/page.html${string}` | `/recovery.html${string}`,
): Promise<void> {
  const url = browser.runtime.getURL(path);
  const [tab] = await browser.tabs.query({ url: url.replace(/[?#].*|$/, '*') });
  if (tab?.id === undefined) {
    await browser.tabs.create({ url });
    return;
  }
  // The same address is not loaded again: something may be half written there.
  await browser.tabs.update(tab.id, { active: true, ...(tab.url !== url && { url }) });
  if (tab.windowId !== undefined) await browser.windows.update(tab.windowId, { focused: true });
}

/**
 * Opens the first run, with the way back to the page in `tabId`: in the fragment, which is sent
 * nowhere. A private window's page is not told outside of it.
 */
export async function openWelcome(tabId: number | undefined): Promise<void> {
  // A tab that was closed has no page to go back to.
  const tab =
    tabId === undefined ? undefined : await browser.tabs.get(tabId).catch(() => undefined);
  const isTold = tab?.url !== undefined && /^https?:/.test(tab.url) && !tab.incognito;
  const fragment = isTold ? `#${new URLSearchParams({ back: tab.url ?? '' })}` : '';
  await openPage(`/welcome.html${fragment}`);
}

/** Opens what was bought in a tab of its own. */
export async function openBought(url: string): Promise<void> {
  await browser.tabs.create({ url });
}

/** Asks the browser to let the wallet in at `pattern`; only a press of the reader's may. */
export function letIn(pattern: string): Promise<boolean> {
  return browser.permissions.request({ origins: [pattern] });
}

/** Gives the browser's permission back. What it was let in by together with others stays. */
export async function shutOut(pattern: string): Promise<void> {
  await browser.permissions.remove({ origins: [pattern] });
}

/** The version of the extension, `0.1.0`. */
export function version(): string {
  return browser.runtime.getManifest().version;
}
