/** A reader at a provider whose cards are paid at Stripe's stand-in, and what is asked of both. */
import { expect } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import type { Rules } from '../../src/provider/context.ts';
import { balanceIn, type TestAccount } from './account.ts';
import { useCards } from './cards.ts';
import { randomId } from './payer.ts';
import type { Sandbox } from './sandbox.ts';
import type { StandIn } from './stripe.ts';
import type { Thing } from './stripeaccount.ts';

export async function useShop(rules: Partial<Rules> = {}) {
  const cards = await useCards(rules);
  const { sandbox } = cards;
  return {
    ...cards,
    reader: await sandbox.reader(),
    findings: async () => (await auditDatabase(sandbox.file)).findings,
  };
}

export function topUp(reader: TestAccount, id = randomId()) {
  const body = { id, amount: '5000000', currency: 'USD' };
  return reader.call('POST', '/v1/topups', body);
}

export function withdraw(reader: TestAccount, id = randomId(), amount?: string) {
  const body = { id, currency: 'USD', ...(amount !== undefined && { amount }) };
  return reader.call('POST', '/v1/withdrawals', body);
}

export async function stateOf(reader: TestAccount, id: string) {
  return (await reader.call('GET', `/v1/topups/${id}`)).body.state;
}

export async function moneyOf(reader: TestAccount): Promise<bigint> {
  const { available, starter } = balanceIn(await reader.call('GET', '/v1/account'));
  return available - starter;
}

export const idIn = ({ data }: Thing) => (data as { object: Thing }).object.id;
export const lastSession = (stripe: StandIn) => String(stripe.sessions().at(-1)?.id);
export const paymentOf = (stripe: StandIn) => String(stripe.sessions().at(-1)?.payment_intent);

export async function accountOf(reader: TestAccount): Promise<string> {
  return String((await reader.call('GET', '/v1/account')).body.account);
}

/** Balances of books that an audit finds good. */
export async function goodBalances({
  file,
}: Pick<Sandbox, 'file'>): Promise<Record<string, bigint>> {
  const { findings, accounts } = await auditDatabase(file);
  expect(findings).toEqual([]);
  return Object.fromEntries(accounts.map(({ name, balanceMicros }) => [name, balanceMicros]));
}

/** A reader who has put 5 dollars in. */
export async function usePaid() {
  const shop = await useShop();
  const id = randomId();
  await topUp(shop.reader, id);
  expect(await shop.tell(shop.stripe.pay(lastSession(shop.stripe)))).toBe(200);
  return { ...shop, id, payment: paymentOf(shop.stripe) };
}

export async function returned(reader: TestAccount, id: string) {
  const { withdrawn, failed } = (await reader.call('GET', `/v1/withdrawals/${id}`)).body;
  return [withdrawn, failed];
}
