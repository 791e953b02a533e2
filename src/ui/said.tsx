/** Words with amounts in them: shown with signs, read out in words, and neither of it twice. */

import { amountSaid, amountText, balanceSaid, balanceText } from '../extension/amounts.ts';
import type { WalletView } from '../wallet/view.ts';
import { say } from '../words/say.ts';
import { PlayMark } from './play.tsx';

/** How amounts are written into a text: for the eye, or for the ear. */
export interface Writing {
  /** An exact price. */
  readonly amount: (amount: string, currency: string) => string;
  /** What somebody has, rounded down. */
  readonly balance: (amount: string, currency: string) => string;
}

const SHOWN: Writing = { amount: amountText, balance: balanceText };
const SAID: Writing = { amount: amountSaid, balance: balanceSaid };

interface SaidProps {
  readonly children: (writing: Writing) => string;
}

/** The same text twice, each for those whom it is for. */
export function Said({ children }: SaidProps) {
  const [shown, said] = [children(SHOWN), children(SAID)];
  if (shown === said) return shown;
  return (
    <>
      <span aria-hidden="true">{shown}</span>
      <span class="hidden">{said}</span>
    </>
  );
}

/** What today took of its limit. */
export function SpentToday({ wallet }: { readonly wallet: WalletView }) {
  const { spentToday, dailyLimit, currency } = wallet;
  return (
    <Said>
      {({ amount }) =>
        say('spentToday', {
          spent: amount(spentToday, currency),
          limit: amount(dailyLimit, currency),
        })
      }
    </Said>
  );
}

/** What there is, and what today took. */
export function Standing({ wallet }: { readonly wallet: WalletView }) {
  return (
    <p class="soft">
      <Said>
        {({ balance }) => say('youHave', { yours: balance(wallet.yours, wallet.currency) })}
      </Said>
      {' · '}
      <SpentToday wallet={wallet} /> <PlayMark wallet={wallet} />
    </p>
  );
}
