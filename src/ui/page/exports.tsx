/** The whole history as a file: CSV, JSON, an hledger journal. */
import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { ask } from '../../extension/screen.ts';
import type { ExportFormat } from '../../wallet/history/historyview.ts';
import { say } from '../../words/say.ts';
import { saveFile } from './download.ts';

const FILES: Record<ExportFormat, { readonly name: string; readonly type: string }> = {
  csv: { name: 'farthing-history.csv', type: 'text/csv' },
  json: { name: 'farthing-history.json', type: 'application/json' },
  journal: { name: 'farthing-history.journal', type: 'text/plain' },
};
const FORMATS = ['csv', 'json', 'journal'] as const;

export function Exports() {
  const [busy, setBusy] = useState<ExportFormat>();
  const save = async (format: ExportFormat) => {
    setBusy(format);
    saveFile({ ...FILES[format], text: await ask('export-history', { format }) });
    setBusy(undefined);
  };
  return (
    <p class="soft exports">
      {say('takeAway')}{' '}
      {FORMATS.map((format) => (
        <Button
          key={format}
          kind="link"
          busy={busy !== undefined}
          onPress={() => void save(format)}
        >
          {say(`format_${format}`)}
        </Button>
      ))}
    </p>
  );
}
