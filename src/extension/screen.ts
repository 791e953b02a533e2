/** What our own screens use to speak to the wallet. */
import browser from 'webextension-polyfill';
import { FarthingError } from '../protocol/errors.ts';
import { isRecord } from '../protocol/shape.ts';
import type { Speaker } from '../words/say.ts';
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
      return await browser.runtime.sendMessage(message);
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

/** The tab that a screen is about: named in its address, or the one it was opened over. */
export async function subjectTab(): Promise<number | undefined> {
  const named = new URLSearchParams(location.search).get('tab');
  if (named !== null) return Number(named);
  const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
  return tab?.id;
}

/** Closes the screen: a window of ours, or the toolbar popup. */
export function closeScreen(): void {
  window.close();
}

/** Opens one of our own pages in a tab. */
export async function openPage(
  path: '/welcome.html' | `/page.html${string}` | `/recovery.html${string}`,
): Promise<void> {
  await browser.tabs.create({ url: browser.runtime.getURL(path) });
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
