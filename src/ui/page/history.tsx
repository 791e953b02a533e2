/** History: where the money went, what was bought, and files to take away. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { ask, openBought } from '../../extension/screen.ts';
import { FarthingError } from '../../protocol/errors.ts';
import type { EntryView, ReceiptView, SpendingView } from '../../wallet/history/historyview.ts';
import type { HistoryQuery } from '../../wallet/history/search.ts';
import type { WalletView } from '../../wallet/view.ts';
import { say } from '../../words/say.ts';
import { FirstPageLink } from '../firstpage.tsx';
import { Said } from '../said.tsx';
import { reasonText } from '../words.ts';
import { type Browsing, useChange, useHistory } from './browse.ts';
import { monthName } from './dates.ts';
import { DayList } from './daylist.tsx';
import type { EntryActs } from './entry.tsx';
import { Exports } from './exports.tsx';
import { Find, isFiltered } from './find.tsx';
import { ReceiptDialog } from './receipt.tsx';
import { ReportDialog } from './report.tsx';
import { Spending } from './spending.tsx';

/** What the months came to, read again when something changed. */
function useSpending({ month }: HistoryQuery): SpendingView | undefined {
  const [spending, setSpending] = useState<SpendingView>();
  const look = useCallback(async () => setSpending(await ask('spending', { month })), [month]);
  useLayoutEffect(() => void look(), [look]);
  useChange(look);
  return spending;
}

/** An undo that did not work. */
interface Failed {
  readonly text: string;
  readonly entry: EntryView;
}

/** `?report=…`, as the popup opens it. */
function reportInAddress(): string | null {
  return new URLSearchParams(location.search).get('report');
}

/** The receipt or the report that is open, and what can be done about an entry. */
function useActs({ renew }: Browsing) {
  const [receipt, setReceipt] = useState<ReceiptView>();
  const [report, setReport] = useState<ReceiptView>();
  const [failure, setFailure] = useState<Failed>();
  const acts = useMemo<EntryActs>(() => {
    const read = (entry: EntryView) => ask('receipt', { paymentId: entry.id });
    return {
      onReceipt: (entry) => void read(entry).then(setReceipt),
      async onOpen(entry) {
        const view = await read(entry);
        if (view) await openBought(view.url);
      },
      async onUndo(entry) {
        setFailure(undefined);
        try {
          await ask('undo', { paymentId: entry.id });
        } catch (error) {
          if (!(error instanceof FarthingError)) throw error;
          setFailure({ text: reasonText(error.code), entry });
        }
        const view = await read(entry);
        if (!view) return;
        renew(view);
        setReceipt((open) => (open?.id === view.id ? view : open));
      },
    };
  }, [renew]);
  const onReport = useCallback((of: ReceiptView | undefined) => {
    setReceipt(undefined);
    setReport(of);
  }, []);
  useEffect(() => {
    const paymentId = reportInAddress();
    if (paymentId === null) return;
    // Once: whoever closes it and loads the page again meant the page.
    window.history.replaceState(null, '', location.pathname + location.hash);
    void ask('receipt', { paymentId }).then(onReport);
  }, [onReport]);
  return { acts, receipt, report, failure, onReport, close: () => setReceipt(undefined) };
}

function Empty({ wallet }: { readonly wallet: WalletView }) {
  return (
    <section class="card blank">
      <h2>{say('nothingBought')}</h2>
      <p>
        <Said>
          {({ balance }) =>
            say('nothingBoughtNote', { yours: balance(wallet.yours, wallet.currency) })
          }
        </Said>
      </p>
      <FirstPageLink wallet={wallet} />
    </section>
  );
}

/** That nothing was found; the way back stands among what was looked for. */
function noneText({ month, ...rest }: HistoryQuery): string {
  if (month === undefined || isFiltered(rest)) return say('noneFound');
  return say('noneIn', { month: monthName(month) });
}

interface ListProps {
  readonly wallet: WalletView;
  readonly browsing: Browsing;
  readonly query: HistoryQuery;
  readonly acts: EntryActs;
}

function List({ wallet, browsing, query, acts }: ListProps) {
  const { found, busy, failure, reload } = browsing;
  const today = new Date().toLocaleDateString('sv');
  if (failure !== undefined)
    return (
      <div class="notice" role="alert">
        {failure}{' '}
        <Button kind="link" onPress={() => void reload()}>
          {say('tryAgain')}
        </Button>
      </div>
    );
  if (!found) return <p class="soft">{say('moment')}</p>;
  const isNone = found.days.length === 0 && !found.next && !busy;
  if (isNone && !isFiltered(query)) return <Empty wallet={wallet} />;
  return (
    <>
      {isNone && <p role="status">{noneText(query)}</p>}
      <DayList
        browsing={{ ...browsing, found }}
        isFiltered={isFiltered(query)}
        currency={wallet.currency}
        today={today}
        acts={acts}
      />
    </>
  );
}

interface HistoryScreenProps {
  readonly wallet: WalletView;
  readonly query: HistoryQuery;
  readonly onQuery: (query: HistoryQuery) => void;
}

export function HistoryScreen({ wallet, query, onQuery }: HistoryScreenProps) {
  const browsing = useHistory(query);
  const spending = useSpending(query);
  const { acts, receipt, report, failure, onReport, close } = useActs(browsing);
  const isBare = browsing.found?.days.length === 0 && !isFiltered(query);
  return (
    <>
      {spending && <Spending spending={spending} query={query} onQuery={onQuery} />}
      {browsing.found && !isBare && (
        <Find
          query={query}
          onQuery={onQuery}
          months={spending?.known ?? []}
          sellers={spending?.sellers ?? []}
        >
          <Exports />
        </Find>
      )}
      {failure !== undefined && (
        <p class="notice" role="alert">
          {failure.text}{' '}
          <Button
            kind="link"
            onPress={() => void ask('receipt', { paymentId: failure.entry.id }).then(onReport)}
          >
            {say('report')}
          </Button>
        </p>
      )}
      <section aria-label={say('view_history')} aria-busy={browsing.busy}>
        <List wallet={wallet} browsing={browsing} query={query} acts={acts} />
      </section>
      {receipt && (
        <ReceiptDialog receipt={receipt} onUndo={acts.onUndo} onReport={onReport} onClose={close} />
      )}
      {report && (
        <ReportDialog
          receipt={report}
          providerHost={wallet.providerHost}
          onClose={() => onReport(undefined)}
        />
      )}
    </>
  );
}
