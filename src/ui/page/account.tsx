/** The account at the wallet service: what it has booked and all that it holds, as files. */
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Select } from '../../design/select.tsx';
import { ask } from '../../extension/screen.ts';
import type { WalletView } from '../../wallet/view.ts';
import { say } from '../../words/say.ts';
import { callText } from '../words.ts';
import { monthName } from './dates.ts';
import { type Download, saveFile } from './download.ts';
import { Leave } from './leave.tsx';

/** `farthing-statement-2026-11.csv`. */
async function statementFile(month: string | undefined): Promise<Download> {
  const name = ['farthing-statement', month].filter(Boolean).join('-');
  return { name: `${name}.csv`, type: 'text/csv', text: await ask('statement', { month }) };
}

async function heldFile(): Promise<Download> {
  const text = await ask('held', {});
  return { name: 'farthing-account.json', type: 'application/json', text };
}

/** Makes a file and hands it to the browser, or says why there is none. */
function useFile() {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const save = async (make: () => Promise<Download>) => {
    setBusy(true);
    setFailure(undefined);
    try {
      saveFile(await make());
    } catch (error) {
      setFailure(callText(error));
    }
    setBusy(false);
  };
  return { busy, failure, save };
}

interface AccountProps {
  readonly wallet: WalletView;
  readonly onChanged: () => Promise<void>;
}

export function Account({ wallet, onChanged }: AccountProps) {
  const [months, setMonths] = useState<readonly string[]>([]);
  const [month, setMonth] = useState<string>();
  const { busy, failure, save } = useFile();
  useEffect(
    () => void ask('spending', { month: undefined }).then((it) => setMonths(it.months)),
    [],
  );
  return (
    <section class="card setting">
      <h2>{say('account', { host: wallet.providerHost })}</h2>
      <p class="soft">{say('statementNote')}</p>
      <div class="limit">
        <Select
          label={say('statement')}
          any={say('anyMonth')}
          value={month}
          options={months.toReversed().map((it) => [it, monthName(it)] as const)}
          onChange={setMonth}
        />
        <Button busy={busy} onPress={() => void save(() => statementFile(month))}>
          {say('saveFile')}
        </Button>
      </div>
      <p>
        <Button busy={busy} onPress={() => void save(heldFile)}>
          {say('held')}
        </Button>
      </p>
      {failure !== undefined && (
        <p class="notice" role="alert">
          {failure}
        </p>
      )}
      <Leave wallet={wallet} onChanged={onChanged} />
    </section>
  );
}
