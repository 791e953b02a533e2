/** A press on a fee link, or a page for sale: what it comes to, and the question it leaves. */
import { requireAccount } from '../account/accounts.ts';
import type { WalletPorts } from '../ports.ts';
import type { Payment } from '../rows.ts';
import { recentInTab, type TabView, tabView } from '../view.ts';
import { dropAsks, isCurrent, keepAsk } from './asks.ts';
import { consider, type Decision, judge } from './consider.ts';
import { isUsedUp } from './dues.ts';
import type { PagePress } from './pagepress.ts';
import type { Outcome, Payer } from './pay.ts';
import { writeIntent } from './yes.ts';

/** What a press left open in a tab. */
export async function openIn(ports: WalletPorts, tabId: number): Promise<TabView | undefined> {
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
  const account = await requireAccount(ports);
  const { reasons, isFree } = await judge(ports.store, account, ask, ports);
  return { kind: 'ask', ask: { ...ask, reasons, isFree } };
}

/** An older question in the tab gives way to what became of a newer press. */
async function runPress(
  ports: WalletPorts,
  payer: Payer,
  { press, payment }: { press: PagePress; payment: Payment },
): Promise<Decision | Outcome> {
  const outcome = await payer.run(payment.id);
  if (outcome.kind === 'waiting' || outcome.kind === 'refused')
    await dropAsks(ports, payment.ask.tabId);
  const isElsewhere = payment.ask.tabId !== press.tabId || payment.ask.pageUrl !== press.pageUrl;
  // What another page's press has bought was opened there: this page follows its own link.
  if (outcome.kind === 'paid' && isElsewhere) return { kind: 'owned', payment: outcome.payment };
  return outcome;
}

/** A second press so soon, where a page is used up at once, is the other half of a double click. */
const DOUBLE_PRESS_MS = 1000;

/** More payments than begin while a worker is stopped and woken over one press. */
const RECENT_COUNT = 16;

/**
 * The payment of what is used up at once that this press began before: it is told of again by a
 * page whose answer was lost, or is the other half of a double click.
 */
async function begunBefore(
  { store, now }: WalletPorts,
  { fields, pressId, href, tabId, pageUrl }: PagePress,
): Promise<Payment | undefined> {
  // It stays the reader's for a year, where the page does not say for how long.
  if (fields.duration === undefined) return undefined;
  const nowMs = now();
  const latest = await store.payments.latest(RECENT_COUNT);
  return latest.find(({ ask, atMs }) => {
    const isHere = ask.tabId === tabId && ask.pageUrl === pageUrl && ask.url === href;
    const isSoon = Math.abs(nowMs - atMs) < DOUBLE_PRESS_MS;
    const isSame = pressId !== undefined && ask.pressId === pressId;
    return isHere && isUsedUp({ ask }) && (isSame || isSoon);
  });
}

/** Pays inside the limits; else answers what to ask or say. */
export async function answerPress(
  ports: WalletPorts,
  payer: Payer,
  press: PagePress,
): Promise<Decision | Outcome> {
  const begun = await begunBefore(ports, press);
  if (begun) return runPress(ports, payer, { press, payment: begun });
  const decision = await consider(ports, press);
  if (decision.kind === 'waiting')
    return runPress(ports, payer, { press, payment: decision.payment });
  if (decision.kind === 'pay') {
    const payment = await writeIntent(ports, decision.ask, 'unasked');
    if (payment) return runPress(ports, payer, { press, payment });
  }
  const kept = await keep(ports, await askInstead(ports, decision));
  ports.changed();
  return kept;
}

/** What a page sells, with the question that it comes to. */
export async function offer(ports: WalletPorts, press: PagePress): Promise<TabView | undefined> {
  const decision = await keep(ports, await consider(ports, press));
  return tabView(ports, await requireAccount(ports), decision);
}
