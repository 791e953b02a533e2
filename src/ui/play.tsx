/** Play money is marked as such wherever an amount of it is shown (SPEC 1.6). */
import type { WalletView } from '../wallet/view.ts';
import { say } from '../words/say.ts';

export function PlayMark({ wallet }: { readonly wallet: Pick<WalletView, 'sandbox'> }) {
  return wallet.sandbox ? <span class="play">{say('playMoney')}</span> : null;
}
