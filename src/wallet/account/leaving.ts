/**
 * Closes the account (SPEC 9.26). The wish is on disk before it is asked for, under its id; once it
 * is granted all that was the account's goes from here in one transaction.
 */
import { encodeBase64url } from '../../protocol/base64url.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { MICROS_ZERO } from '../../protocol/money.ts';
import type { Leaving } from '../history/forgetting.ts';
import type { Tables, WalletPorts } from '../ports.ts';
import type { Closer } from '../purses/closing.ts';
import { mayHaveEnded, settleEnd } from '../purses/ends.ts';
import { sellerNameOf } from '../purses/fetchback.ts';
import { backBySec, isSettled, leftInPurse } from '../purses/purses.ts';
import { finishAll } from '../purses/tidy.ts';
import type { Queue } from '../queue.ts';
import type { Payment } from '../rows.ts';
import { isUndoing, WISH_LIFE_MS } from '../undo/undo.ts';
import { COMING_MS, type ComingView, comingView } from '../undo/undone.ts';
import { providerNow, refreshBalance, requireAccount } from './accounts.ts';
import { endFormer } from './former.ts';
import { readKeep } from './keeps.ts';
import { followMoney } from './moving.ts';
import { createCaller } from './provider.ts';
import { returnableMicros } from './withdrawals.ts';

/**
 * What is in the way of closing the account, and what is lost by it; what is on its way from or to
 * a card `WalletView` has.
 */
export interface LeavingView {
  /** The reader's own money: it goes back to its cards first. */
  readonly returnable: string;
  /** What was a gift, and what is less than a cent: nobody gets it. */
  readonly rest: string;
  /** What this browser has set aside; nothing where it is all spent, and its seller is silent. */
  readonly aside: readonly AsideView[];
  /** What was undone and is not back; it never comes after the end. */
  readonly coming: ComingView | undefined;
}

/** What is set aside at a seller. */
export interface AsideView {
  readonly payto: string;
  readonly sellerName: string;
  readonly amount: string;
  readonly backByMs: number;
}

async function asideViews(ports: WalletPorts, clockOffsetMs: number): Promise<AsideView[]> {
  const held = (await ports.store.purses.all()).filter((purse) => !isSettled(purse));
  const views = [...Map.groupBy(held, ({ payto }) => payto)].map(async ([payto, purses]) => ({
    payto,
    sellerName: await sellerNameOf(ports, payto),
    amount: `${purses.reduce((sum, purse) => sum + leftInPurse(purse), 0n)}`,
    backByMs: Math.max(...purses.map(backBySec)) * 1000 - clockOffsetMs,
  }));
  return Promise.all(views);
}

/** What has ended meanwhile is in the way no more. */
async function settleEnds(ports: WalletPorts): Promise<void> {
  const providerNowMs = providerNow(ports, await requireAccount(ports));
  for (const purse of await ports.store.purses.all())
    if (mayHaveEnded(purse, providerNowMs)) await settleEnd(ports, purse);
}

/** What is all spent is ended by the way: nobody misses it, and it would be in the way. */
async function endSpent(ports: WalletPorts, closer: Closer): Promise<void> {
  const spent = (await ports.store.purses.all()).filter((it) => leftInPurse(it) === MICROS_ZERO);
  await Promise.all(spent.map(({ id }) => closer.run(id)));
}

/** What stands in the way by the provider's word of now. @throws FarthingError its codes */
export async function foreseeLeaving(
  ports: WalletPorts,
  closer: Closer,
  queue: Queue,
): Promise<LeavingView> {
  await finishAll(ports, queue);
  await followMoney(ports);
  await settleEnds(ports);
  await endSpent(ports, closer);
  await refreshBalance(ports);
  const account = await requireAccount(ports);
  const { clockOffsetMs, availableMicros } = account;
  const recent = await ports.store.payments.since(ports.now() - COMING_MS);
  const returnable = returnableMicros(account);
  return {
    returnable: `${returnable}`,
    rest: `${availableMicros - returnable}`,
    aside: await asideViews(ports, clockOffsetMs),
    coming: comingView(recent, await ports.store.purses.all(), clockOffsetMs),
  };
}

/** What nobody answers any more. */
function atRest(payment: Payment): Payment {
  const { pending, state, undo } = payment;
  const left = undo?.state === 'asked' ? undefined : undo && { ...undo, handingId: undefined };
  const rested = { ...payment, pending: 0 as const, undo: left };
  if (pending === 0 || state === 'paid') return { ...rested, opened: true };
  const refusal = { code: 'account_closed', detail: 'the account was closed' } as const;
  return { ...rested, state: 'refused', refusal };
}

/** What was bought stays, with the keys that show its receipts; nothing may be paid by a click. */
async function keepHistory(tables: Tables, nowMs: number): Promise<void> {
  const { payments, sellers } = tables;
  const undoing = (await payments.since(nowMs - WISH_LIFE_MS)).filter(isUndoing);
  for (const payment of [...(await payments.pending()), ...undoing])
    await payments.put(atRest(payment));
  await sellers.putAll((await sellers.all()).map((seller) => ({ ...seller, rules: [] })));
}

async function bookLeft(ports: WalletPorts, { history }: Leaving): Promise<void> {
  await ports.store.transaction(async (tables) => {
    if (history === 'keep') await keepHistory(tables, ports.now());
    await endFormer(tables);
    const gone = history === 'keep' ? [tables.nonces] : Object.values(tables);
    for (const table of gone) await table.clear();
  });
  ports.changed();
}

/**
 * Goes on with the end that was wished for, if one was.
 * @throws FarthingError `provider_unreachable` (it goes on); the provider's codes: there is no wish
 *   any more
 */
export async function finishLeaving(ports: WalletPorts): Promise<void> {
  const leaving = await readKeep(ports.store, 'leaving');
  if (!leaving) return;
  const { provider, device } = await requireAccount(ports);
  try {
    await createCaller(ports, provider, device).post('/v1/account/close', { id: leaving.id });
  } catch (error) {
    if (!(error instanceof FarthingError) || error.code === 'provider_unreachable') throw error;
    if (error.code !== 'account_closed') {
      await ports.store.keeps.remove('leaving');
      throw error;
    }
    // Another browser of the reader has closed it: it is over all the same.
  }
  await bookLeft(ports, leaving);
}

/** Closes the account; what has no answer goes on by itself. @throws FarthingError as above */
export async function leave(ports: WalletPorts, history: Leaving['history']): Promise<void> {
  await requireAccount(ports);
  const id = encodeBase64url(ports.random(16));
  await ports.store.transaction(async (tables) => {
    const wished = await readKeep(tables, 'leaving');
    await tables.keeps.put({ key: 'leaving', id: wished?.id ?? id, history });
  });
  ports.changed();
  await finishLeaving(ports);
}
