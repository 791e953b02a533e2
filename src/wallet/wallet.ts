/** The wallet: everything that the extension's screens and pages may ask of it. */
import { micros, microsMember } from '../protocol/money.ts';
import {
  meetProvider,
  openAccount,
  providerAddress,
  refreshBalance,
  requireAccount,
  setDailyLimit,
} from './account/accounts.ts';
import { createKeeper } from './account/keeper.ts';
import { copyingAfter, createKeeping, type Keeping } from './account/keeping.ts';
import { foreseeLeaving, type LeavingView } from './account/leaving.ts';
import { followMoney } from './account/moving.ts';
import type { ProviderView } from './account/provider.ts';
import { leaveTopUp, type TopUpView, topUp } from './account/topups.ts';
import { wishWithdrawal } from './account/withdrawals.ts';
import { catchUp, withHistory } from './history/bookkeeping.ts';
import {
  type ForgetListener,
  type ForgetView,
  finishForgetting,
  foreseeForgetting,
  forget,
} from './history/forget.ts';
import { createHistory, type History } from './history/historyview.ts';
import { dropAsks } from './payment/asks.ts';
import type { Decision } from './payment/consider.ts';
import { type Mark, type Marked, marksFor, renewBought } from './payment/marks.ts';
import type { PagePress } from './payment/pagepress.ts';
import { createPayer, type Outcome } from './payment/pay.ts';
import { answerPress, offer, openIn } from './payment/press.ts';
import { renewPass } from './payment/reopen.ts';
import { answerYes, type ClickOffer, clickOffer, payByClick, type Yes } from './payment/yes.ts';
import type { WalletPorts } from './ports.ts';
import { createCloser } from './purses/closing.ts';
import { type TakenBackView, takeBack } from './purses/takeback.ts';
import { finishAll, tidyUp } from './purses/tidy.ts';
import { createQueue } from './queue.ts';
import { setRule } from './sellers/sellers.ts';
import {
  type RulesView,
  type RuleView,
  readRule,
  rulesViews,
  type SellerView,
  sellerViews,
} from './sellers/sellerview.ts';
import { createUndoer } from './undo/undo.ts';
import {
  type OutcomeView,
  outcomeView,
  type TabView,
  type WalletView,
  walletView,
} from './view.ts';

export interface Wallet extends Keeping, History {
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
  /**
   * Answers what is left to do; undefined once it is paid.
   * @throws FarthingError `provider_unreachable`, `topup_refused`, `account_frozen`,
   *   `url_malformed`
   */
  topUp(amount: string): Promise<TopUpView | undefined>;
  /** Waits for the top-up no more, or has seen how it ended. */
  leaveTopUp(): Promise<void>;
  /**
   * Sends money back to the cards it came by; the view says what becomes of it, a refusal too.
   * @throws FarthingError `payload_malformed` for an amount that is none
   */
  withdraw(amount: string): Promise<void>;
  /** A trusted press on a fee link: pays inside the limits, else answers what to ask or say. */
  press(press: PagePress): Promise<Decision | Outcome>;
  /** What a page sells; remembers the question until it is answered. */
  offer(press: PagePress): Promise<TabView | undefined>;
  /** What is said beside each link of a page; nobody is asked. */
  marks(links: readonly Marked[]): Promise<Mark[]>;
  /**
   * Gets a new pass for a page that was bought already, where its pass is not in that tab; answers
   * whether the page opens now.
   */
  renew(page: Marked & { readonly tabId: number }): Promise<boolean>;
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
  /** What each of them may do where. */
  rules(): Promise<RulesView[]>;
  /**
   * Says what a seller may do at a host: ask, be paid by one click, or nothing.
   * @throws FarthingError `seller_unknown`; `payload_malformed` for an amount that is none
   */
  setRule(change: RuleChange): Promise<void>;
  /**
   * Fetches back what is set aside at a seller; answers what came, and what is still there.
   */
  takeBack(payto: string): Promise<TakenBackView>;
  /**
   * Looks after what is set aside: a few times a day is enough, often costs nothing.
   */
  tidy(): Promise<void>;
  /**
   * From now on a click pays where this was bought: inside the limits that the reader set there, or
   * those of the box *Next time, don't ask*. @throws FarthingError `seller_unknown`
   */
  payByClick(paymentId: string): Promise<void>;
  /** What a click could pay at `host`; undefined where nothing was bought there. */
  clickOffer(host: string): Promise<ClickOffer | undefined>;
  /** The reader's limit over all sellers for a day. @throws FarthingError `payload_malformed` */
  setDailyLimit(amount: string): Promise<void>;
  /** What forgetting what was bought at `host`, or everywhere, would do now. */
  foreseeForgetting(host: string | undefined): Promise<ForgetView>;
  /**
   * Forgets it, here and in this device's copy; what is still needed goes by itself when it is not.
   */
  forget(host: string | undefined, tell?: ForgetListener): Promise<ForgetView>;
  /** What is in the way of closing the account. @throws FarthingError the provider's codes */
  foreseeLeaving(): Promise<LeavingView>;
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

async function reopen(
  ports: WalletPorts,
  { paymentId, tabId }: { paymentId: string; tabId: number | undefined },
): Promise<Outcome> {
  const payment = await ports.store.payments.get(paymentId);
  if (!payment) throw new TypeError('It is not in the history');
  const { url, tabId: firstTabId } = payment.ask;
  const there = tabId ?? firstTabId;
  await renewPass(ports, payment, there);
  await ports.open({ url, tabId: there, placement: 'same-tab' });
  return { kind: 'paid', payment };
}

/** Makes a wallet on `ports`. */
export function createWallet(given: WalletPorts): Wallet {
  const ports: WalletPorts = { ...given, store: withHistory(given.store) };
  const queue = createQueue();
  const closer = createCloser(ports, queue);
  const keeper = createKeeper(ports);
  const payer = copyingAfter(createPayer(ports, queue, closer), keeper);
  const undoer = createUndoer(ports);

  return {
    ...createKeeping(ports, keeper),
    meet: (provider) => meetProvider(ports, providerAddress(provider)),
    async open(provider) {
      await openAccount(ports, providerAddress(provider));
    },
    view: () => walletView(ports),
    async refresh() {
      await undoer.look();
      await finishAll(ports, queue);
      await followMoney(ports);
      await refreshBalance(ports);
      await keeper.catchUp();
    },
    topUp: (amount) => topUp(ports, micros(BigInt(amount))),
    leaveTopUp: () => leaveTopUp(ports),
    async withdraw(amount) {
      await wishWithdrawal(ports, microsMember(amount));
      await followMoney(ports);
    },
    press: (press) => answerPress(ports, payer, press),
    offer: (press) => offer(ports, press),
    marks: (links) => marksFor(ports, links),
    renew: (page) => renewBought(ports, page),
    openIn: (tabId) => openIn(ports, tabId),
    pay: (yes) => answerYes(ports, payer, yes),
    dismiss: (tabId) => dropAsks(ports, tabId),
    retry: (paymentId) => payer.run(paymentId),
    reopen: (about) => reopen(ports, about),
    async undo(paymentId) {
      await undoer.run(paymentId);
    },
    takeBack: (payto) => takeBack(ports, { closer, payer }, payto),
    async tidy() {
      await tidyUp(ports, closer, queue);
      await followMoney(ports);
      const { now } = await finishForgetting(ports);
      if (now > 0) await keeper.catchUp();
    },
    foreseeForgetting: (host) => foreseeForgetting(ports, host),
    async forget(host, tell) {
      const view = await forget(ports, host, tell);
      await keeper.catchUp();
      return view;
    },
    foreseeLeaving: () => foreseeLeaving(ports, closer, queue),
    sellers: async () => sellerViews(ports, await requireAccount(ports)),
    rules: async () => rulesViews(ports, await requireAccount(ports)),
    setRule: ({ payto, host, rule }) => setRule(ports, payto, { host, rule: readRule(rule) }),
    payByClick: (paymentId) => payByClick(ports, paymentId),
    clickOffer: (host) => clickOffer(ports, host),
    setDailyLimit: (amount) => setDailyLimit(ports, microsMember(amount)),
    ...createHistory(ports),
    show: async (outcome) => outcomeView(ports, await requireAccount(ports), outcome),
    async resume() {
      await catchUp(ports.store);
      await closer.resume();
      const begun = (await payer.resume()) + (await undoer.resume()) + (await keeper.resume());
      return begun + (await followMoney(ports));
    },
  };
}
