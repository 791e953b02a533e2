/**
 * Looks after what is set aside, now and then: prolongs what is in use before it ends, fetches back
 * what is idle, asks how ended purses ended.
 */
import { FarthingError } from '../../protocol/errors.ts';
import { providerNow, requireAccount } from '../account/accounts.ts';
import type { WalletPorts } from '../ports.ts';
import type { Queue } from '../queue.ts';
import type { Purse } from '../rows.ts';
import type { Closer } from './closing.ts';
import { mayHaveEnded, settleEnd } from './ends.ts';
import { canClose, frozenBy, isEnding } from './purses.ts';
import { finishAsking, prolong } from './setaside.ts';

const DAY_MS = 86_400_000;
/** What was not used for so long is not needed here. */
const IDLE_MS = 3 * DAY_MS;
/** So long before its end a purse in use is prolonged. */
const PROLONG_SEC = 86_400;

/** What to do with a purse. */
export type Chore = 'settle' | 'prolong' | 'close' | 'nothing';

/** Pure: what a purse needs now. */
export function choreFor(
  purse: Purse,
  at: {
    readonly nowMs: number;
    readonly providerNowMs: number;
    readonly frozen: ReadonlySet<string>;
  },
): Chore {
  const { nowMs, providerNowMs, frozen } = at;
  const { state, usedAtMs, expiresAtSec, closeTriedAtMs = 0 } = purse;
  if (mayHaveEnded(purse, providerNowMs)) return 'settle';
  if (state === 'closing') return 'close';
  const isInUse = state === 'open' && Math.abs(nowMs - usedAtMs) < IDLE_MS;
  const isOver = isEnding(purse, providerNowMs);
  const isEndNear = expiresAtSec - PROLONG_SEC <= providerNowMs / 1000;
  if (isInUse && !isOver) return isEndNear ? 'prolong' : 'nothing';
  // A seller that would not close it is asked once a day.
  const isAsked = Math.abs(nowMs - closeTriedAtMs) < DAY_MS;
  return canClose(purse, frozen, providerNowMs) && !isAsked ? 'close' : 'nothing';
}

/**
 * Finds money that the provider set aside and whose answer was lost: until then it would be shown
 * nowhere. What is under way is waited for.
 */
export async function finishAll(ports: WalletPorts, queue: Queue): Promise<void> {
  const isAsking = ({ state, raiseId }: Purse) =>
    state === 'requested' || (state === 'open' && raiseId !== undefined);
  for (const { id, payto } of (await ports.store.purses.all()).filter(isAsking))
    await queue(payto, async () => {
      const purse = await ports.store.purses.get(id);
      if (purse) await finishAsking(ports, purse);
    }).catch(ignoreRefusal);
}

/** What the provider refuses is stored as refused; where it is silent, it is tried again. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof FarthingError)) throw error;
}

/** One purse after the other; a failure is met again next time. */
export async function tidyUp(ports: WalletPorts, closer: Closer, queue: Queue): Promise<void> {
  await finishAll(ports, queue);
  const account = await requireAccount(ports);
  const frozen = frozenBy(await ports.store.payments.pending());
  const at = { nowMs: ports.now(), providerNowMs: providerNow(ports, account), frozen };
  for (const purse of await ports.store.purses.all()) {
    const chore = choreFor(purse, at);
    await doChore(ports, { closer, queue }, { purse, chore }).catch(ignoreRefusal);
  }
}

async function doChore(
  ports: WalletPorts,
  { closer, queue }: { closer: Closer; queue: Queue },
  { purse, chore }: { purse: Purse; chore: Chore },
): Promise<void> {
  if (chore === 'settle') await settleEnd(ports, purse);
  if (chore === 'close') await closer.run(purse.id);
  if (chore === 'prolong')
    await queue(purse.payto, async () => {
      const now = await ports.store.purses.get(purse.id);
      if (now?.state === 'open') await prolong(ports, now);
    });
}
