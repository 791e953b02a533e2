/** Settings: the limit for a day, prices on every site, browsers and recovery. */
import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Meter } from '../../design/meter.tsx';
import { ask, openPage } from '../../extension/screen.ts';
import type { WalletView } from '../../wallet/view.ts';
import { say } from '../../words/say.ts';
import { EverySiteSwitch } from '../everysite.tsx';
import { SpentToday } from '../said.tsx';
import { Account } from './account.tsx';
import { AmountField, amountOf, typedOf } from './amountfield.tsx';
import { Forget } from './forget.tsx';
import { MoneyBack } from './moneyback.tsx';
import { ReportDialog } from './report.tsx';

interface SettingsProps {
  readonly wallet: WalletView;
  readonly isEverySite: boolean;
  readonly onChanged: () => Promise<void>;
}

function DailyLimit({ wallet, onChanged }: Omit<SettingsProps, 'isEverySite'>) {
  const { currency, dailyLimit, spentToday } = wallet;
  const [typed, setTyped] = useState(typedOf(dailyLimit, currency));
  const [isSaved, setSaved] = useState(false);
  const amount = amountOf(typed);
  const save = async () => {
    if (amount === undefined) return;
    await ask('set-daily-limit', { amount });
    setSaved(true);
    await onChanged();
  };
  return (
    <section class="card setting">
      <h2>{say('limit')}</h2>
      <p class="soft">{say('limitNote')}</p>
      <form
        class="limit"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <AmountField
          label={say('aDay')}
          currency={currency}
          typed={typed}
          isWrong={amount === undefined}
          onType={(next) => {
            setTyped(next);
            setSaved(false);
          }}
        />
        <Button busy={amount === undefined || amount === dailyLimit} onPress={() => void save()}>
          {say('save')}
        </Button>
      </form>
      <p class="soft" role="status">
        {amount === undefined
          ? say('amountWrong', { example: typedOf('500000', currency) })
          : isSaved && say('saved')}
      </p>
      <Meter used={BigInt(spentToday)} limit={BigInt(dailyLimit)}>
        <SpentToday wallet={wallet} />
      </Meter>
    </section>
  );
}

function Problem({ providerHost }: Pick<WalletView, 'providerHost'>) {
  const [isOpen, setOpen] = useState(false);
  return (
    <section class="card setting">
      <h2>{say('report')}</h2>
      <p class="soft">{say('reportWallet')}</p>
      <p>
        <Button onPress={() => setOpen(true)}>{say('report')}</Button>
      </p>
      {isOpen && (
        <ReportDialog
          receipt={undefined}
          providerHost={providerHost}
          onClose={() => setOpen(false)}
        />
      )}
    </section>
  );
}

export function SettingsScreen({ wallet, isEverySite, onChanged }: SettingsProps) {
  return (
    <div class="settings">
      <DailyLimit wallet={wallet} onChanged={onChanged} />
      <section class="card setting">
        <h2>{say('prices')}</h2>
        <EverySiteSwitch isOn={isEverySite} onChanged={onChanged} note={say('pricesNote')} />
      </section>
      <section class="card setting">
        <h2>{say('safety')}</h2>
        <p class="soft">{say('safetyNote')}</p>
        <p>
          <Button onPress={() => void openPage('/recovery.html')}>{say('safetyOpen')}</Button>
        </p>
      </section>
      <Account wallet={wallet} onChanged={onChanged} />
      <MoneyBack wallet={wallet} onChanged={onChanged} />
      <Problem providerHost={wallet.providerHost} />
      <section class="card setting">
        <h2>{say('view_history')}</h2>
        <Forget host={undefined} onChanged={onChanged} />
      </section>
    </div>
  );
}
