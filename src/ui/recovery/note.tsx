/** The popup's reminder: the reader's own money would be lost with this computer. */
import { Button } from '../../design/button.tsx';
import { canUsePasskeys } from '../../extension/passkey.ts';
import { ask, closeScreen, openPage } from '../../extension/screen.ts';
import type { WalletView } from '../../wallet/view.ts';
import { say } from '../../words/say.ts';
import { Said } from '../said.tsx';

/** A passkey is made on a page: the popup would close over the browser's own dialog. */
function open(way: '' | '#words'): void {
  void openPage(`/recovery.html${way}`).then(closeScreen);
}

export function SafetyNote({ wallet }: { readonly wallet: WalletView }) {
  if (!wallet.isAtStake) return null;
  const { yours, currency } = wallet;
  return (
    <section class="safety" aria-live="polite">
      <p>
        <strong>
          <Said>{({ balance }) => say('atStake', { amount: balance(yours, currency) })}</Said>
        </strong>
      </p>
      <div class="safety-ways">
        {canUsePasskeys() && (
          <Button kind="main" onPress={() => open('')}>
            {say('withPasskey')}
          </Button>
        )}
        <Button kind={canUsePasskeys() ? 'plain' : 'main'} onPress={() => open('#words')}>
          {say('withCode')}
        </Button>
        <Button onPress={() => void ask('remind-later', {})}>{say('later')}</Button>
      </div>
    </section>
  );
}

/** The quiet way to the same page. */
export function SafetyLink() {
  return (
    <p class="soft">
      <Button kind="link" onPress={() => open('')}>
        {say('safety')}
      </Button>
    </p>
  );
}
