/**
 * What the page in front of the reader sells, read inside it when the reader asks: by a press on
 * the icon, or on a site where the wallet is let in. Runs in the page's tab, away from its scripts;
 * touches nothing.
 */
import type { OfferFields } from '../protocol/fields.ts';
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

/** The browser tells of what a page's policy forbade a moment after the request has failed. */
const TOLD_MS = 100;

/**
 * Runs `ask`, which asks for this address, and answers whether the page's own policy forbade it. A
 * page can forge the browser's note, has other requests forbidden, or only reported.
 */
async function isForbidden(ask: () => Promise<unknown>): Promise<boolean> {
  let tell = () => {};
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  let isTold = false;
  const note = ({ isTrusted, disposition, blockedURI }: SecurityPolicyViolationEvent) => {
    if (!isTrusted || disposition !== 'enforce' || blockedURI !== here()) return;
    isTold = true;
    tell();
  };
  document.addEventListener('securitypolicyviolation', note);
  await ask().catch(() => undefined);
  await Promise.race([told, new Promise((waited) => setTimeout(waited, TOLD_MS))]);
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

/** @param fields what the markup says */
export async function describePage(fields: OfferFields): Promise<PageDescription> {
  const title = document.title.slice(0, 2048);
  const page = { url: here(), title, fields };
  if (fields.price !== undefined) return { ...page, isShut: await isShut() };
  if (!isChallenged()) return { ...page, isShut: false };
  return { ...page, isShut: await isShut(), challenge: await readChallenge() };
}
