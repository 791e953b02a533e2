/**
 * Fetches back what is set aside at other sellers, inside a payment, before anybody is told that
 * there is not enough. The largest first: the fewest sellers are asked.
 */

import { FarthingError } from '../../protocol/errors.ts';
import { addMicros, MICROS_ZERO } from '../../protocol/money.ts';
import { cleanText } from '../../protocol/text.ts';
import { providerNow, refreshBalance, requireAccount } from '../account/accounts.ts';
import { payableMicros } from '../payment/dues.ts';
import type { WalletPorts } from '../ports.ts';
import type { Missed, Payment, Purse } from '../rows.ts';
import type { Closer } from './closing.ts';
import { backBySec, fetchableFor, frozenBy, leftInPurse, spendableAt } from './purses.ts';

/** The name that the seller's record has, else its account's. */
export async function sellerNameOf({ store }: WalletPorts, payto: string): Promise<string> {
  const seller = await store.sellers.get(payto);
  return seller ? cleanText(seller.record.name) : payto;
}

/** What is missing, and the purses elsewhere that may hold it, without those `tried` before. */
async function lookAround(ports: WalletPorts, payment: Payment, tried: ReadonlySet<string>) {
  const { payto } = payment.ask.terms;
  const amountMicros = payableMicros(payment);
  const account = await requireAccount(ports);
  const purses = await ports.store.purses.all();
  const providerNowMs = providerNow(ports, account);
  const frozen = frozenBy(await ports.store.payments.pending());
  const missingMicros = amountMicros - spendableAt(account, purses, { payto, providerNowMs });
  const others = fetchableFor(purses, { payto, frozen, providerNowMs });
  return { missingMicros, others: others.filter(({ id }) => !tried.has(id)) };
}

/** As many of them as cover what is missing; one, where it is room for purses that is missing. */
function enoughOf(others: readonly Purse[], missingMicros: bigint): Purse[] {
  const chosen: Purse[] = [];
  let sum = 0n;
  for (const purse of others) {
    if (chosen.length > 0 && sum >= missingMicros) break;
    chosen.push(purse);
    sum += leftInPurse(purse);
  }
  return chosen;
}

async function announce(ports: WalletPorts, payment: Payment, from: readonly Purse[]) {
  const names = await Promise.all(from.map(({ payto }) => sellerNameOf(ports, payto)));
  const amountMicros = from.reduce((sum, purse) => addMicros(sum, leftInPurse(purse)), MICROS_ZERO);
  const fetching = { amountMicros, sellerNames: [...new Set(names)] };
  await ports.store.payments.put({ ...payment, fetching });
  ports.changed();
}

async function missedOf(ports: WalletPorts, ids: ReadonlySet<string>): Promise<Missed[]> {
  const purses = await Promise.all([...ids].map((id) => ports.store.purses.get(id)));
  const there = purses.flatMap((purse) => (purse && purse.state !== 'closed' ? [purse] : []));
  return Promise.all(
    there.map(async (purse) => ({
      sellerName: await sellerNameOf(ports, purse.payto),
      amountMicros: leftInPurse(purse),
      backBySec: backBySec(purse),
    })),
  );
}

/** The balance may have grown elsewhere; where the provider is silent, what is known will do. */
async function refreshQuietly(ports: WalletPorts): Promise<void> {
  try {
    await refreshBalance(ports);
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
  }
}

/**
 * Fetches back what `payment` is short of, as far as it comes in time. Done once a payment: what is
 * stored with it says so, and what did not come.
 */
export async function fetchBack(
  ports: WalletPorts,
  closer: Closer,
  payment: Payment,
): Promise<void> {
  await refreshQuietly(ports);
  const tried = new Set<string>();
  for (;;) {
    const { missingMicros, others } = await lookAround(ports, payment, tried);
    const chosen = enoughOf(others, missingMicros);
    if (chosen.length === 0 || (missingMicros <= 0n && tried.size > 0)) break;
    await announce(ports, payment, chosen);
    for (const { id } of chosen) tried.add(id);
    await Promise.all(chosen.map(({ id }) => closer.run(id)));
  }
  const missed = await missedOf(ports, tried);
  await ports.store.payments.put({ ...payment, fetching: undefined, missed });
}
