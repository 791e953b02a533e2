/**
 * What a screen shows first is asked for before the screen's own code is there: the wallet looks it
 * up while the browser reads that. Whatever changes meanwhile makes what was asked worthless. A
 * script of its own, which imports nothing.
 */
import type { OwnMessage } from './messages.ts';

/** What was asked and not taken yet, by its message. */
export type Asked = Map<string, Promise<unknown>>;

declare global {
  /** Made by `first.js`, in our own pages that have it. */
  var farthingAsked: Asked | undefined;
}

/** What is used of the browser; Chromium and Firefox call it by different names. */
interface Runtime {
  readonly runtime: {
    sendMessage(message: object): Promise<unknown>;
    readonly onMessage: { addListener(listener: () => undefined): void };
  };
  readonly tabs: {
    query(about: {
      active: true;
      currentWindow: true;
    }): Promise<readonly { id?: number | undefined }[]>;
  };
}

/** The tab that a screen is about: named in its address, or the one it was opened over. */
export async function subjectOf(
  search: string,
  { tabs }: Pick<Runtime, 'tabs'>,
): Promise<number | undefined> {
  const named = new URLSearchParams(search).get('tab');
  if (named !== null) return Number(named);
  return (await tabs.query({ active: true, currentWindow: true }))[0]?.id;
}

/** Asks for what the page at `pathname` shows first. */
export async function askFirst(
  { pathname, search }: Pick<Location, 'pathname' | 'search'>,
  browser: Runtime,
): Promise<void> {
  const asked: Asked = new Map();
  globalThis.farthingAsked = asked;
  browser.runtime.onMessage.addListener(() => void asked.clear());
  const ask = (message: OwnMessage) => {
    const answer = browser.runtime.sendMessage(message);
    // Whoever takes it hears of it; what nobody takes is asked again.
    answer.catch(() => undefined);
    asked.set(JSON.stringify(message), answer);
  };
  if (pathname === '/popup.html')
    ask({ from: 'screen', type: 'state', tabId: await subjectOf(search, browser) });
  else {
    ask({ from: 'screen', type: 'state', tabId: undefined });
    if (search === '') ask({ from: 'screen', type: 'history' });
    if (search === '') ask({ from: 'screen', type: 'spending', month: undefined });
  }
}

/** The answer to `message`, if it was asked first: each is taken once. */
export function takeAsked(message: object): Promise<unknown> | undefined {
  const key = JSON.stringify(message);
  const answer = globalThis.farthingAsked?.get(key);
  globalThis.farthingAsked?.delete(key);
  return answer;
}
