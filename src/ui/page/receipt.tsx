/** One purchase in full: what was bought, when, from whom, until when; and its signed receipt. */
import { Button } from '../../design/button.tsx';
import { Dialog } from '../../design/dialog.tsx';
import type { ReceiptView } from '../../wallet/historyview.ts';
import { amountText } from '../words.ts';
import { saveFile } from './download.ts';
import { canUndo, type EntryActs, UndoButton } from './entry.tsx';
import { words } from './words.ts';

interface ReceiptProps extends Pick<EntryActs, 'onUndo'> {
  readonly receipt: ReceiptView;
  readonly onClose: () => void;
}

function* facts(receipt: ReceiptView): Generator<readonly [name: string, text: string]> {
  const { untilMs, undoUntilMs, state } = receipt;
  yield [words.seller, receipt.sellerName];
  yield [words.site, receipt.host];
  yield [words.price, amountText(receipt.amount, receipt.currency)];
  yield [words.when, words.fullTime(receipt.atMs)];
  yield [words.state, words.states[state]];
  if (untilMs !== undefined && state === 'paid') yield [words.yoursUntil, words.fullTime(untilMs)];
  if (undoUntilMs !== undefined && canUndo(receipt))
    yield [words.undoUntil, words.fullTime(undoUntilMs)];
  if (receipt.reference !== undefined) yield [words.reference, receipt.reference];
}

/** What is written down of a purchase; `receipt` is what the seller signed. */
export function receiptFile(view: ReceiptView) {
  const { title, sellerName, url, amount, currency, atMs, untilMs, reference, receipt } = view;
  const text = {
    ...{ title, seller: sellerName, address: url, amount: amountText(amount, currency), currency },
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

export function ReceiptDialog({ receipt, onUndo, onClose }: ReceiptProps) {
  const { title, url, state } = receipt;
  return (
    <Dialog title={title} onClose={onClose}>
      <dl class="facts">
        {[...facts(receipt)].map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {receipt.receipt === undefined && <p class="soft">{words.noReceipt}</p>}
      <div class="buttons">
        {state === 'paid' && (
          <a class="button button-main" href={url} target="_blank" rel="noreferrer">
            {words.open}
          </a>
        )}
        <UndoButton entry={receipt} onUndo={onUndo} />
        {receipt.receipt !== undefined && (
          <Button onPress={() => saveFile(receiptFile(receipt))}>{words.download}</Button>
        )}
        <Button onPress={onClose}>{words.close}</Button>
      </div>
    </Dialog>
  );
}
