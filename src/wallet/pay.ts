/**
 * Runs payments: carries out what the state machine says, one step at a time, each stored before
 * the next. It can die on any line; `Wallet.resume` goes on from what is stored.
 */
import { encodeBase64url } from '../protocol/base64url.ts';
import { buildChallenge } from '../protocol/challenge.ts';
import { bindingOf, type Opening, signCharge } from '../protocol/charge.ts';
import { FarthingError } from '../protocol/errors.ts';
import { addMicros } from '../protocol/money.ts';
import { encodeTerms, type Terms } from '../protocol/terms.ts';
import { providerNow, requireAccount } from './accounts.ts';
import { keepAsk } from './asks.ts';
import { paymentFor } from './consider.ts';
import { type Next, retryDelayMs, settle } from './payment.ts';
import type { WalletPorts } from './ports.ts';
import { currentPurse, leftInPurse, purseAmount, purseFor } from './purses.ts';
import { createQueue, type Queue } from './queue.ts';
import { type Ask, itemKeyOf, type Payment, type Purse, type SignedCharge } from './rows.ts';
import { sendCharge } from './seller.ts';

/**
 * A yes that could not even be signed for this long is taken as withdrawn: nobody is charged when a
 * laptop is opened the next day.
 */
const INTENT_LIFE_MS = 120_000;

/** How a payment stands after a run. */
export type Outcome =
  | { readonly kind: 'paid'; readonly payment: Payment }
  | { readonly kind: 'waiting'; readonly payment: Payment }
  | { readonly kind: 'refused'; readonly payment: Payment }
  | { readonly kind: 'ask'; readonly ask: Ask };

/** Runs payments one at a time per seller. */
export interface Payer {
  /** Runs a stored payment as far as it comes now; joins a run that is under way. */
  run(paymentId: string): Promise<Outcome>;
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
  };
}

async function challengeFor(ports: WalletPorts, { ask, challenge }: Payment) {
  const request = encodeTerms(ask.terms);
  if (challenge?.request === request) return challenge;
  return buildChallenge({
    realm: new URL(ask.url).hostname,
    request,
    expires: ask.expires,
    nonce: ports.random(16),
  });
}

/** Signs the next charge of `purse`; stored with the payment before anything is sent (SPEC 6.8). */
async function sign(ports: WalletPorts, payment: Payment, purse: Purse): Promise<Payment> {
  const challenge = await challengeFor(ports, payment);
  const opening: Opening = {
    jti: payment.id,
    amt: payment.ask.terms.amountMicros,
    realm: challenge.realm,
    request: challenge.request,
    iat: Math.floor(ports.now() / 1000),
  };
  const sealed = { opening, salt: encodeBase64url(ports.random(32)) };
  const binding = await bindingOf(sealed);
  const seq = purse.seq + 1;
  const totalMicros = addMicros(purse.totalMicros, opening.amt);
  const token = await signCharge(
    { pur: purse.id, aud: purse.payto, cur: purse.currency, seq, tot: totalMicros, bnd: binding },
    purse.key.privateKey,
  );
  const charge: SignedCharge = { ...sealed, purse: purse.id, seq, totalMicros, binding, token };
  const signed: Payment = { ...payment, challenge, state: 'sending', charge };
  await ports.store.payments.put(signed);
  return signed;
}

/**
 * The payment of this seller whose outcome is unknown: until it is known, its purse signs no other.
 */
async function unresolvedBefore(
  ports: WalletPorts,
  payment: Payment,
): Promise<Payment | undefined> {
  const pending = await ports.store.payments.pending();
  return pending.find(
    ({ id, state, ask }) =>
      state === 'sending' && id !== payment.id && ask.terms.payto === payment.ask.terms.payto,
  );
}

async function refuse(
  ports: WalletPorts,
  payment: Payment,
  error: FarthingError,
): Promise<Outcome> {
  const { code, detail } = error;
  const refused: Payment = { ...payment, state: 'refused', pending: 0, refusal: { code, detail } };
  await ports.store.payments.put(refused);
  return { kind: 'refused', payment: refused };
}

/** Gets the purse and signs; or says why not yet, or why not at all. */
async function signIntent(ports: WalletPorts, payment: Payment): Promise<Payment | Outcome> {
  const { payto, amountMicros } = payment.ask.terms;
  if (Math.abs(ports.now() - payment.atMs) > INTENT_LIFE_MS)
    return refuse(ports, payment, new FarthingError('challenge_expired', 'the yes is too old'));
  try {
    return await sign(ports, payment, await purseFor(ports, payto, amountMicros));
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    if (error.code !== 'provider_unreachable') return refuse(ports, payment, error);
    const tried = { ...payment, attempts: payment.attempts + 1 };
    await ports.store.payments.put(tried);
    return { kind: 'waiting', payment: tried };
  }
}

/** Opens what was asked for; a tab that the reader has taken elsewhere since is left alone. */
export async function openFor(ports: WalletPorts, ask: Ask): Promise<void> {
  const { url, tabId, placement, pageUrl } = ask;
  if ((await ports.addressOf(tabId)) === pageUrl) await ports.open({ url, tabId, placement });
}

/**
 * Sends the page on its way. A death between the two lines opens it once more, which costs nothing.
 */
async function openPage(ports: WalletPorts, payment: Payment): Promise<Outcome> {
  await openFor(ports, payment.ask);
  const opened: Payment = { ...payment, opened: true, pending: 0 };
  await ports.store.payments.put(opened);
  return { kind: 'paid', payment: opened };
}

/** What the seller sells under another name than its page said may be bought already. */
async function earlierFor(ports: WalletPorts, { origin, terms }: Ask) {
  const nowMs = providerNow(ports, await requireAccount(ports));
  return paymentFor(ports.store.payments, itemKeyOf(origin, terms.item), nowMs);
}

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
  if (!earlier) return { kind: 'ask', ask: await keepAsk(ports, again) };
  if (earlier.state !== 'paid') return { kind: 'waiting', payment: earlier };
  await openFor(ports, again);
  return { kind: 'paid', payment: earlier };
}

/** Sends the stored charge until something follows from the answer; undefined: sign anew. */
async function sendUntilSettled(
  ports: WalletPorts,
  sending: Payment,
): Promise<Outcome | undefined> {
  for (let payment = sending, next: Next = 'send'; next === 'send'; ) {
    const purse = await ports.store.purses.get(payment.charge?.purse ?? '');
    if (!purse) throw new TypeError('A charge is signed by a purse that is stored');
    const answer = await sendCharge(ports, payment, purse);
    const providerNowMs = providerNow(ports, await requireAccount(ports));
    const settled = settle(payment, purse, { answer, providerNowMs });
    await ports.store.transaction(async (tables) => {
      await tables.payments.put(settled.payment);
      await tables.purses.put(settled.purse);
    });
    ({ payment, next } = settled);
    if (next === 'wait') return { kind: 'waiting', payment };
    if (next === 'open') return openPage(ports, payment);
    if (next === 'stop') return { kind: 'refused', payment };
    if (next === 'ask' && settled.terms) return askAgain(ports, payment.ask, settled.terms);
  }
  return undefined;
}

async function advance(ports: WalletPorts, paymentId: string): Promise<Outcome> {
  for (;;) {
    const payment = await ports.store.payments.get(paymentId);
    if (!payment) throw new TypeError('A payment is stored before it is run');
    if (payment.state === 'refused') return { kind: 'refused', payment };
    if (payment.state === 'paid')
      return payment.opened ? { kind: 'paid', payment } : openPage(ports, payment);
    const before = payment.state === 'intended' && (await unresolvedBefore(ports, payment));
    if (before) {
      const outcome = await sendUntilSettled(ports, before);
      if (outcome?.kind === 'waiting') return { kind: 'waiting', payment };
      continue;
    }
    const signed = payment.state === 'sending' ? payment : await signIntent(ports, payment);
    if ('kind' in signed) return signed;
    const outcome = await sendUntilSettled(ports, signed);
    if (outcome) return outcome;
  }
}

/**
 * Sets more aside when the purse would not do for the same price again, so that the next click is
 * one request. Only what is small beside the balance; a failure is for the next payment to meet.
 */
async function keepPurseReady(ports: WalletPorts, { ask }: Payment): Promise<void> {
  const account = await requireAccount(ports);
  const { payto, amountMicros } = ask.terms;
  const purse = await currentPurse(ports, account, payto);
  if (purse?.state !== 'open' || leftInPurse(purse) >= amountMicros) return;
  const extra = purseAmount(amountMicros, account.availableMicros);
  if (extra !== undefined && 4n * extra <= account.availableMicros)
    await purseFor(ports, payto, amountMicros);
}

/**
 * Makes the runner. Payments of one seller run one after the other, of many sellers side by side.
 */
export function createPayer(ports: WalletPorts): Payer {
  const queue: Queue = createQueue();
  const running = new Map<string, Promise<Outcome>>();
  const waiting = new Set<string>();

  /** One timer a payment, however often it is tried meanwhile: a seller that is down is spared. */
  async function retryLater({ id, attempts }: Payment): Promise<void> {
    if (waiting.has(id)) return;
    waiting.add(id);
    await ports.wait(retryDelayMs(attempts));
    waiting.delete(id);
    await payer.run(id);
  }

  async function runQueued(paymentId: string): Promise<Outcome> {
    const stored = await ports.store.payments.get(paymentId);
    const payto = stored?.ask.terms.payto ?? paymentId;
    const outcome = await queue(payto, () => advance(ports, paymentId));
    ports.changed();
    if (outcome.kind === 'waiting') void retryLater(outcome.payment);
    if (outcome.kind === 'paid')
      void queue(payto, () => keepPurseReady(ports, outcome.payment)).catch(ignoreRefusal);
    return outcome;
  }

  const payer: Payer = {
    run(paymentId) {
      const current = running.get(paymentId);
      if (current) return current;
      const run = runQueued(paymentId).finally(() => running.delete(paymentId));
      running.set(paymentId, run);
      return run;
    },
  };
  return payer;
}

/** What keeps a purse ready may be refused: the next payment asks again and says so. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof FarthingError)) throw error;
}
