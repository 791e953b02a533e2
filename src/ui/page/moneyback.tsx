/** Sends the reader's money back to its cards, after it was said what that means. */
import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Dialog } from '../../design/dialog.tsx';
import { ask } from '../../extension/screen.ts';
import type { WalletView } from '../../wallet/view.ts';
import { say } from '../../words/say.ts';
import { Said } from '../said.tsx';
import { reasonText } from '../words.ts';

interface MoneyBackProps {
  readonly wallet: WalletView;
  readonly onChanged: () => Promise<void>;
}

const PARTS = ['coming', 'there', 'failed'] as const;

/** What of the last one is where, a sentence each. */
function Whereabouts({ wallet: { withdrawal, currency } }: Pick<MoneyBackProps, 'wallet'>) {
  if (!withdrawal) return null;
  const { isAsked, refusal } = withdrawal;
  return (
    <>
      {isAsked && <p>{say('moneyBackAsked')}</p>}
      {refusal && <p>{reasonText(refusal)}</p>}
      {PARTS.filter((part) => withdrawal[part] !== '0').map((part) => (
        <p key={part}>
          <Said>
            {({ amount }) =>
              say(`moneyBack_${part}`, { amount: amount(withdrawal[part], currency) })
            }
          </Said>
        </p>
      ))}
    </>
  );
}

function SendText({ amount: micros, currency }: { amount: string; currency: string }) {
  return <Said>{({ amount }) => say('moneyBackSend', { amount: amount(micros, currency) })}</Said>;
}

export function MoneyBack({ wallet, onChanged }: MoneyBackProps) {
  /** What is asked about stays what it is, whatever comes in meanwhile. */
  const [asked, setAsked] = useState<string>();
  const [busy, setBusy] = useState(false);
  const { returnable, withdrawal, currency } = wallet;
  const isUnderWay = withdrawal && (withdrawal.isAsked || withdrawal.coming !== '0');
  const canSend = returnable !== '0' && !isUnderWay;
  if (!canSend && !withdrawal && asked === undefined) return null;
  const send = async (amount: string) => {
    setBusy(true);
    await ask('withdraw', { amount });
    await onChanged();
    setBusy(false);
    setAsked(undefined);
  };
  return (
    <>
      <section class="card setting" aria-live="polite">
        <h2>{say('moneyBack')}</h2>
        <p class="soft">{say('moneyBackNote')}</p>
        <Whereabouts wallet={wallet} />
        {canSend && (
          <p>
            <Button onPress={() => setAsked(returnable)}>
              <SendText amount={returnable} currency={currency} />
            </Button>
          </p>
        )}
      </section>
      {asked !== undefined && (
        <Dialog title={say('moneyBack')} onClose={() => setAsked(undefined)}>
          <p>{say('moneyBackNote')}</p>
          <div class="buttons">
            <Button kind="main" busy={busy} onPress={() => void send(asked)}>
              <SendText amount={asked} currency={currency} />
            </Button>
            <Button onPress={() => setAsked(undefined)}>{say('keepIt')}</Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
