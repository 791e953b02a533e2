/** Questions to the reader: one a tab, as fixed as what it asks about. */
import { encodeTerms } from '../../protocol/terms.ts';
import type { WalletPorts } from '../ports.ts';
import type { Ask } from '../rows.ts';

/** SPEC 4: a question older than this is asked anew, with what holds then. */
export const ASK_LIFE_MS = 600_000;

/** A question holds while its tab is where it was, for ten minutes. */
export function isCurrent({ now }: WalletPorts, ask: Ask, tabAddress: string): boolean {
  return ask.pageUrl === tabAddress && Math.abs(now() - ask.atMs) < ASK_LIFE_MS;
}

/** All of a question that is shown or signed, as one text. */
function contentOf({
  id: _id,
  pressId: _pressId,
  atMs: _atMs,
  terms,
  formerMicros,
  ...rest
}: Ask): string {
  const members = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([encodeTerms(terms), formerMicros?.toString() ?? null, members]);
}

/**
 * Puts a question in the place of its tab's former one. The same question again keeps its id: what
 * a window shows and what it answers stay one thing.
 */
export function keepAsk({ store }: WalletPorts, ask: Ask): Promise<Ask> {
  return store.transaction(async ({ asks }) => {
    const former = (await asks.all()).filter(({ tabId }) => tabId === ask.tabId);
    for (const { id } of former) await asks.remove(id);
    const same = former.find((it) => contentOf(it) === contentOf(ask));
    const kept = same ? { ...ask, id: same.id } : ask;
    await asks.put(kept);
    return kept;
  });
}

/** Forgets what was asked in a tab. */
export async function dropAsks({ store }: WalletPorts, tabId: number): Promise<void> {
  const asks = await store.asks.all();
  for (const ask of asks) if (ask.tabId === tabId) await store.asks.remove(ask.id);
}
