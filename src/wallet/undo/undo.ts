/**
 * Undo (SPEC 7.4): the reader's wish is stored before it is sent, the seller's note before anybody
 * says that it is undone, and the note is handed to the provider so that the money is back at once.
 * It can die on any line; `Wallet.resume` goes on from what is stored.
 */

import { encodeBase64url } from '../../protocol/base64url.ts';
import type { ErrorCode } from '../../protocol/codes.ts';
import type { UndoPayload } from '../../protocol/credential.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { compact, readMembers } from '../../protocol/shape.ts';
import { signUndo } from '../../protocol/undo.ts';
import { clientOf, providerNow, refreshBalance, requireAccount } from '../account/accounts.ts';
import { checkSignedBySeller, tell } from '../payment/seller.ts';
import type { WalletPorts } from '../ports.ts';
import type { Payment } from '../rows.ts';
import { askProvider, keepUndo, lookAgain, readOwnNote, wishOf } from './judged.ts';
import { COMING_MS } from './undone.ts';
import { undoUntilSec } from './undowindow.ts';

/** Whether something of an undo is still to be done. */
export function isUndoing({ undo }: Payment): boolean {
  return undo?.state === 'asked' || undo?.handingId !== undefined;
}

/** @throws FarthingError `undo_over` where there was never a window, or it has closed */
async function begin(ports: WalletPorts, payment: Payment): Promise<Payment> {
  if (payment.undo && payment.undo.state !== 'refused') return payment;
  const untilSec = undoUntilSec({ ...payment, undo: undefined });
  const nowMs = providerNow(ports, await requireAccount(ports));
  if (untilSec === undefined || untilSec * 1000 <= nowMs)
    throw new FarthingError('undo_over', 'its time is over');
  const { charge, ask } = payment;
  const purse = await ports.store.purses.get(charge?.purse ?? '');
  if (!charge || !purse) throw new TypeError('What was paid has a charge and a purse');
  const claims = { aud: ask.terms.payto, pur: purse.id, seq: charge.seq, bnd: charge.binding };
  const token = await signUndo(claims, purse.key.privateKey);
  return keepUndo(ports, payment, { state: 'asked', token, wishedAtMs: ports.now() });
}

async function payloadFor(ports: WalletPorts, payment: Payment): Promise<UndoPayload> {
  const { charge, receipt, undo } = payment;
  const purse = await ports.store.purses.get(charge?.purse ?? '');
  if (!charge || !receipt || !undo) throw new TypeError('An undo has a charge and a receipt');
  const { opening, salt } = charge;
  const signed = { certificate: purse?.certificate, receipt, undo: undo.token };
  return { action: 'undo', opening, salt, ...signed };
}

/** The seller's answer: its note, or its refusal; anything else says nothing (SPEC 6.8). */
async function askSeller(ports: WalletPorts, payment: Payment): Promise<string | FarthingError> {
  const { url } = payment.ask;
  const payload = await payloadFor(ports, payment);
  const told = await tell(ports, { url, request: payload.opening.request }, payload);
  if (told.kind === 'refusal') return new FarthingError(told.code, told.detail);
  try {
    const { refund } = readMembers(told.body, { refund: compact });
    await checkSignedBySeller(ports, payment.ask.terms.payto, readOwnNote(payment, refund));
    return refund;
  } catch (error) {
    throw new FarthingError('seller_unreachable', new URL(url).host, { cause: error });
  }
}

/** Hands the note in; the seller does so too, and the provider books it once. */
async function handIn(ports: WalletPorts, payment: Payment): Promise<Payment> {
  const { undo, ask } = payment;
  if (undo?.note === undefined || undo.handingId === undefined) return payment;
  const client = clientOf(ports, await requireAccount(ports));
  const body = { id: undo.handingId, payto: ask.terms.payto, notes: [undo.note] };
  const isBack = await client.giveBack(body);
  const done = await keepUndo(ports, payment, { ...undo, handingId: undefined, isBack });
  await refreshBalance(ports);
  return done;
}

/** Under a new id: the former one keeps its answer for ever (SPEC 9.5). */
async function handInAgain(ports: WalletPorts, payment: Payment): Promise<void> {
  const handingId = encodeBase64url(ports.random(16));
  await handIn(ports, await keepUndo(ports, payment, { ...wishOf(payment), handingId }));
}

/** SPEC 7.8: so long a seller may be silent. */
const SILENCE_MS = 60_000;

/** The seller's note; undefined where it said no, or nothing for too long. */
async function noteOf(ports: WalletPorts, payment: Payment): Promise<string | undefined> {
  const { wishedAtMs = 0 } = wishOf(payment);
  try {
    const answer = await askSeller(ports, payment);
    return answer instanceof FarthingError ? undefined : answer;
  } catch (error) {
    const isUnanswered = error instanceof FarthingError && error.code === 'seller_unreachable';
    if (isUnanswered && Math.abs(ports.now() - wishedAtMs) >= SILENCE_MS) return undefined;
    throw error;
  }
}

/**
 * Undoes a payment, or goes on with an undo that was begun.
 * @throws FarthingError `undo_over`, `undo_quota`, the provider's codes; `seller_unreachable` or
 *   `provider_unreachable` (both: it is tried again)
 */
async function undoPayment(ports: WalletPorts, paymentId: string): Promise<Payment> {
  const stored = await ports.store.payments.get(paymentId);
  if (!stored) throw new TypeError('It is not in the history');
  const payment = await begin(ports, stored);
  if (payment.undo?.state !== 'asked') return handIn(ports, payment);
  const note = payment.undo.judgingId ? undefined : await noteOf(ports, payment);
  if (note === undefined) {
    const judged = await askProvider(ports, payment);
    await refreshBalance(ports);
    return judged;
  }
  const handingId = encodeBase64url(ports.random(16));
  const granted = { ...payment.undo, state: 'granted', note, handingId } as const;
  return handIn(ports, await keepUndo(ports, payment, granted));
}

/** Runs undos, each once at a time. */
export interface Undoer {
  /** @throws FarthingError see `Wallet.undo` */
  run(paymentId: string): Promise<Payment>;
  /** Goes on with what was begun; answers how many there are. */
  resume(): Promise<number>;
  /** Asks the provider whether what was undone is back. */
  look(): Promise<void>;
}

/** A wish that nobody answered for this long is given up: its window has closed long ago. */
export const WISH_LIFE_MS = 7 * 86_400_000;

/** What cannot be reached is tried again at the next resume; its screen has said so. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof FarthingError)) throw error;
}

/** Nobody has decided yet. */
const UNDECIDED: readonly ErrorCode[] = ['seller_unreachable', 'provider_unreachable'];

/** Makes the runner. */
export function createUndoer(ports: WalletPorts): Undoer {
  const running = new Map<string, Promise<Payment>>();
  const waiting = new Set<string>();

  /** A seller's minute is awaited by one timer; a wallet that dies meanwhile resumes. */
  async function tryLater(paymentId: string): Promise<void> {
    if (waiting.has(paymentId)) return;
    waiting.add(paymentId);
    await ports.wait(SILENCE_MS);
    waiting.delete(paymentId);
    await run(paymentId);
  }

  async function runOnce(paymentId: string): Promise<Payment> {
    try {
      return await undoPayment(ports, paymentId);
    } catch (error) {
      const isOpen = error instanceof FarthingError && UNDECIDED.includes(error.code);
      if (isOpen) void tryLater(paymentId).catch(ignoreRefusal);
      throw error;
    } finally {
      running.delete(paymentId);
    }
  }

  /** Where one cannot be asked about, the others can. */
  async function lookAt(payment: Payment): Promise<void> {
    const { handingId, judgingId } = wishOf(payment);
    if (handingId !== undefined) await run(payment.id);
    else await (judgingId ? lookAgain(ports, payment) : handInAgain(ports, payment));
  }

  const run = (paymentId: string) => {
    const current = running.get(paymentId);
    if (current) return current;
    const work = runOnce(paymentId);
    running.set(paymentId, work);
    return work;
  };
  return {
    run,
    async resume() {
      const recent = await ports.store.payments.since(ports.now() - WISH_LIFE_MS);
      const begun = recent.filter(isUndoing);
      for (const { id } of begun) void run(id).catch(ignoreRefusal);
      return begun.length;
    },
    async look() {
      const recent = await ports.store.payments.since(ports.now() - COMING_MS);
      const coming = recent.filter(({ undo }) => undo?.state === 'granted' && !undo.isBack);
      for (const payment of coming) await lookAt(payment).catch(ignoreRefusal);
    },
  };
}
