/**
 * Where money begins to be spent: the reader's yes, or a press inside the limits. The intent is
 * written in the one transaction that judges it, so that two tabs are one budget.
 */
import { FarthingError } from '../../protocol/errors.ts';
import { providerNow, requireAccount } from '../account/accounts.ts';
import { stateOf } from '../history/entries.ts';
import type { Tables, WalletPorts } from '../ports.ts';
import type { Ask, Payment } from '../rows.ts';
import { limitsAt, ruleAt, setRule } from '../sellers/sellers.ts';
import { ASK_LIFE_MS, isCurrent } from './asks.ts';
import { judge, paymentFor } from './consider.ts';
import { intend, type Outcome, openFor, type Payer } from './pay.ts';
import { ALLOWANCE } from './policy.ts';

/** The reader's answer to a question. */
export interface Yes {
  readonly askId: string;
  /** Whether the box *Next time, don't ask* was ticked. */
  readonly remember: boolean;
}

/** Why a payment begins: the reader said yes to this one, or said before not to be asked. */
export type Consent = 'asked' | 'unasked';

/**
 * Writes the intent, unless the item is bought or being bought (two yeses are one payment) or the
 * limits no longer let it be paid unasked (two tabs are one budget): then undefined.
 */
export async function writeIntent(
  ports: WalletPorts,
  ask: Ask,
  consent: Consent,
): Promise<Payment | undefined> {
  const account = await requireAccount(ports);
  const payment = intend(ports, ask);
  return ports.store.transaction(async (tables) => {
    const nowMs = providerNow(ports, account);
    const wanted = { itemKey: payment.itemKey, at: ask };
    const earlier = await paymentFor(tables.payments, wanted, nowMs);
    if (earlier) return earlier;
    const { mayPay, isFree } = await judge(tables, account, ask, ports);
    if (consent === 'unasked' && !mayPay) return undefined;
    // Its price was not judged: should it not be free by then, it is asked about.
    const isForNothing = consent === 'unasked' && isFree;
    const written = isForNothing ? intend(ports, { ...ask, isFree }) : payment;
    await tables.payments.put(written);
    await tables.asks.remove(ask.id);
    if (ask.reasons.includes('used-elsewhere')) await forgetUseElsewhere(tables, ask.terms.payto);
    return written;
  });
}

/** The reader was told that a purse was used elsewhere, and pays all the same. */
async function forgetUseElsewhere({ purses }: Tables, payto: string): Promise<void> {
  for (const purse of await purses.all())
    if (purse.payto === payto && purse.isUsedElsewhere)
      await purses.put({ ...purse, isUsedElsewhere: undefined });
}

async function requireAsk(ports: WalletPorts, askId: string): Promise<Ask> {
  const ask = await ports.store.asks.get(askId);
  if (!ask || !isCurrent(ports, ask, await ports.addressOf(ask.tabId)))
    throw new FarthingError('terms_changed', 'the page has moved on since; look again');
  return ask;
}

/**
 * The payment that began with this question: a yes is said again by a screen whose answer was lost.
 */
async function begunBy({ store, now }: WalletPorts, askId: string): Promise<Payment | undefined> {
  if (await store.asks.get(askId)) return undefined;
  const recent = await store.payments.since(now() - ASK_LIFE_MS);
  return recent.find(({ ask }) => ask.id === askId);
}

/** The yes to `ask`, which another tab's yes may have answered before. */
async function runYes(ports: WalletPorts, payer: Payer, ask: Ask): Promise<Outcome> {
  const payment = await writeIntent(ports, ask, 'asked');
  if (!payment) throw new TypeError('A yes is always written');
  const outcome = await payer.run(payment.id);
  if (outcome.kind === 'paid' && payment.ask.id !== ask.id) await openFor(ports, ask);
  return outcome;
}

/** The box *Next time, don't ask*: within the limits that it shows. */
async function letPay(ports: WalletPorts, { url, terms: { payto } }: Ask): Promise<void> {
  const { host } = new URL(url);
  const limits = limitsAt(await ports.store.sellers.get(payto), host) ?? ALLOWANCE;
  await setRule(ports, payto, { host, rule: { kind: 'one-click', ...limits } });
}

/** Runs a yes. @throws FarthingError `terms_changed` where the question is not there any more */
export async function answerYes(
  ports: WalletPorts,
  payer: Payer,
  { askId, remember }: Yes,
): Promise<Outcome> {
  const begun = await begunBy(ports, askId);
  if (begun) return payer.run(begun.id);
  const ask = await requireAsk(ports, askId);
  if (remember) await letPay(ports, ask);
  return runYes(ports, payer, ask);
}

/**
 * What a purchase is followed by: the next click pays there. Limits that the reader set are kept.
 * @throws FarthingError `seller_unknown`
 */
export async function payByClick(ports: WalletPorts, paymentId: string): Promise<void> {
  const payment = await ports.store.payments.get(paymentId);
  if (!payment) throw new TypeError('It is not in the history');
  const { url, terms } = payment.ask;
  const { host } = new URL(url);
  const known = ruleAt(await ports.store.sellers.get(terms.payto), host);
  if (known.kind !== 'one-click') await letPay(ports, payment.ask);
}

/** What a click could pay at a site from now on, by what was bought there. */
export interface ClickOffer {
  readonly paymentId: string;
  readonly item: string;
  readonly day: string;
  readonly currency: string;
}

/** Undefined where nothing was bought at `host`, or whose seller is blocked there. */
export async function clickOffer(
  { store }: WalletPorts,
  host: string,
): Promise<ClickOffer | undefined> {
  const isHere = (address: string) => new URL(address).host === host;
  const isBought = (payment: Payment) => stateOf(payment) === 'paid' && isHere(payment.ask.url);
  for (const seller of await store.sellers.all()) {
    // Most sites sell nothing: what was bought is not looked through for them.
    if (!seller.record.origins.some(isHere) || ruleAt(seller, host).kind === 'block') continue;
    const payment = await store.payments.oneAt(seller.payto, isBought);
    if (!payment) continue;
    const { itemMicros, dayMicros } = limitsAt(seller, host) ?? ALLOWANCE;
    const { currency } = payment.ask.terms;
    return { paymentId: payment.id, item: `${itemMicros}`, day: `${dayMicros}`, currency };
  }
  return undefined;
}
