/** Money on its way in or out: how it stands is asked for at every occasion. */
import { FarthingError } from '../../protocol/errors.ts';
import type { WalletPorts } from '../ports.ts';
import { isPaying, renewTopUp } from './topups.ts';
import { isUnanswered, renewWithdrawal } from './withdrawals.ts';

/** What is refused or has no answer stays as it was known last, and is asked for again. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof FarthingError)) throw error;
}

/** Asks; answers how much of it is worth waking for. */
export async function followMoney(ports: WalletPorts): Promise<number> {
  for (const renew of [renewTopUp, renewWithdrawal]) await renew(ports).catch(ignoreRefusal);
  const account = await ports.store.account.get('account');
  if (!account) return 0;
  return [isPaying(ports, account), isUnanswered(account)].filter(Boolean).length;
}
