/** The wallet: everything that the extension's screens and pages may ask of it. */
import { micros, microsMember } from '../protocol/money.ts';
import {
  meetProvider,
  openAccount,
  providerAddress,
  refreshBalance,
  requireAccount,
  setDailyLimit,
  topUp,
} from './accounts.ts';
import { dropAsks } from './asks.ts';
import { catchUp, withHistory } from './bookkeeping.ts';
import { createCloser } from './closing.ts';
import type { Decision } from './consider.ts';
import {
  type ForgetListener,
  type ForgetView,
  finishForgetting,
  foreseeForgetting,
  forget,
} from './forget.ts';
import { createHistory, type History } from './historyview.ts';
import { createKeeper } from './keeper.ts';
import { copyingAfter, createKeeping, type Keeping } from './keeping.ts';
import { type Mark, type Marked, marksFor, renewBought } from './marks.ts';
import type { PagePress } from './pagepress.ts';
import { createPayer, type Outcome } from './pay.ts';
import type { WalletPorts } from './ports.ts';
import { answerPress, offer, openIn } from './press.ts';
import type { ProviderView } from './provider.ts';
import { createQueue } from './queue.ts';
import { renewPass } from './reopen.ts';
import { setRule } from './sellers.ts';
import {
  type RulesView,
  type RuleView,
  readRule,
  rulesViews,
  type SellerView,
  sellerViews,
} from './sellerview.ts';
import { type TakenBackView, takeBack } from './takeback.ts';
import { finishAll, tidyUp } from './tidy.ts';
import { createUndoer } from './undo.ts';
import {
  type OutcomeView,
  outcomeView,
  type TabView,
  type WalletView,
  walletView,
} from './view.ts';
import { answerYes, payByClick, type Yes } from './yes.ts';

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
  /** @throws FarthingError `provider_unreachable`, `topup_refused` */
  topUp(amount: string): Promise<void>;
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
  /** The reader's limit over all sellers for a day. @throws FarthingError `payload_malformed` */
  setDailyLimit(amount: string): Promise<void>;
  /** What forgetting what was bought at `host`, or everywhere, would do now. */
  foreseeForgetting(host: string | undefined): Promise<ForgetView>;
  /**
   * Forgets it, here and in this device's copy; what is still needed goes by itself when it is not.
   */
  forget(host: string | undefined, tell?: ForgetListener): Promise<ForgetView>;
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
  if (!payment) throw new TypeError('Only what is in the history is reopened');
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
    view: async () => walletView(ports, await requireAccount(ports)),
    async refresh() {
      await undoer.look();
      await finishAll(ports, queue);
      await refreshBalance(ports);
      await keeper.catchUp();
    },
    topUp: (amount) => topUp(ports, micros(BigInt(amount))),
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
      const { now } = await finishForgetting(ports);
      if (now > 0) await keeper.catchUp();
    },
    foreseeForgetting: (host) => foreseeForgetting(ports, host),
    async forget(host, tell) {
      const view = await forget(ports, host, tell);
      await keeper.catchUp();
      return view;
    },
    sellers: async () => sellerViews(ports, await requireAccount(ports)),
    rules: async () => rulesViews(ports, await requireAccount(ports)),
    setRule: ({ payto, host, rule }) => setRule(ports, payto, { host, rule: readRule(rule) }),
    payByClick: (paymentId) => payByClick(ports, paymentId),
    setDailyLimit: (amount) => setDailyLimit(ports, microsMember(amount)),
    ...createHistory(ports),
    show: async (outcome) => outcomeView(ports, await requireAccount(ports), outcome),
    async resume() {
      await catchUp(ports.store);
      await closer.resume();
      return (await payer.resume()) + (await undoer.resume()) + (await keeper.resume());
    },
  };
}
