/** The wallet: everything that the extension's screens and pages may ask of it. */
import { FarthingError } from '../protocol/errors.ts';
import { micros, microsMember } from '../protocol/money.ts';
import {
  meetProvider,
  openAccount,
  providerAddress,
  providerNow,
  refreshBalance,
  requireAccount,
  setDailyLimit,
  topUp,
} from './accounts.ts';
import { ASK_LIFE_MS, dropAsks, isCurrent, keepAsk } from './asks.ts';
import { consider, type Decision, judge, paymentFor } from './consider.ts';
import { createPayer, intend, type Outcome, openFor, type Payer } from './pay.ts';
import { ALLOWANCE_DAY_MICROS, ALLOWANCE_ITEM_MICROS } from './policy.ts';
import type { Tables, WalletPorts } from './ports.ts';
import type { ProviderView } from './provider.ts';
import { createQueue } from './queue.ts';
import { renewPass } from './reopen.ts';
import type { Ask, PagePress, Payment, Rule } from './rows.ts';
import { setRule } from './sellers.ts';
import { type RuleView, readRule, type SellerView, sellerViews } from './sellerview.ts';
import { createUndoer } from './undo.ts';
import {
  type OutcomeView,
  outcomeView,
  recentInTab,
  type TabView,
  tabView,
  type WalletView,
  walletView,
} from './view.ts';

/** The reader's answer to a question. */
export interface Yes {
  readonly askId: string;
  /** Whether the box *Next time, don't ask* was ticked. */
  readonly remember: boolean;
}

export interface Wallet {
  /** Whether there is an open account. */
  isOpen(): Promise<boolean>;
  /**
   * What a provider says of itself. @throws FarthingError `provider_unreachable`, `payto_malformed`
   */
  meet(provider: string): Promise<ProviderView>;
  /**
   * Opens an account at a provider. @throws FarthingError `provider_unreachable`, `payto_malformed`
   */
  open(provider: string): Promise<void>;
  view(): Promise<WalletView>;
  /** Asks the provider for the balance. @throws FarthingError `provider_unreachable` */
  refresh(): Promise<void>;
  /** @throws FarthingError `provider_unreachable`, `topup_refused` */
  topUp(amount: string): Promise<void>;
  /** A trusted press on a fee link: pays inside the limits, else answers what to ask or say. */
  press(press: PagePress): Promise<Decision | Outcome>;
  /** What a page sells; remembers the question until it is answered. */
  offer(press: PagePress): Promise<TabView | undefined>;
  /** What a press left open in a tab: a question, or a payment that is not over or ended badly. */
  openIn(tabId: number): Promise<TabView | undefined>;
  /**
   * The reader's yes. @throws FarthingError `terms_changed` when the question is not there any more
   */
  pay(yes: Yes): Promise<Outcome>;
  /** The reader's no, or the tab went elsewhere. */
  dismiss(tabId: number): Promise<void>;
  /** Sends an unresolved payment again now. */
  retry(paymentId: string): Promise<Outcome>;
  /**
   * Opens something already bought in a tab where its pass is lost: its receipt is shown.
   * @throws FarthingError the seller's code, or `seller_unreachable`
   */
  reopen(about: { paymentId: string; tabId: number | undefined }): Promise<Outcome>;
  /**
   * Takes a purchase back while its seller allows that.
   * @throws FarthingError `undo_over`, `undo_quota`, the seller's code; `seller_unreachable` or
   *   `provider_unreachable` where it is tried again
   */
  undo(paymentId: string): Promise<void>;
  /** The sellers that this wallet knows, by name. */
  sellers(): Promise<SellerView[]>;
  /**
   * Says what a seller may do at a host: ask, be paid by one click, or nothing.
   * @throws FarthingError `seller_unknown`; `payload_malformed` for an amount that is none
   */
  setRule(change: RuleChange): Promise<void>;
  /** The reader's limit over all sellers for a day. @throws FarthingError `payload_malformed` */
  setDailyLimit(amount: string): Promise<void>;
  /** An outcome as screens show it. */
  show(outcome: Outcome): Promise<OutcomeView>;
  /** Goes on with everything that a death left unfinished; answers how many there are. */
  resume(): Promise<number>;
}

/** A rule for one payto at one host. */
export interface RuleChange {
  readonly payto: string;
  readonly host: string;
  readonly rule: RuleView;
}

/** Why a payment begins: the reader said yes to this one, or said before not to be asked. */
type Consent = 'asked' | 'unasked';

/**
 * Writes the intent, unless the item is bought or being bought (two yeses are one payment) or the
 * limits no longer let it be paid unasked (two tabs are one budget): then undefined.
 */
async function writeIntent(
  ports: WalletPorts,
  ask: Ask,
  consent: Consent,
): Promise<Payment | undefined> {
  const account = await requireAccount(ports);
  const payment = intend(ports, ask);
  return ports.store.transaction(async (tables) => {
    const nowMs = providerNow(ports, account);
    const earlier = await paymentFor(tables.payments, payment.itemKey, nowMs);
    if (earlier) return earlier;
    const { mayPay } = await judge(tables, account, ask, ports);
    if (consent === 'unasked' && !mayPay) return undefined;
    await tables.payments.put(payment);
    await tables.asks.remove(ask.id);
    if (ask.reasons.includes('used-elsewhere')) await forgetUseElsewhere(tables, ask.terms.payto);
    return payment;
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

async function openIn(ports: WalletPorts, tabId: number): Promise<TabView | undefined> {
  const pageUrl = await ports.addressOf(tabId);
  const asks = await ports.store.asks.all();
  const ask = asks.find((it) => it.tabId === tabId && isCurrent(ports, it, pageUrl));
  if (!ask) return recentInTab(ports, tabId, pageUrl);
  return tabView(ports, await requireAccount(ports), { kind: 'ask', ask });
}

/** Stores the question that a decision comes to, where it comes to one. */
async function keep(ports: WalletPorts, decision: Decision): Promise<Decision> {
  if (decision.kind !== 'ask' && decision.kind !== 'pay') return decision;
  return { kind: 'ask', ask: await keepAsk(ports, decision.ask) };
}

/** What may no longer be paid unasked is asked about, with what speaks against it now. */
async function askInstead(ports: WalletPorts, decision: Decision): Promise<Decision> {
  if (decision.kind !== 'pay') return decision;
  const { ask } = decision;
  const { reasons } = await judge(ports.store, await requireAccount(ports), ask, ports);
  return { kind: 'ask', ask: { ...ask, reasons } };
}

/** The yes to `ask`, which another tab's yes may have answered before. */
async function runYes(ports: WalletPorts, payer: Payer, ask: Ask): Promise<Outcome> {
  const payment = await writeIntent(ports, ask, 'asked');
  if (!payment) throw new TypeError('A payment that was asked for is always written');
  const outcome = await payer.run(payment.id);
  if (outcome.kind === 'paid' && payment.ask.id !== ask.id) await openFor(ports, ask);
  return outcome;
}

/** The box *Next time, don't ask*. */
const REMEMBERED: Rule = {
  kind: 'one-click',
  itemMicros: ALLOWANCE_ITEM_MICROS,
  dayMicros: ALLOWANCE_DAY_MICROS,
};

async function reopen(
  ports: WalletPorts,
  { paymentId, tabId }: { paymentId: string; tabId: number | undefined },
): Promise<Outcome> {
  const payment = await ports.store.payments.get(paymentId);
  if (!payment) throw new TypeError('Only what is in the history is reopened');
  await renewPass(ports, payment);
  const { url, tabId: firstTabId } = payment.ask;
  await ports.open({ url, tabId: tabId ?? firstTabId, placement: 'same-tab' });
  return { kind: 'paid', payment };
}

/** Makes a wallet on `ports`. */
export function createWallet(ports: WalletPorts): Wallet {
  const queue = createQueue();
  const payer = createPayer(ports, queue);
  const undoer = createUndoer(ports);

  /** An older question in the tab gives way to what became of a newer press. */
  async function runPress(press: PagePress, payment: Payment): Promise<Decision | Outcome> {
    const outcome = await payer.run(payment.id);
    if (outcome.kind === 'waiting' || outcome.kind === 'refused')
      await dropAsks(ports, payment.ask.tabId);
    const isElsewhere = payment.ask.tabId !== press.tabId || payment.ask.pageUrl !== press.pageUrl;
    // What another page's press has bought was opened there: this page follows its own link.
    if (outcome.kind === 'paid' && isElsewhere) return { kind: 'owned', payment: outcome.payment };
    return outcome;
  }

  return {
    isOpen: async () => (await ports.store.account.get('account'))?.state === 'open',
    meet: (provider) => meetProvider(ports, providerAddress(provider)),
    async open(provider) {
      await openAccount(ports, providerAddress(provider));
    },
    view: async () => walletView(ports, await requireAccount(ports)),
    async refresh() {
      await undoer.look();
      await refreshBalance(ports);
    },
    topUp: (amount) => topUp(ports, micros(BigInt(amount))),
    async press(press) {
      const decision = await consider(ports, press);
      if (decision.kind === 'waiting') return runPress(press, decision.payment);
      if (decision.kind === 'pay') {
        const payment = await writeIntent(ports, decision.ask, 'unasked');
        if (payment) return runPress(press, payment);
      }
      const kept = await keep(ports, await askInstead(ports, decision));
      ports.changed();
      return kept;
    },
    async offer(press) {
      const decision = await keep(ports, await consider(ports, press));
      return tabView(ports, await requireAccount(ports), decision);
    },
    openIn: (tabId) => openIn(ports, tabId),
    async pay({ askId, remember }) {
      const begun = await begunBy(ports, askId);
      if (begun) return payer.run(begun.id);
      const ask = await requireAsk(ports, askId);
      const { host } = new URL(ask.url);
      if (remember) await setRule(ports, ask.terms.payto, { host, rule: REMEMBERED });
      return runYes(ports, payer, ask);
    },
    dismiss: (tabId) => dropAsks(ports, tabId),
    retry: (paymentId) => payer.run(paymentId),
    reopen: (about) => reopen(ports, about),
    async undo(paymentId) {
      await undoer.run(paymentId);
    },
    sellers: async () => sellerViews(ports, await requireAccount(ports)),
    setRule: ({ payto, host, rule }) => setRule(ports, payto, { host, rule: readRule(rule) }),
    setDailyLimit: (amount) => setDailyLimit(ports, microsMember(amount)),
    show: async (outcome) => outcomeView(ports, await requireAccount(ports), outcome),
    async resume() {
      return (await payer.resume()) + (await undoer.resume());
    },
  };
}
