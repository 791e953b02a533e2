/**
 * How requests reach a seller. They go out from the reader's own tab, beside the page's scripts and
 * out of their reach: the browser lets a wallet that was asked there do that without any standing
 * permission, and the pass lands where the reader will use it, in a container or a private window
 * too. Where there is none they go out from here, as those of any page elsewhere (SPEC 4.11).
 */
import browser, { type Tabs } from 'webextension-polyfill';
import { isRecord } from '../protocol/shape.ts';
import { isNamedByOrigin, type NamelessAnswer, sendNameless } from './nameless.ts';
import { isLetIn, sitePattern } from './sites.ts';
import { tabAddress } from './tabs.ts';

interface TabRequest {
  readonly url: string;
  readonly headers: Record<string, string>;
}

type TabAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: [string, string][];
      readonly body: string | null;
    }
  /** The tab shows another site, or its page forbids all requests. */
  | { readonly kind: 'not-here' }
  /** It was sent, perhaps, and no answer came. */
  | { readonly kind: 'unclear'; readonly why: string };

/** Runs inside the tab: it reaches nothing outside its own braces. */
async function fetchHere({ url, headers }: TabRequest): Promise<TabAnswer> {
  /** Refusals and notes are small; a page's own text is not wanted. */
  const BODY_LENGTH_MAX = 32_768;
  const TIMEOUT_MS = 15_000;
  /** The browser tells of what a page's policy forbade a moment after the request has failed. */
  const TOLD_MS = 200;

  async function readShort({ body }: Response): Promise<string | null> {
    const decoder = new TextDecoder();
    const reader = body?.getReader();
    let text = '';
    while (reader && text.length <= BODY_LENGTH_MAX) {
      const { value, done } = await reader.read();
      if (done) return text;
      text += decoder.decode(value, { stream: true });
    }
    await reader?.cancel();
    return null;
  }

  if (new URL(url).origin !== location.origin) return { kind: 'not-here' };
  let isForbidden = false;
  // A page can forge the event and has violations of its own: this is the browser's word about
  // this very request.
  const note = ({ isTrusted, disposition, blockedURI }: SecurityPolicyViolationEvent) => {
    const isThis = blockedURI === url.replace(/#.*$/, '');
    isForbidden ||= isTrusted && disposition === 'enforce' && isThis;
  };
  document.addEventListener('securitypolicyviolation', note);
  try {
    const answer = await fetch(url, {
      headers,
      credentials: 'include',
      redirect: 'manual',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const isJson = /json\b/.test(answer.headers.get('Content-Type') ?? '');
    const body = isJson ? await readShort(answer) : null;
    if (!isJson) await answer.body?.cancel();
    return { kind: 'answer', status: answer.status, headers: [...answer.headers], body };
  } catch (error) {
    for (let waitedMs = 0; !isForbidden && waitedMs < TOLD_MS; waitedMs += 20)
      await new Promise((waited) => setTimeout(waited, 20));
    if (isForbidden) return { kind: 'not-here' };
    return { kind: 'unclear', why: error instanceof Error ? error.message : 'no answer' };
  } finally {
    document.removeEventListener('securitypolicyviolation', note);
  }
}

/**
 * Asks through a tab that the browser lets us see. In any other, of a site that the reader took
 * back, a script is not refused by every browser: it waits for the reader, and the money with it.
 */
async function askTab(tabId: number, request: TabRequest): Promise<TabAnswer> {
  const shown = URL.parse(await tabAddress(tabId));
  if (shown?.origin !== new URL(request.url).origin) return { kind: 'not-here' };
  let injected: unknown;
  try {
    const target = { tabId, frameIds: [0] };
    const [frame] = await browser.scripting.executeScript({
      target,
      func: fetchHere as () => Promise<TabAnswer>,
      args: [request],
    });
    injected = frame?.result;
  } catch {
    // Closed, a browser's own page, or a site where the wallet is not let in.
    return { kind: 'not-here' };
  }
  // A tab that was taken elsewhere in the middle answers nothing.
  return isRecord(injected)
    ? (injected as unknown as TabAnswer)
    : { kind: 'unclear', why: 'the tab went elsewhere' };
}

/** Statuses that cannot have a body, and those that are none, have forms of their own. */
function responseOf(answer: NamelessAnswer | (TabAnswer & { kind: 'answer' })): Response {
  const { status, headers, body } = answer;
  if (status < 200) return Response.error();
  return new Response(status === 204 || status === 304 ? null : body, { status, headers });
}

/** Without the reader's permission for the site cookies stay at home; the answer is the same. */
async function sendFromHere(url: string, init: RequestInit): Promise<Response> {
  if (await isLetIn(sitePattern(url))) return fetch(url, init);
  if (!isNamedByOrigin()) return fetch(url, { ...init, credentials: 'omit' });
  const headers = Object.fromEntries(new Headers(init.headers));
  const sent = sendNameless({ url, headers });
  return responseOf(await Promise.race([sent, untilAborted(init.signal)]));
}

/**
 * A tab at the same site, as far as the browser lets us see where tabs are. A private window stays
 * out of it: a seller would learn that both are one reader. One that was put to sleep does nothing.
 */
async function tabAt(url: string): Promise<number | undefined> {
  const { origin } = new URL(url);
  const tabs = await browser.tabs.query({});
  const isFit = ({ incognito, discarded, url: at }: Tabs.Tab) =>
    !incognito && !discarded && URL.parse(at ?? '')?.origin === origin;
  return tabs.find(isFit)?.id;
}

/** Rejects when `signal` says that it took too long. */
function untilAborted(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
}

/**
 * The wallet's `fetch`. What may bring the reader's cookies goes to a seller: from the tab that it
 * is for, or any at that site. All else goes to the wallet service.
 */
export async function send(
  url: string,
  init: RequestInit = {},
  forTabId?: number,
): Promise<Response> {
  if (init.credentials !== 'include') return fetch(url, init);
  const tabId = forTabId ?? (await tabAt(url));
  if (tabId === undefined) return sendFromHere(url, init);
  const headers = Object.fromEntries(new Headers(init.headers));
  const answer = await Promise.race([askTab(tabId, { url, headers }), untilAborted(init.signal)]);
  switch (answer.kind) {
    case 'answer':
      return responseOf(answer);
    case 'unclear':
      throw new TypeError(answer.why);
    case 'not-here':
      return sendFromHere(url, init);
  }
}
