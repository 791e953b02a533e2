/** The page of history, sellers and settings, in every state. */
import type { HistoryView, ReceiptView } from '../../src/wallet/historyview.ts';
import {
  entry,
  HISTORY,
  LONG_NAME,
  LONG_TITLE,
  SELLER_VIEWS,
  SPENDING,
  stateWith,
  walletWith,
} from './rows.ts';
import {
  type Answers,
  DAY_MS,
  gives,
  MINUTE_MS,
  NOW_MS,
  type State,
  type States,
} from './state.ts';

const AROUND: Answers = {
  state: gives(stateWith(undefined, walletWith({ sandbox: true }))),
  refresh: gives(true),
  spending: gives(SPENDING),
  sellers: gives([...SELLER_VIEWS]),
  history: gives(HISTORY),
};
const NOTHING_FOUND: HistoryView = { entries: [], days: {}, next: undefined };
const NOTHING: Answers = {
  spending: gives({ ...SPENDING, sums: [] }),
  sellers: gives([]),
  history: gives(NOTHING_FOUND),
};

type View = 'history' | 'sellers' | 'settings';

function page(view: View, answers: Answers = {}, acts: State['acts'] = []): State {
  return { path: `/page.html#${view}`, answers: { ...AROUND, ...answers }, acts };
}

const RECEIPT: ReceiptView = {
  ...entry({ undoUntilMs: NOW_MS + 5 * MINUTE_MS }),
  url: 'https://thedaily.example/tides',
  untilMs: NOW_MS + 365 * DAY_MS,
  reference: 'AbCdEfGhIjKlMnOpQrStUv.7',
  receipt: 'e.e.e',
};
const TITLE = '.entry-title';
const FORGET = '.setting:last-child .button-link';
const REPORT = '.dialog .button-link';

export const PAGE: States = {
  loading: page('history', { state: 'never' }),
  'no wallet': page('history', {
    state: gives({ wallet: undefined, tab: undefined, site: undefined, isEverySite: false }),
  }),
  offline: page('history', { refresh: gives(false) }),
  history: page('history'),
  'history, empty': page('history', NOTHING),
  'history, loading': page('history', { history: 'never' }),
  'history, failed': page('history', { history: { code: 'provider_unreachable' } }),
  'history, nothing found': page('history', { history: { value: HISTORY, later: NOTHING_FOUND } }, [
    { into: 'input[type=search]', text: 'whales' },
  ]),
  'history, a month': page('history', {}, ['.column:nth-of-type(11)']),
  receipt: page('history', { receipt: gives(RECEIPT) }, [TITLE]),
  'receipt, long': page(
    'history',
    {
      receipt: gives({
        ...RECEIPT,
        title: LONG_TITLE,
        sellerName: LONG_NAME,
        undoUntilMs: undefined,
      }),
    },
    [TITLE],
  ),
  'receipt, none': page(
    'history',
    {
      receipt: gives({
        ...RECEIPT,
        ...{ state: 'waiting' as const, receipt: undefined },
        untilMs: undefined,
        reference: undefined,
        undoUntilMs: undefined,
      }),
    },
    [TITLE],
  ),
  report: page('history', { receipt: gives(RECEIPT) }, [TITLE, REPORT]),
  'report, for the service': page('history', { receipt: gives(RECEIPT) }, [
    ...[TITLE, REPORT],
    '.choice label:last-child input',
    '.dialog .button-main',
  ]),
  'undo refused': page('history', { receipt: gives(RECEIPT), undo: { code: 'undo_quota' } }, [
    '.entry .small-button',
  ]),
  sellers: page('sellers'),
  'sellers, none': page('sellers', NOTHING),
  'sellers, loading': page('sellers', { sellers: 'never' }),
  'sellers, limits': page('sellers', {}, ['.rule label:nth-of-type(2) input']),
  settings: page('settings'),
  'settings, a report': page('settings', {}, ['.setting:nth-last-child(2) .button']),
  forget: page('settings', { 'foresee-forgetting': gives({ now: 1240, later: 3 }) }, [FORGET]),
  'forget, nothing': page('settings', { 'foresee-forgetting': gives({ now: 0, later: 0 }) }, [
    FORGET,
  ]),
  forgetting: page(
    'settings',
    { 'foresee-forgetting': gives({ now: 1240, later: 3 }), forget: 'never' },
    [FORGET, '.dialog .button-main'],
  ),
  'settings, no amount': page('settings', {}, [{ into: '.limit input', text: 'x' }]),
};
