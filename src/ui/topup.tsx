/**
 * *Add $5*: where there is not enough, and beside the balance before that; and the card that is
 * waited for.
 */
import { useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { amountSaid } from '../extension/amounts.ts';
import { ask, openBought } from '../extension/screen.ts';
import type { WalletView } from '../wallet/view.ts';
import { say } from '../words/say.ts';
import { Said } from './said.tsx';
import { failureText } from './words.ts';

/** $5, the smallest top-up. */
export const TOP_UP_AMOUNT = '5000000';

/**
 * Adds it, or opens the page where it is paid; answers what to say of money that came in to whom
 * does not see it.
 * @throws FarthingError `topup_refused`, the provider's codes
 */
export async function addMoney(currency: string): Promise<string> {
  const begun = await ask('top-up', { amount: TOP_UP_AMOUNT });
  if (begun?.page !== undefined) await openBought(begun.page);
  return begun ? '' : say('arrived', { amount: amountSaid(TOP_UP_AMOUNT, currency) });
}

interface CardProps {
  readonly wallet: Pick<WalletView, 'currency' | 'topUp'>;
  readonly onChanged: () => Promise<void>;
}

/** The card that is waited for, or how that ended, until the reader has seen it. */
export function CardNote({ wallet: { topUp, currency }, onChanged }: CardProps) {
  if (!topUp) return null;
  const { amount: micros, state, page } = topUp;
  const leave = () => void ask('leave-top-up', {}).then(onChanged);
  if (state !== 'begun')
    return (
      <p class="notice notice-calm" role="status">
        {state === 'failed' ? (
          say('cardFailed')
        ) : (
          <Said>{({ amount }) => say('arrived', { amount: amount(micros, currency) })}</Said>
        )}{' '}
        <Button kind="link" onPress={leave}>
          {say('done')}
        </Button>
      </p>
    );
  return (
    <section class="card-note" aria-live="polite">
      <h2>
        <Said>{({ amount }) => say('cardWaits', { amount: amount(micros, currency) })}</Said>
      </h2>
      <p>{say('cardWaitsNote')}</p>
      <div class="buttons">
        {page !== undefined && (
          <Button kind="main" onPress={() => void openBought(page)}>
            {say('cardPage')}
          </Button>
        )}
        <Button onPress={leave}>{say('notNow')}</Button>
      </div>
    </section>
  );
}

/** *Add $5*, unless a card is waited for. */
export function AddMoney({ wallet, onChanged }: CardProps) {
  const { currency } = wallet;
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState('');
  const [failure, setFailure] = useState<string>();
  const add = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      setTold(await addMoney(currency));
    } catch (error) {
      setFailure(failureText(error));
    }
    await onChanged();
    setBusy(false);
  };
  if (wallet.topUp?.state === 'begun') return null;
  return (
    <>
      <Button busy={busy} onPress={() => void add()}>
        <Said>{({ amount }) => say('addMoney', { amount: amount(TOP_UP_AMOUNT, currency) })}</Said>
      </Button>
      <span class="hidden" role="status">
        {told}
      </span>
      {failure !== undefined && (
        <p class="notice" role="alert">
          {failure}
        </p>
      )}
    </>
  );
}
