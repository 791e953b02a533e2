/**
 * A report of a problem: exactly the text that would be passed on, for the reader to change and to
 * take along. Nothing is sent, and of a purchase nothing is in it but what the reader is shown.
 */
import { useRef, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Dialog } from '../../design/dialog.tsx';
import { version } from '../../extension/screen.ts';
import type { ReceiptView } from '../../wallet/history/historyview.ts';
import { language, say } from '../../words/say.ts';
import { saveFile } from './download.ts';
import { facts } from './receipt.tsx';

/** Who is to read it. */
type Addressee = 'seller' | 'service';

interface ReportProps {
  /** The purchase that it is about; undefined where it is about the wallet. */
  readonly receipt: ReceiptView | undefined;
  readonly providerHost: string;
  readonly onClose: () => void;
}

/** What the wallet service never learns (trust T10): which page it was. */
function pageLines({ title, url }: ReceiptView): string[] {
  return [`${say('reportTitle')}: ${title}`, `${say('reportAddress')}: ${url}`];
}

/** The report before the reader has changed it. */
export function draftOf({ receipt, providerHost }: Omit<ReportProps, 'onClose'>): string {
  const known = receipt ? [...facts(receipt)].map(([name, text]) => `${name}: ${text}`) : [];
  return [
    ...[say('reportWhat'), '', ''],
    ...(receipt ? pageLines(receipt) : []),
    ...known,
    `${say('service')}: ${providerHost}`,
    `Farthing ${version()}, ${language()}`,
  ].join('\n');
}

/** The same text for somebody else; what the reader wrote stays. */
export function readdressed(text: string, receipt: ReceiptView, to: Addressee): string {
  const own = pageLines(receipt);
  const others = text.split('\n').filter((line) => !own.includes(line));
  return (to === 'service' ? others : [...others, ...own]).join('\n');
}

interface ChoiceProps {
  readonly receipt: ReceiptView;
  readonly providerHost: string;
  readonly to: Addressee;
  readonly onChoose: (to: Addressee) => void;
}

function Choice({ receipt, providerHost, to, onChoose }: ChoiceProps) {
  const { sellerName, host } = receipt;
  const names = {
    seller: say('reportSeller', { seller: sellerName, host }),
    service: say('reportService', { host: providerHost }),
  };
  return (
    <fieldset class="choice">
      <legend>{say('reportFor')}</legend>
      {(['seller', 'service'] as const).map((it) => (
        <label key={it} class="check">
          <input type="radio" name="to" checked={to === it} onChange={() => onChoose(it)} />
          <span>{names[it]}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function ReportDialog({ receipt, providerHost, onClose }: ReportProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [to, setTo] = useState<Addressee>('seller');
  const [text, setText] = useState(() => draftOf({ receipt, providerHost }));
  const [told, setTold] = useState('');
  const write = (next: string) => {
    setText(next);
    setTold('');
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setTold(say('copied'));
    } catch {
      // The browser's own word is final; what is selected can be copied by hand.
      area.current?.select();
      setTold(say('notCopied'));
    }
  };
  return (
    <Dialog title={say('report')} onClose={onClose}>
      <p>{say('reportNote')}</p>
      {receipt && (
        <Choice
          receipt={receipt}
          providerHost={providerHost}
          to={to}
          onChoose={(next) => {
            setTo(next);
            write(readdressed(text, receipt, next));
          }}
        />
      )}
      <label class="field">
        {say('reportText')}
        <textarea
          ref={area}
          dir="auto"
          rows={10}
          value={text}
          onInput={(event) => write(event.currentTarget.value)}
        />
      </label>
      <div class="buttons">
        <Button kind="main" onPress={() => void copy()}>
          {say('copyText')}
        </Button>
        <Button onPress={() => saveFile({ name: 'farthing-report.txt', type: 'text/plain', text })}>
          {say('saveFile')}
        </Button>
        <Button onPress={onClose}>{say('close')}</Button>
      </div>
      <p role="status">{told}</p>
    </Dialog>
  );
}
