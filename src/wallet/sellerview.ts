/** Sellers as screens show them: what each may do, what is set aside there, what went there. */
import { microsMember } from '../protocol/money.ts';
import { cleanText } from '../protocol/text.ts';
import { providerNow } from './accounts.ts';
import { spentMicros, startOfDay } from './policy.ts';
import type { WalletPorts } from './ports.ts';
import { asideMicros, atRiskMicros } from './purses.ts';
import type { Account, Rule, Seller } from './rows.ts';
import { ruleAt } from './sellers.ts';

/** A rule between contexts: amounts are canonical decimals in micros. */
export type RuleView =
  | { readonly kind: 'ask' | 'block' }
  | { readonly kind: 'one-click'; readonly itemMicros: string; readonly dayMicros: string };

export interface SellerView {
  readonly payto: string;
  readonly name: string;
  /** The seller's own sites, and what it may do at each. */
  readonly hosts: readonly { readonly host: string; readonly rule: RuleView }[];
  readonly currency: string;
  /** Set aside here and not spent. */
  readonly aside: string;
  /** Of it: charges that were refused or have no answer, and could be taken yet. */
  readonly atRisk: string;
  /** What is set aside here was spent from somewhere else too. */
  readonly isUsedElsewhere: boolean;
  readonly spentToday: string;
  readonly spent: string;
}

/** @throws FarthingError `payload_malformed` */
export function readRule(rule: RuleView): Rule {
  if (rule.kind !== 'one-click') return rule;
  const { kind, itemMicros, dayMicros } = rule;
  return { kind, itemMicros: microsMember(itemMicros), dayMicros: microsMember(dayMicros) };
}

export function ruleView(rule: Rule): RuleView {
  if (rule.kind !== 'one-click') return rule;
  const { kind, itemMicros, dayMicros } = rule;
  return { kind, itemMicros: `${itemMicros}`, dayMicros: `${dayMicros}` };
}

/** Every site of its record, and those of before that the reader has a word on. */
function hostsOf(seller: Seller) {
  const listed = seller.record.origins.map((origin) => new URL(origin).host);
  const hosts = new Set([...listed, ...seller.rules.map(({ host }) => host)]);
  return [...hosts].map((host) => ({ host, rule: ruleView(ruleAt(seller, host)) }));
}

async function sellerView(
  ports: WalletPorts,
  account: Account,
  seller: Seller,
): Promise<SellerView> {
  const { payto } = seller;
  const { currency } = account;
  const payments = await ports.store.payments.at(payto);
  const purses = (await ports.store.purses.all()).filter((purse) => purse.payto === payto);
  const providerNowMs = providerNow(ports, account);
  const midnightMs = startOfDay(ports.now());
  const today = payments.filter(({ atMs }) => atMs >= midnightMs);
  return {
    payto,
    name: cleanText(seller.record.name),
    hosts: hostsOf(seller),
    currency,
    aside: `${asideMicros(purses, providerNowMs)}`,
    atRisk: `${atRiskMicros(purses, payments, providerNowMs)}`,
    isUsedElsewhere: purses.some((purse) => purse.isUsedElsewhere),
    spentToday: `${spentMicros(today, currency)}`,
    spent: `${spentMicros(payments, currency)}`,
  };
}

/** All sellers that this wallet knows, by name. */
export async function sellerViews(ports: WalletPorts, account: Account): Promise<SellerView[]> {
  const sellers = await ports.store.sellers.all();
  const views = await Promise.all(sellers.map((seller) => sellerView(ports, account, seller)));
  return views.sort((a, b) => a.name.localeCompare(b.name) || (a.payto < b.payto ? -1 : 1));
}
