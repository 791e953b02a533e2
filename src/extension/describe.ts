/**
 * What the page in front of the reader sells, read inside it when the reader asks: by a press on
 * the icon, or on a site where the wallet is let in. Runs in the page's tab, away from its scripts;
 * touches nothing.
 *
 * In Firefox what is sent from there is held to the page's own policy, and what that forbids can be
 * seen only by trying. In Chromium it is not: there is nothing to see, and nothing is waited for.
 */
import type { PageDescription } from './messages.ts';

/** Whether this very address answered 402: with no markup at all it may be for sale. */
export function isChallenged(): boolean {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return entry?.responseStatus === 402 && withoutFragment(entry.name) === here();
}

function withoutFragment(address: string): string {
  return address.replace(/#.*$/, '');
}

function here(): string {
  return withoutFragment(location.href);
}

/**
 * The browser tells of what a page's policy forbade in a task that waits when the request fails:
 * the first to come, wherever it was watched. So many more are let by; time says nothing, for in a
 * tab that is not in front timers stand still.
 */
const TURN_COUNT = 50;

async function letBy(turnCount: number): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  for (let turn = 0; turn < turnCount; turn++)
    await new Promise((come) => {
      port1.onmessage = come;
      port2.postMessage(turn);
    });
  port1.close();
}

/**
 * Runs `ask`, which asks for this address, and answers whether the page's own policy forbade it:
 * what is answered was not. A page can forge the browser's note, has other requests forbidden, or
 * only reported.
 */
async function isForbidden(ask: () => Promise<unknown>): Promise<boolean> {
  let isTold = false;
  const note = ({ isTrusted, disposition, blockedURI }: SecurityPolicyViolationEvent) => {
    if (isTrusted && disposition === 'enforce' && blockedURI === here()) isTold = true;
  };
  document.addEventListener('securitypolicyviolation', note);
  await ask().catch(() => letBy(TURN_COUNT));
  document.removeEventListener('securitypolicyviolation', note);
  return isTold;
}

/** Whether the page lets nothing out: asked of the cache alone, so that nothing leaves. */
function isShut(): Promise<boolean> {
  return isForbidden(() => fetch(here(), { mode: 'same-origin', cache: 'only-if-cached' }));
}

/** The challenge that the address answers, which the page itself cannot be asked for. */
async function readChallenge(): Promise<string | undefined> {
  try {
    const answer = await fetch(here(), {
      headers: { Accept: 'application/problem+json' },
      cache: 'no-store',
      redirect: 'error',
    });
    await answer.body?.cancel();
    return answer.headers.get('WWW-Authenticate') ?? undefined;
  } catch {
    // The page forbids it, or the seller does not answer: there is nothing to show.
    return undefined;
  }
}

/**
 * @param said what the markup says
 * @param how `isHeld`: whether the page's own policy holds for what is sent from here
 */
export async function describePage(
  said: Pick<PageDescription, 'fields' | 'links'>,
  { isHeld }: { readonly isHeld: boolean },
): Promise<PageDescription> {
  const page = { url: here(), title: document.title.slice(0, 2048), ...said };
  const isPriced = said.fields.price !== undefined;
  if (!isPriced && !isChallenged()) return { ...page, isShut: false };
  const seen = { ...page, isShut: isHeld && (await isShut()) };
  return isPriced ? seen : { ...seen, challenge: await readChallenge() };
}
