/**
 * The end of a purse, by the provider's word (SPEC 5.11, 6.8, 9.14): what its seller never answered
 * was taken or was not.
 */
import { FarthingError } from '../../protocol/errors.ts';
import { MICROS_ZERO } from '../../protocol/money.ts';
import { readStatement, type Statement } from '../../protocol/statement.ts';
import {
  checkSignedByProvider,
  clientOf,
  providerNow,
  requireAccount,
  trustAnswer,
} from '../account/accounts.ts';
import { readAccepted } from '../payment/accepted.ts';
import { hasSigned, isOnPurse, takeUp } from '../payment/givenup.ts';
import type { Accepted } from '../payment/payment.ts';
import type { WalletPorts } from '../ports.ts';
import type { Payment, Purse } from '../rows.ts';

/** SPEC 5.11: earlier than this nothing is released. */
const HELD_AFTER_SEC = 72 * 3600;

/** Whether the provider may have released a purse by now, and this wallet has not heard. */
export function mayHaveEnded({ state, expiresAtSec }: Purse, providerNowMs: number): boolean {
  const isThere = state === 'open' || state === 'retired' || state === 'closing';
  return isThere && providerNowMs / 1000 >= expiresAtSec + HELD_AFTER_SEC;
}

/** How a purse ended; without claims its provider has no such purse. */
interface End {
  readonly claims?: Statement;
  readonly last?: Accepted | undefined;
}

/** Its books were put back to before it was asked for: nothing was taken by it, and nothing is. */
function nothingOf(error: unknown): End {
  if (error instanceof FarthingError && error.code === 'purse_not_found') return {};
  throw error;
}

/** What the provider says of a purse, checked. */
async function statementOf(ports: WalletPorts, purse: Purse): Promise<End> {
  const account = await requireAccount(ports);
  const answer = await clientOf(ports, account).purse(purse.id);
  return trustAnswer(async () => {
    const { claims, jws } = readStatement(answer.statement);
    await checkSignedByProvider(ports, jws);
    const isThis = claims.pur === purse.id && claims.sub === account.id;
    if (!isThis || claims.iss !== account.provider)
      throw new FarthingError('provider_unreachable', 'the statement is for another purse');
    const last = answer.last && (await readAccepted(ports, purse, answer.last));
    if (claims.seq !== (last ? last.claims.seq : 0))
      throw new FarthingError('provider_unreachable', 'the statement names another charge');
    return { claims, last: last || undefined };
  });
}

/**
 * How a charge without a receipt ended. A later one was collected: that is not known, and nobody is
 * told that nothing was charged.
 */
function endOf(payment: Payment, purse: string, last: Accepted | undefined): Payment {
  const { charge, state } = payment;
  const taken = { state: 'taken', pending: 0, refusal: undefined } as const;
  if (last && hasSigned(payment, { purse, binding: last.claims.bnd }))
    return { ...takeUp(payment, last.claims.bnd), ...taken };
  // What it signs by now is for another purse to answer.
  if (charge?.purse !== purse) return payment;
  const isPast = state === 'sending' && last !== undefined && last.claims.seq > charge.seq;
  if (isPast) return { ...payment, ...taken };
  if (state === 'refused') return payment;
  const refusal = { code: 'charge_lapsed', detail: 'what was set aside has ended' } as const;
  return { ...payment, state: 'refused', pending: 0, refusal };
}

async function bookEnd(
  ports: WalletPorts,
  { id, payto }: Purse,
  { claims, last }: End,
): Promise<void> {
  await ports.store.transaction(async ({ purses, payments }) => {
    const purse = await purses.get(id);
    if (!purse) return;
    const open = (await payments.at(payto)).filter(
      (it) => isOnPurse(it, id) && (it.state === 'sending' || it.state === 'refused'),
    );
    for (const payment of open) await payments.put(endOf(payment, id, last));
    const { tot = MICROS_ZERO } = claims ?? {};
    const totalMicros = tot > purse.totalMicros ? tot : purse.totalMicros;
    const ended = { state: 'closed', closing: undefined, riskMicros: MICROS_ZERO } as const;
    await purses.put({ ...purse, ...ended, totalMicros });
  });
  ports.changed();
}

/**
 * Asks the provider how a purse ended; answers whether it has.
 * @throws FarthingError `provider_unreachable`, the provider's codes
 */
export async function settleEnd(ports: WalletPorts, purse: Purse): Promise<boolean> {
  const end = await statementOf(ports, purse).catch(nothingOf);
  if (end.claims && end.claims.state !== 'released') return false;
  await bookEnd(ports, purse, end);
  return true;
}

/** The purse of a charge that has no answer, where its seller cannot help any more. */
export async function endedPurseOf(
  ports: WalletPorts,
  { charge }: Payment,
): Promise<Purse | undefined> {
  const purse = await ports.store.purses.get(charge?.purse ?? '');
  const providerNowMs = providerNow(ports, await requireAccount(ports));
  return purse && mayHaveEnded(purse, providerNowMs) ? purse : undefined;
}
