/**
 * What the screens show, as plain data for the messages between contexts: amounts are canonical
 * decimals in micros (SPEC 1.2), times milliseconds. Reading only.
 */
import type { ErrorCode } from '../protocol/errors.ts';
import { addMicros } from '../protocol/money.ts';
import { openedAccount, providerNow } from './account/accounts.ts';
import { isAtStake } from './account/devices.ts';
import { readKeep } from './account/keeps.ts';
import { type TopUpView, topUpView } from './account/topups.ts';
import { returnableMicros, type WithdrawalView, withdrawalView } from './account/withdrawals.ts';
import { lastMonths } from './history/search.ts';
import type { Decision } from './payment/consider.ts';
import { payableMicros } from './payment/dues.ts';
import type { Outcome } from './payment/pay.ts';
import { ALLOWANCE, dayOf, overDayMicros, spentMicros } from './payment/policy.ts';
import type { Tables, WalletPorts } from './ports.ts';
import { asideMicros, atRiskMicros, frozenBy, shortMicros } from './purses/purses.ts';
import type { Account, Ask, AskReason, Payment, Purse } from './rows.ts';
import { limitsAt, ruleAt } from './sellers/sellers.ts';
import { type UndoneView, undoneView } from './undo/undone.ts';
import { undoUntilSec } from './undo/undowindow.ts';

export interface PaymentView extends UndoneView {
  readonly id: string;
  readonly title: string;
  readonly sellerName: string;
  readonly host: string;
  readonly url: string;
  readonly amount: string;
  readonly currency: string;
  readonly state: Payment['state'];
  /** Free under a cap that was reached before. */
  readonly isFree: boolean;
  readonly atMs: number;
  readonly refusal: ErrorCode | undefined;
  /** Until when it can be undone, by this machine's clock; undefined where it cannot be. */
  readonly undoUntilMs: number | undefined;
  /** What is set aside elsewhere is being fetched back for it. */
  readonly fetching:
    | { readonly amount: string; readonly sellerNames: readonly string[] }
    | undefined;
  /** What sellers did not give back in time for it, and when it is back at the latest. */
  readonly missed: readonly MissedView[];
  /** Why an undo was refused. */
  readonly undoRefusal: ErrorCode | undefined;
}

/** Money that is still set aside at a seller which did not answer. */
export interface MissedView {
  readonly sellerName: string;
  readonly amount: string;
  readonly backByMs: number;
}

export interface AskView {
  readonly kind: 'ask';
  readonly id: string;
  readonly sellerName: string;
  readonly host: string;
  readonly isFirstTime: boolean;
  readonly title: string;
  readonly amount: string;
  readonly currency: string;
  readonly former: string | undefined;
  readonly durationSec: number;
  readonly refundSec: number;
  /** Nobody pays more than `amount` in each period here. */
  readonly cap: { readonly amount: string; readonly periodSec: number } | undefined;
  /** The cap is reached: it costs nothing now. */
  readonly isFree: boolean;
  /** What is missing; undefined when there is enough. */
  readonly short: string | undefined;
  /** By how much it goes over the limit for the day; undefined where it stays within. */
  readonly overDay: string | undefined;
  /** Why it asks; with none of them the reader's own rule here is to ask. */
  readonly reasons: readonly AskReason[];
  /**
   * The box *Next time, don't ask*; undefined when this seller has a rule already, the item is
   * dearer, or it cannot be undone.
   */
  readonly allowance: { readonly item: string; readonly day: string } | undefined;
}

/** What the tab is about, if anything. */
export type TabView =
  | AskView
  | { readonly kind: 'owned' | 'waiting' | 'refused'; readonly payment: PaymentView }
  | { readonly kind: 'unpayable'; readonly code: ErrorCode; readonly detail: string };

export interface WalletView {
  readonly providerHost: string;
  readonly sandbox: boolean;
  readonly currency: string;
  /** Available and set aside together: *yours to spend*. */
  readonly yours: string;
  readonly aside: string;
  readonly asideSellers: number;
  /** Of what is set aside: charges that were refused or have no answer, and could be taken yet. */
  readonly atRisk: string;
  readonly spentToday: string;
  readonly dailyLimit: string;
  readonly latest: readonly PaymentView[];
  /** `2026-10`, the month before this one; undefined where nothing was bought in it. */
  readonly lastMonth: string | undefined;
  /** A card that is waited for, or what became of it. */
  readonly topUp?: TopUpView | undefined;
  /** What can be sent back to cards. */
  readonly returnable: string;
  /** What is on its way there, or arrived lately. */
  readonly withdrawal?: WithdrawalView | undefined;
  /** Nothing brings the account back if this device is lost, and it holds the reader's money. */
  readonly isAtStake: boolean;
  /** Its end is wished for and not answered. */
  readonly isLeaving?: boolean;
}

/** The popup shows the last five. */
const LATEST_COUNT = 5;

/**
 * @param clockOffsetMs what the provider's clock is ahead of ours
 * @param purses where something that was undone may be among what is shown
 */
function paymentView(
  payment: Payment,
  clockOffsetMs: number,
  purses: readonly Purse[] = [],
): PaymentView {
  const untilSec = undoUntilSec(payment);
  const { ask, id, state, atMs, refusal, fetching, missed = [] } = payment;
  return {
    id,
    title: ask.title,
    sellerName: ask.sellerName,
    host: new URL(ask.url).host,
    url: ask.url,
    amount: payableMicros(payment).toString(),
    currency: ask.terms.currency,
    state,
    isFree: payment.freeBy !== undefined,
    atMs,
    refusal: refusal?.code,
    undoUntilMs: untilSec === undefined ? undefined : untilSec * 1000 - clockOffsetMs,
    fetching: fetching && {
      amount: fetching.amountMicros.toString(),
      sellerNames: fetching.sellerNames,
    },
    missed: missed.map(({ sellerName, amountMicros, backBySec }) => ({
      sellerName,
      amount: amountMicros.toString(),
      backByMs: backBySec * 1000 - clockOffsetMs,
    })),
    ...undoneView(payment, purses, clockOffsetMs),
    undoRefusal: payment.undo?.refusal?.code,
  };
}

function paymentsToday({ payments }: Tables, nowMs: number): Promise<Payment[]> {
  const { fromMs, untilMs } = dayOf(nowMs);
  return payments.since(fromMs, untilMs);
}

async function lastMonth({ store, now }: WalletPorts): Promise<string | undefined> {
  const [month = ''] = lastMonths(now(), 2);
  return (await store.months.within(month, month))[0]?.period;
}

/** What moves money books it at all its places at once: all of them are read at one moment. */
function readMoney({ store, now }: WalletPorts) {
  return store.transaction((tables) =>
    Promise.all([
      tables.account.get('account'),
      tables.purses.all(),
      tables.payments.pending(),
      tables.payments.latest(LATEST_COUNT),
      paymentsToday(tables, now()),
    ]),
  );
}

/**
 * Balance, today's spending and the last payments.
 * @throws FarthingError `wallet_absent`
 */
export async function walletView(ports: WalletPorts): Promise<WalletView> {
  const [[known, purses, pending, latest, today], former] = await Promise.all([
    readMoney(ports),
    lastMonth(ports),
  ]);
  const account = openedAccount(known);
  const providerNowMs = providerNow(ports, account);
  const aside = asideMicros(purses, providerNowMs);
  const holding = purses.filter((purse) => asideMicros([purse], providerNowMs) > 0n);
  return {
    providerHost: new URL(account.provider).host,
    sandbox: account.sandbox,
    currency: account.currency,
    yours: addMicros(account.availableMicros, aside).toString(),
    aside: aside.toString(),
    atRisk: atRiskMicros(purses, pending, providerNowMs).toString(),
    asideSellers: new Set(holding.map(({ payto }) => payto)).size,
    spentToday: spentMicros(today, account.currency).toString(),
    dailyLimit: account.dailyLimitMicros.toString(),
    latest: latest.map((payment) => paymentView(payment, account.clockOffsetMs, purses)),
    lastMonth: former,
    topUp: topUpView(account),
    returnable: `${returnableMicros(account)}`,
    withdrawal: withdrawalView(account, ports.now()),
    isAtStake: await isAtStake(ports, account),
    isLeaving: (await readKeep(ports.store, 'leaving')) !== undefined,
  };
}

async function askView(ports: WalletPorts, account: Account, ask: Ask): Promise<AskView> {
  const { amountMicros, payto, currency, durationSec, refundSec, cap } = ask.terms;
  const isFree = ask.isFree === true;
  const [seller, purses, today] = await Promise.all([
    ports.store.sellers.get(payto),
    ports.store.purses.all(),
    paymentsToday(ports.store, ports.now()),
  ]);
  const host = new URL(ask.url).host;
  const { itemMicros, dayMicros } = limitsAt(seller, host) ?? ALLOWANCE;
  const isRuled = ruleAt(seller, host).kind !== 'ask';
  const frozen = frozenBy(await ports.store.payments.pending());
  const at = { payto, frozen, providerNowMs: providerNow(ports, account) };
  const short = isFree
    ? undefined
    : shortMicros(account, purses, { ...at, priceMicros: amountMicros });
  const overMicros = overDayMicros(account, today, amountMicros);
  return {
    kind: 'ask',
    id: ask.id,
    sellerName: ask.sellerName,
    host,
    isFirstTime: ask.reasons.includes('first-time'),
    title: ask.title,
    amount: amountMicros.toString(),
    currency,
    former: ask.formerMicros?.toString(),
    durationSec,
    refundSec,
    cap: cap && { amount: cap.amountMicros.toString(), periodSec: cap.periodSec },
    isFree,
    short: short?.toString(),
    overDay: isFree || overMicros <= 0n ? undefined : `${overMicros}`,
    reasons: ask.reasons,
    allowance:
      isFree || isRuled || refundSec === 0 || amountMicros > itemMicros
        ? undefined
        : { item: `${itemMicros}`, day: `${dayMicros}` },
  };
}

/** A refusal is shown in its tab for this long. */
const REFUSAL_SHOWN_MS = 120_000;

/** What happened in a tab just now and is not over, or ended badly. */
export async function recentInTab(
  ports: WalletPorts,
  tabId: number,
  pageUrl: string,
): Promise<TabView | undefined> {
  const nowMs = ports.now();
  const { payments } = ports.store;
  const recent = await payments.since(nowMs - REFUSAL_SHOWN_MS, nowMs + REFUSAL_SHOWN_MS);
  const last = recent
    .filter(({ ask }) => ask.tabId === tabId && ask.pageUrl === pageUrl)
    .sort((a, b) => b.atMs - a.atMs)[0];
  if (!last || last.state === 'paid') return undefined;
  const isOpen = last.state === 'intended' || last.state === 'sending';
  return { kind: isOpen ? 'waiting' : 'refused', payment: paymentView(last, 0) };
}

/** How a payment went, for the screen that asked. */
export type OutcomeView =
  | { readonly kind: 'paid' | 'waiting' | 'refused'; readonly payment: PaymentView }
  | { readonly kind: 'ask'; readonly tab: TabView };

export async function outcomeView(
  ports: WalletPorts,
  account: Account,
  outcome: Outcome,
): Promise<OutcomeView> {
  if (outcome.kind === 'ask')
    return { kind: 'ask', tab: await askView(ports, account, outcome.ask) };
  return { kind: outcome.kind, payment: paymentView(outcome.payment, account.clockOffsetMs) };
}

/** A decision as the popup shows it; undefined where there is nothing to show. */
export async function tabView(
  ports: WalletPorts,
  account: Account,
  decision: Decision,
): Promise<TabView | undefined> {
  switch (decision.kind) {
    case 'ask':
    case 'pay':
      return askView(ports, account, decision.ask);
    case 'owned':
    case 'waiting':
      return { kind: decision.kind, payment: paymentView(decision.payment, account.clockOffsetMs) };
    case 'unpayable':
      return decision;
    case 'elsewhere':
      return undefined;
  }
}
