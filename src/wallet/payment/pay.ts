/**
 * Runs payments: carries out what the state machine says, one step at a time, each stored before
 * the next. It can die on any line; `Wallet.resume` goes on from what is stored.
 */
import { encodeBase64url } from '../../protocol/base64url.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { MICROS_ZERO } from '../../protocol/money.ts';
import { readReceipt } from '../../protocol/receipt.ts';
import type { Terms } from '../../protocol/terms.ts';
import { providerNow, requireAccount } from '../account/accounts.ts';
import { amend } from '../amend.ts';
import type { WalletPorts } from '../ports.ts';
import type { Closer } from '../purses/closing.ts';
import { endedPurseOf, settleEnd } from '../purses/ends.ts';
import { fetchBack } from '../purses/fetchback.ts';
import { choosePurse, frozenBy, leftInPurse, purseAmount } from '../purses/purses.ts';
import { purseFor, renewCertificate } from '../purses/setaside.ts';
import { refuse, signIntent } from '../purses/sign.ts';
import type { Queue } from '../queue.ts';
import { type Ask, itemKeyOf, type Payment, type Purse } from '../rows.ts';
import { acceptedBy } from './accepted.ts';
import { keepAsk } from './asks.ts';
import { isKept, judge, paymentFor } from './consider.ts';
import { isUsedUp } from './dues.ts';
import { takeUp } from './givenup.ts';
import { type Heard, isDue, retryDelayMs, type Settled, settle } from './payment.ts';
import { isFreeNoMore, showFree } from './reopen.ts';
import { sendCharge } from './seller.ts';

/** How a payment stands after a run. */
export type Outcome =
  | { readonly kind: 'paid'; readonly payment: Payment }
  | { readonly kind: 'waiting'; readonly payment: Payment }
  | { readonly kind: 'refused'; readonly payment: Payment }
  | { readonly kind: 'ask'; readonly ask: Ask };

/** Runs payments, each once at a time. */
export interface Payer {
  /** Runs a stored payment as far as it comes now; joins a run that is under way. */
  run(paymentId: string): Promise<Outcome>;
  /** Goes on with what a death left unfinished and is due; answers how many there are in all. */
  resume(): Promise<number>;
}

/** The row for the reader's yes; the caller stores it before anything is sent. */
export function intend(ports: WalletPorts, ask: Ask): Payment {
  return {
    id: encodeBase64url(ports.random(16)),
    ask,
    itemKey: itemKeyOf(ask.origin, ask.terms.item),
    atMs: ports.now(),
    state: 'intended',
    pending: 1,
    challenge: ask.challenge,
    attempts: 0,
    opened: false,
    dueMicros: ask.isFree ? MICROS_ZERO : undefined,
  };
}

/**
 * Opens what was asked for; a tab that the reader has taken elsewhere since is left alone. Answers
 * whether it did.
 */
export async function openFor(ports: WalletPorts, ask: Ask): Promise<boolean> {
  const { url, tabId, placement, pageUrl } = ask;
  const isThere = (await ports.addressOf(tabId)) === pageUrl;
  if (isThere) await ports.open({ url, tabId, placement });
  return isThere;
}

/**
 * Sends the page on its way. A death between the two lines opens it once more, which costs nothing:
 * a tab that went there is left alone. Only where a page sells itself nothing tells whether it did,
 * and what is used up at once would be for sale again: it is opened at most once.
 */
async function openPage(ports: WalletPorts, payment: Payment): Promise<Outcome> {
  const { url, pageUrl } = payment.ask;
  const opened = { opened: true, pending: 0 } as const;
  const isFirst = isUsedUp(payment) && url === pageUrl;
  if (isFirst) await amend(ports, payment, opened);
  const isLeft = !(await openFor(ports, payment.ask)) && isUsedUp(payment);
  const ended = isLeft ? ({ ...opened, ticket: 'left' } as const) : opened;
  return { kind: 'paid', payment: await amend(ports, payment, ended) };
}

/** What the seller sells under another name than its page said may be bought already. */
async function earlierFor(ports: WalletPorts, ask: Ask) {
  const nowMs = providerNow(ports, await requireAccount(ports));
  const itemKey = itemKeyOf(ask.origin, ask.terms.item);
  return paymentFor(ports.store.payments, { itemKey, at: ask }, nowMs);
}

/** Puts the question again, by what holds now. */
async function askAgain(ports: WalletPorts, former: Ask, terms: Terms): Promise<Outcome> {
  const { amountMicros } = former.terms;
  const again: Ask = {
    ...former,
    terms,
    id: encodeBase64url(ports.random(16)),
    formerMicros: amountMicros === terms.amountMicros ? undefined : amountMicros,
    atMs: ports.now(),
  };
  const earlier = await earlierFor(ports, again);
  if (!earlier) {
    const { reasons, isFree } = await judge(ports.store, await requireAccount(ports), again, ports);
    return { kind: 'ask', ask: await keepAsk(ports, { ...again, reasons, isFree }) };
  }
  if (!isKept(earlier)) return { kind: 'waiting', payment: earlier };
  await openFor(ports, again);
  return { kind: 'paid', payment: earlier };
}

/** Judges an answer by the rows as they are when it is stored. */
function book(ports: WalletPorts, { id }: Payment, heard: Heard): Promise<Settled> {
  return ports.store.transaction(async (tables) => {
    const payment = await tables.payments.get(id);
    const purse = await tables.purses.get(payment?.charge?.purse ?? '');
    if (!payment || !purse) throw new TypeError('A charge is signed by a purse that is stored');
    const settled = settle({ ...payment, triedAtMs: ports.now() }, purse, heard);
    await tables.payments.put(settled.payment);
    await tables.purses.put(settled.purse);
    const revived = settled.revivedId && (await tables.payments.get(settled.revivedId));
    if (revived && heard.accepted)
      await tables.payments.put(takeUp(revived, heard.accepted.claims.bnd));
    return settled;
  });
}

/** `known` in the place of what could not be had. */
function keep<T>(known: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof FarthingError) return known;
    throw error;
  };
}

/** The purse of a charge, with the newest certificate where the seller may not take the other. */
async function purseOf(ports: WalletPorts, { charge }: Payment): Promise<Purse> {
  const purse = await ports.store.purses.get(charge?.purse ?? '');
  if (!purse) throw new TypeError('A charge is signed by a purse that is stored');
  // Where there is none now, the seller says what it makes of this one.
  return purse.isStale ? renewCertificate(ports, purse).catch(keep(purse)) : purse;
}

/** Sends the stored charge once; answers what followed. */
async function sendOnce(ports: WalletPorts, payment: Payment): Promise<Settled> {
  const purse = await purseOf(ports, payment);
  const answer = await sendCharge(ports, payment, purse);
  const accepted = await acceptedBy(ports, purse, answer);
  const providerNowMs = providerNow(ports, await requireAccount(ports));
  return book(ports, payment, { answer, accepted, providerNowMs });
}

/** Sends the stored charge until something follows from the answer; undefined: sign anew. */
async function sendUntilSettled(
  ports: WalletPorts,
  sending: Payment,
): Promise<Outcome | undefined> {
  for (let current = sending; ; ) {
    const { payment, next, terms } = await sendOnce(ports, current);
    if (next === 'wait') return { kind: 'waiting', payment };
    if (next === 'open') return openPage(ports, payment);
    if (next === 'stop') return { kind: 'refused', payment };
    if (next === 'ask' && terms) return askAgain(ports, payment.ask, terms);
    if (next === 'sign') return undefined;
    current = payment;
  }
}

/** It costs something after all: the reader is asked, as if nothing had been said before. */
async function askPrice(ports: WalletPorts, { id, ask }: Payment): Promise<Outcome> {
  await ports.store.payments.remove(id);
  return askAgain(ports, ask, ask.terms);
}

/** Opens what a reached cap makes free; nothing is signed. */
async function openFree(ports: WalletPorts, payment: Payment, source: Payment): Promise<Outcome> {
  const { url, tabId } = payment.ask;
  try {
    await showFree(ports, source, { url, tabId });
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    if (isFreeNoMore(error)) return askPrice(ports, payment);
    return { kind: 'refused', payment: await refuse(ports, payment, error) };
  }
  const free: Payment = {
    ...payment,
    state: 'paid',
    dueMicros: MICROS_ZERO,
    freeBy: source.id,
    untilSec: readReceipt(source.receipt ?? '').claims.free,
  };
  await ports.store.payments.put(free);
  return openPage(ports, free);
}

/** An earlier charge has no answer: the reader is asked whether to pay beside it. */
async function askBeside(ports: WalletPorts, paymentId: string): Promise<Outcome> {
  const payment = await ports.store.payments.get(paymentId);
  if (!payment) throw new TypeError('A payment is stored before it is run');
  const { sellerName, terms } = payment.ask;
  await refuse(ports, payment, new FarthingError('seller_unreachable', sellerName));
  return askAgain(ports, payment.ask, terms);
}

/** SPEC 6.8: what was set aside has ended, and the provider says whether the charge was taken. */
async function endBySelf(ports: WalletPorts, payment: Payment): Promise<boolean> {
  const ended = await endedPurseOf(ports, payment);
  try {
    return ended !== undefined && (await settleEnd(ports, ended));
  } catch (error) {
    if (error instanceof FarthingError) return false;
    throw error;
  }
}

function endOf(payment: Payment): Outcome | undefined {
  if (payment.state === 'refused' || payment.state === 'taken') return { kind: 'refused', payment };
  if (payment.state === 'paid' && payment.opened) return { kind: 'paid', payment };
  return undefined;
}

/**
 * A press for what is used up at once, where an earlier one in the same tab was refused in words
 * and is accepted all the same: it is answered by that, and paid no second time.
 */
async function isAnsweredBy(ports: WalletPorts, payment: Payment, earlier: Outcome) {
  if (earlier.kind !== 'paid' || !isUsedUp(payment)) return false;
  const { ask, itemKey } = earlier.payment;
  const isSame = itemKey === payment.itemKey && ask.tabId === payment.ask.tabId;
  if (isSame) await ports.store.payments.remove(payment.id);
  return isSame;
}

/** One timer a payment, however often it is tried meanwhile: a seller that is down is spared. */
function createRetrier(ports: WalletPorts, run: (paymentId: string) => Promise<unknown>) {
  const waiting = new Set<string>();
  return async ({ id, attempts }: Payment): Promise<void> => {
    if (waiting.has(id)) return;
    waiting.add(id);
    await ports.wait(retryDelayMs(attempts));
    waiting.delete(id);
    await run(id);
  };
}

/**
 * Makes the runner. Signing is one at a time for each seller, by `queue`; a purse signs nothing
 * while its last charge has no answer, so that one message of it is in flight (SPEC 6.8).
 */
export function createPayer(ports: WalletPorts, queue: Queue, closer: Closer): Payer {
  const running = new Map<string, Promise<Outcome>>();
  const retryLater = createRetrier(ports, (id) => payer.run(id));

  /** The payment, signed or to be looked at anew; or how it ended. */
  async function signed(payment: Payment): Promise<Payment | Outcome> {
    const signing = await queue(payment.ask.terms.payto, () => signIntent(ports, payment.id));
    if (signing.kind === 'signed') return signing.payment;
    if (signing.kind === 'short') {
      await fetchBack(ports, closer, signing.payment);
      return payment;
    }
    if (signing.kind === 'bought') {
      await openFor(ports, signing.ask);
      return { kind: 'paid', payment: signing.payment };
    }
    if (signing.kind === 'free') return openFree(ports, signing.payment, signing.source);
    if (signing.kind === 'priced') return askPrice(ports, signing.payment);
    if (signing.kind !== 'behind') return { kind: signing.kind, payment: signing.payment };
    const earlier = await payer.run(signing.earlier.id);
    if (await isAnsweredBy(ports, payment, earlier)) return earlier;
    return earlier.kind === 'waiting' ? askBeside(ports, payment.id) : payment;
  }

  async function advance(paymentId: string): Promise<Outcome> {
    for (;;) {
      const payment = await ports.store.payments.get(paymentId);
      if (!payment) throw new TypeError('A payment is stored before it is run');
      const end = endOf(payment);
      if (end) return end;
      if (payment.state === 'paid') return openPage(ports, payment);
      if (payment.state === 'sending' && (await endBySelf(ports, payment))) continue;
      const ready = payment.state === 'sending' ? payment : await signed(payment);
      if ('kind' in ready) return ready;
      const outcome = ready.state === 'sending' && (await sendUntilSettled(ports, ready));
      if (outcome) return outcome;
    }
  }

  async function runToEnd(paymentId: string): Promise<Outcome> {
    const outcome = await advance(paymentId);
    ports.changed();
    if (outcome.kind === 'waiting') void retryLater(outcome.payment);
    if (outcome.kind === 'paid') {
      const { payto } = outcome.payment.ask.terms;
      void queue(payto, () => keepPurseReady(ports, outcome.payment)).catch(ignoreRefusal);
    }
    return outcome;
  }

  const payer: Payer = {
    run(paymentId) {
      const current = running.get(paymentId);
      if (current) return current;
      const run = runToEnd(paymentId).finally(() => running.delete(paymentId));
      running.set(paymentId, run);
      return run;
    },
    async resume() {
      const pending = await ports.store.payments.pending();
      const due = pending.filter((payment) => isDue(payment, ports.now()));
      for (const { id } of due) void payer.run(id);
      return pending.length;
    },
  };
  return payer;
}

/**
 * Sets more aside when the purse would not do for the same price again, so that the next click is
 * one request. Only what is small beside the balance; a failure is for the next payment to meet.
 */
async function keepPurseReady(ports: WalletPorts, { ask, charge }: Payment): Promise<void> {
  const account = await requireAccount(ports);
  const { payto, amountMicros: priceMicros } = ask.terms;
  const frozen = frozenBy(await ports.store.payments.pending());
  const need = { payto, priceMicros, frozen };
  const purses = await ports.store.purses.all();
  const purse = choosePurse(purses, need, account, providerNow(ports, account));
  if (purse?.state !== 'open' || purse.id !== charge?.purse) return;
  if (leftInPurse(purse) >= priceMicros) return;
  const extra = purseAmount(priceMicros, account.availableMicros);
  if (extra !== undefined && 4n * extra <= account.availableMicros)
    await purseFor(ports, { ...need, door: purse.door });
}

/** What keeps a purse ready may be refused: the next payment asks again and says so. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof FarthingError)) throw error;
}
