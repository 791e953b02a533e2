/**
 * The reader's money back to the cards it came by (SPEC 9.24). The wish is on disk before it is
 * asked for, and is asked for under its id until there is an answer.
 */
import { encodeBase64url } from '../../protocol/base64url.ts';
import type { ErrorCode } from '../../protocol/codes.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { type Micros, wholeCents } from '../../protocol/money.ts';
import type { Tables, WalletPorts } from '../ports.ts';
import type { Account } from '../rows.ts';
import { bookBalance, clientOf } from './accounts.ts';
import type { Withdrawal } from './cardrows.ts';

/** A withdrawal as screens show it: what of it is where. */
export interface WithdrawalView {
  /** The provider has said nothing of it yet. */
  readonly isAsked: boolean;
  /** On its way; back on its cards; in the wallet again, since a card did not take it. */
  readonly coming: string;
  readonly there: string;
  readonly failed: string;
  /** Why nothing goes back. */
  readonly refusal: ErrorCode | undefined;
}

/** So long a card may still send it back, and the reader may want to know. */
const SHOWN_MS = 30 * 86_400_000;

/** Whether its provider has it still to answer. */
export function isUnanswered({ withdrawal }: Account): boolean {
  return withdrawal !== undefined && !withdrawal.became && !withdrawal.refusal;
}

/** The last one, until it is answered and while it is news. */
function current(account: Account, nowMs: number): Withdrawal | undefined {
  const { withdrawal } = account;
  const isNews = withdrawal && Math.abs(nowMs - withdrawal.atMs) < SHOWN_MS;
  return isNews || isUnanswered(account) ? withdrawal : undefined;
}

function comingMicros({ amountMicros, became }: Withdrawal): bigint {
  return became ? amountMicros - became.withdrawnMicros - became.failedMicros : 0n;
}

/** What can go back: what is there and was no gift, as far as it is whole cents. */
export function returnableMicros({ availableMicros, starterMicros }: Account): Micros {
  return wholeCents(availableMicros - (starterMicros ?? availableMicros));
}

/** The last one as screens show it; undefined where there is none. */
export function withdrawalView(account: Account, nowMs: number): WithdrawalView | undefined {
  const withdrawal = current(account, nowMs);
  return (
    withdrawal && {
      isAsked: isUnanswered(account),
      coming: `${comingMicros(withdrawal)}`,
      there: `${withdrawal.became?.withdrawnMicros ?? 0n}`,
      failed: `${withdrawal.became?.failedMicros ?? 0n}`,
      refusal: withdrawal.refusal,
    }
  );
}

/** Stores the reader's wish, unless a former one is not over. */
export async function wishWithdrawal(ports: WalletPorts, amountMicros: Micros): Promise<void> {
  const id = encodeBase64url(ports.random(16));
  await ports.store.transaction(async ({ account: table }) => {
    const account = await table.get('account');
    if (!account || isUnanswered(account)) return;
    const former = current(account, ports.now());
    if (former && comingMicros(former) > 0n) return;
    await table.put({ ...account, withdrawal: { id, amountMicros, atMs: ports.now() } });
  });
}

function putWithdrawal(next: Withdrawal) {
  return async ({ account: table }: Tables) => {
    const account = await table.get('account');
    if (account?.withdrawal?.id === next.id) await table.put({ ...account, withdrawal: next });
  };
}

/**
 * Asks for it where that has no answer yet, else how it stands.
 * @throws FarthingError `provider_unreachable`; where it was answered before, the provider's codes
 */
export async function renewWithdrawal(ports: WalletPorts): Promise<void> {
  const account = await ports.store.account.get('account');
  const withdrawal = account && current(account, ports.now());
  if (!withdrawal || withdrawal.refusal) return;
  const client = clientOf(ports, account);
  const { id, amountMicros, became } = withdrawal;
  const wish = { id, amount: `${amountMicros}`, currency: account.currency };
  try {
    const word = await (became ? client.readWithdrawal(id) : client.withdraw(wish));
    const { balance, ...now } = word;
    await bookBalance(ports, balance, putWithdrawal({ ...withdrawal, became: now }));
  } catch (error) {
    const isAnswer = error instanceof FarthingError && error.code !== 'provider_unreachable';
    // Where it was answered before, the provider's books were put back: it may be wished for again.
    if (!isAnswer || (became && error.code !== 'not_found')) throw error;
    const ended = { ...withdrawal, became: undefined, refusal: error.code };
    await ports.store.transaction(putWithdrawal(ended));
    ports.changed();
  }
}
