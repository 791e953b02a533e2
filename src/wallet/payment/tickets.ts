/**
 * What is used up at once, was paid, and may not have been opened: its ticket went to no tab, or to
 * one whose page let nothing out. It is not for sale again before its seller says so (SPEC 7.9).
 */
import { FarthingError } from '../../protocol/errors.ts';
import type { WalletPorts } from '../ports.ts';
import type { Payment } from '../rows.ts';
import { isUsedUp } from './dues.ts';
import type { PagePress } from './pagepress.ts';
import { renewPass } from './reopen.ts';

/** As long as a server keeps it. */
const TICKET_LIFE_MS = 600_000;

/** What is for sale in front of the reader. */
export interface Wanted extends Pick<PagePress, 'pageUrl' | 'tabId'> {
  readonly url: string;
}

/**
 * Whether it may still wait. A page that was opened has used it, as far as is known here; unless it
 * is that very page which is for sale, and not a link to it.
 */
function mayWait(payment: Payment, { url, pageUrl }: Wanted, nowMs: number): boolean {
  const { state, ask, freeBy, undo, elsewhere, ticket, triedAtMs = 0 } = payment;
  const isPaidHere = state === 'paid' && freeBy === undefined && elsewhere === undefined;
  const isOver = ticket === 'spent' || undo?.state === 'granted';
  const isMissed = ticket === 'left' || pageUrl === url;
  const isRecent = Math.abs(nowMs - triedAtMs) < TICKET_LIFE_MS;
  return isPaidHere && !isOver && isUsedUp(payment) && ask.url === url && isMissed && isRecent;
}

/** Only the last charge of a purse is answered again. */
async function isLast({ store }: WalletPorts, { charge }: Payment): Promise<boolean> {
  const purse = await store.purses.get(charge?.purse ?? '');
  return charge !== undefined && purse?.seq === charge.seq;
}

/** Whether the seller has it still; one that does not answer has not said that it was used. */
async function isWaiting(ports: WalletPorts, payment: Payment, tabId: number): Promise<boolean> {
  try {
    return await renewPass(ports, payment, tabId);
  } catch (error) {
    if (error instanceof FarthingError) return error.code === 'seller_unreachable';
    throw error;
  }
}

/**
 * The one of an item's payments whose ticket waits for what is wanted in a tab; it has that in its
 * cookies then. The same charge asks for it, so that nothing is paid, whatever the answer is.
 */
export async function waitingTicket(
  ports: WalletPorts,
  rows: readonly Payment[],
  wanted: Wanted,
): Promise<Payment | undefined> {
  const nowMs = ports.now();
  for (const payment of rows)
    if (mayWait(payment, wanted, nowMs) && (await isLast(ports, payment)))
      if (await isWaiting(ports, payment, wanted.tabId)) return payment;
  return undefined;
}
