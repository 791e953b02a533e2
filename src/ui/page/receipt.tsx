/** One purchase in full: what was bought, when, from whom, until when; and its signed receipt. */
import { Amount } from '../../design/amount.tsx';
import { Button } from '../../design/button.tsx';
import { Dialog } from '../../design/dialog.tsx';
import { amountSaid, amountText } from '../../extension/amounts.ts';
import { formatAmount } from '../../protocol/display.ts';
import type { Micros } from '../../protocol/money.ts';
import type { ReceiptView } from '../../wallet/history/historyview.ts';
import { say } from '../../words/say.ts';
import { fullTime } from './dates.ts';
import { saveFile } from './download.ts';
import { canUndo, type EntryActs, stateText, UndoButton } from './entry.tsx';

interface ReceiptProps extends Pick<EntryActs, 'onUndo'> {
  readonly receipt: ReceiptView;
  readonly onReport: (receipt: ReceiptView) => void;
  readonly onClose: () => void;
}

/** What is known of a purchase, line by line; an amount in words too. */
export function* facts(
  receipt: ReceiptView,
): Generator<readonly [name: string, text: string, said?: string]> {
  const { untilMs, undoUntilMs, state, amount, currency } = receipt;
  yield [say('seller'), receipt.sellerName];
  yield [say('site'), receipt.host];
  yield [say('price'), amountText(amount, currency), amountSaid(amount, currency)];
  yield [say('when'), fullTime(receipt.atMs)];
  yield [say('state'), stateText(receipt)];
  if (untilMs !== undefined && state === 'paid') yield [say('yoursUntil'), fullTime(untilMs)];
  if (undoUntilMs !== undefined && canUndo(receipt))
    yield [say('undoUntil'), fullTime(undoUntilMs)];
  if (receipt.reference !== undefined) yield [say('reference'), receipt.reference];
}

/** What is written down of a purchase; `receipt` is what the seller signed. */
export function receiptFile(view: ReceiptView) {
  const { title, sellerName, url, amount, currency, atMs, untilMs, reference, receipt } = view;
  // As every program reads it, whatever the reader's language.
  const written = formatAmount({ amountMicros: BigInt(amount) as Micros, currency });
  const text = {
    ...{ title, seller: sellerName, address: url, amount: written, currency },
    time: new Date(atMs).toISOString(),
    yoursUntil: untilMs === undefined ? undefined : new Date(untilMs).toISOString(),
    reference,
    receipt,
  };
  return {
    name: `farthing-receipt-${view.day}-${view.id.slice(0, 6)}.json`,
    type: 'application/json',
    text: `${JSON.stringify(text, null, 2)}\n`,
  };
}

export function ReceiptDialog({ receipt, onUndo, onReport, onClose }: ReceiptProps) {
  const { title, url, state } = receipt;
  return (
    <Dialog title={title} onClose={onClose}>
      <dl class="facts">
        <div>
          <dt>{say('reportAddress')}</dt>
          <dd>
            <bdi dir="ltr">{url}</bdi>
          </dd>
        </div>
        {[...facts(receipt)].map(([name, text, said]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{said === undefined ? text : <Amount said={said}>{text}</Amount>}</dd>
          </div>
        ))}
      </dl>
      {receipt.receipt === undefined && <p class="soft">{say('noReceipt')}</p>}
      <div class="buttons">
        {state === 'paid' && (
          <a class="button button-main" href={url} target="_blank" rel="noreferrer">
            {say('open')}
          </a>
        )}
        <UndoButton entry={receipt} onUndo={onUndo} />
        {receipt.receipt !== undefined && (
          <Button onPress={() => saveFile(receiptFile(receipt))}>{say('download')}</Button>
        )}
        <Button onPress={onClose}>{say('close')}</Button>
      </div>
      <p>
        <Button kind="link" onPress={() => onReport(receipt)}>
          {say('report')}
        </Button>
      </p>
    </Dialog>
  );
}
