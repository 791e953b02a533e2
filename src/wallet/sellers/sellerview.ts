/** Sellers as screens show them: what each may do, what is set aside there, what went there. */
import { microsMember } from '../../protocol/money.ts';
import { cleanText } from '../../protocol/text.ts';
import { providerNow } from '../account/accounts.ts';
import { dayOf, type Tally } from '../history/entries.ts';
import type { WalletPorts } from '../ports.ts';
import { asideMicros, atRiskMicros } from '../purses/purses.ts';
import type { Account, HostRule, Limits, Payment, Purse, Rule, Seller } from '../rows.ts';
import { COMING_MS, type ComingView, comingView } from '../undo/undone.ts';

/** A rule between contexts: amounts are canonical decimals in micros. */
export type RuleView =
  | { readonly kind: 'ask' | 'block' }
  | ({ readonly kind: 'one-click' } & LimitsView);

/** Amounts are canonical decimals in micros. */
export interface LimitsView {
  readonly itemMicros: string;
  readonly dayMicros: string;
}

/** What a seller may do at one of its sites. */
export interface HostRuleView {
  readonly host: string;
  readonly rule: RuleView;
  /** What one click was allowed before, where it is not now. */
  readonly limits?: LimitsView | undefined;
}

/** A seller, and what it may do where. */
export interface RulesView {
  readonly payto: string;
  readonly name: string;
  /** The seller's own sites, and what it may do at each. */
  readonly hosts: readonly HostRuleView[];
  readonly currency: string;
}

export interface SellerView extends RulesView {
  /** Set aside here and not spent. */
  readonly aside: string;
  /** Of it: charges that were refused or have no answer, and could be taken yet. */
  readonly atRisk: string;
  /** What is set aside here was spent from somewhere else too. */
  readonly isUsedElsewhere: boolean;
  /** What was undone here and is on its way back. */
  readonly coming: ComingView | undefined;
  readonly spentToday: string;
  readonly spent: string;
}

/** @throws FarthingError `payload_malformed` */
export function readRule(rule: RuleView): Rule {
  if (rule.kind !== 'one-click') return rule;
  return { kind: 'one-click', ...readLimits(rule) };
}

/** @throws FarthingError `payload_malformed` */
export function readLimits({ itemMicros, dayMicros }: LimitsView): Limits {
  return { itemMicros: microsMember(itemMicros), dayMicros: microsMember(dayMicros) };
}

export function ruleView(rule: Rule): RuleView {
  if (rule.kind !== 'one-click') return rule;
  return { kind: 'one-click', ...limitsView(rule) };
}

function limitsView({ itemMicros, dayMicros }: Limits): LimitsView {
  return { itemMicros: `${itemMicros}`, dayMicros: `${dayMicros}` };
}

/** A rule with what is remembered beside it. */
export function hostRuleView({ host, rule, limits }: HostRule): HostRuleView {
  const view = { host, rule: ruleView(rule) };
  return limits ? { ...view, limits: limitsView(limits) } : view;
}

/** Every site of its record, and those of before that the reader has a word on. */
function hostsOf(seller: Seller) {
  const listed = seller.record.origins.map((origin) => new URL(origin).host);
  const hosts = new Set([...listed, ...seller.rules.map(({ host }) => host)]);
  const ruleOf = (host: string) => seller.rules.find((it) => it.host === host);
  return [...hosts].map((host) => hostRuleView(ruleOf(host) ?? { host, rule: { kind: 'ask' } }));
}

function rulesView(account: Account, seller: Seller): RulesView {
  const { payto, record } = seller;
  const { currency } = account;
  return { payto, name: cleanText(record.name), hosts: hostsOf(seller), currency };
}

/** What the sums of a seller are made of. */
interface Books {
  readonly purses: readonly Purse[];
  readonly pending: readonly Payment[];
  /** Those that an undo of could still be on its way. */
  readonly recent: readonly Payment[];
  readonly today: readonly Tally[];
  readonly months: readonly Tally[];
  readonly providerNowMs: number;
  readonly clockOffsetMs: number;
}

/** What `tallies` came to at one seller. */
function spentAt({ payto, currency }: RulesView, tallies: readonly Tally[]): string {
  const own = tallies.filter((it) => it.payto === payto && it.currency === currency);
  return `${own.reduce((sum, { spentMicros }) => sum + spentMicros, 0n)}`;
}

function sellerView(rules: RulesView, { providerNowMs, today, months, ...books }: Books) {
  const { payto } = rules;
  const purses = books.purses.filter((purse) => purse.payto === payto);
  const isHere = ({ ask }: Payment) => ask.terms.payto === payto;
  return {
    ...rules,
    aside: `${asideMicros(purses, providerNowMs)}`,
    atRisk: `${atRiskMicros(purses, books.pending, providerNowMs)}`,
    isUsedElsewhere: purses.some((purse) => purse.isUsedElsewhere),
    coming: comingView(books.recent.filter(isHere), purses, books.clockOffsetMs),
    spentToday: spentAt(rules, today),
    spent: spentAt(rules, months),
  } satisfies SellerView;
}

/** What each seller that this wallet knows may do, by name: nothing is added up. */
export async function rulesViews({ store }: WalletPorts, account: Account): Promise<RulesView[]> {
  const views = (await store.sellers.all()).map((seller) => rulesView(account, seller));
  return views.sort((a, b) => a.name.localeCompare(b.name) || (a.payto < b.payto ? -1 : 1));
}

/**
 * All sellers that this wallet knows, by name. What was spent is added up from what months came to:
 * a hundred thousand payments are not looked at.
 */
export async function sellerViews(ports: WalletPorts, account: Account): Promise<SellerView[]> {
  const { store, now } = ports;
  const day = dayOf(now());
  const [rules, purses, pending, recent, today, months] = await Promise.all([
    rulesViews(ports, account),
    store.purses.all(),
    store.payments.pending(),
    store.payments.since(now() - COMING_MS),
    store.tallies.within(day, day),
    store.months.all(),
  ]);
  const providerNowMs = providerNow(ports, account);
  const { clockOffsetMs } = account;
  const books = { purses, pending, recent, today, months, providerNowMs, clockOffsetMs };
  return rules.map((it) => sellerView(it, books));
}
