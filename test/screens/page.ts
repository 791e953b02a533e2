/** The page of history, sellers and settings, in every state. */

import type { LeavingView } from '../../src/wallet/account/leaving.ts';
import type { WithdrawalView } from '../../src/wallet/account/withdrawals.ts';
import type { HistoryView, ReceiptView } from '../../src/wallet/history/historyview.ts';
import type { WalletView } from '../../src/wallet/view.ts';
import {
  CARD,
  DAILY,
  device,
  entry,
  HISTORY,
  LONG_NAME,
  LONG_TITLE,
  SELLER_VIEWS,
  SPENDING,
  safetyWith,
  stateWith,
  TUNES,
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
  refresh: gives(undefined),
  spending: gives(SPENDING),
  sellers: gives([...SELLER_VIEWS]),
  history: gives(HISTORY),
};
const NOTHING_FOUND: HistoryView = { entries: [], days: {}, next: undefined };
const SERVICE = { host: 'pay.example', name: 'Pay Example', sandbox: true, currency: 'USD' };
const NOTHING: Answers = {
  meet: gives({ ...SERVICE, starter: '250000', first: 'https://thedaily.example/tides' }),
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
const FORGETTING = { now: 1240, later: 3, laterByMs: NOW_MS + 9 * DAY_MS };
const ADD = '.page-head .button';
const TITLE = '.entry-title';
const FORGET = '.setting:last-child .button-danger';
const BACK = '.setting:nth-last-child(3) .button';
const ACCOUNT = '.setting:nth-child(4)';
const LEAVE = `${ACCOUNT} .button-danger`;
const REST: LeavingView = {
  ...{ returnable: '0', rest: '252500', aside: [] },
  coming: undefined,
};
const IN_THE_WAY: LeavingView = {
  ...{ ...REST, returnable: '4310000' },
  aside: [
    ...[{ payto: DAILY, sellerName: 'The Daily Courier', amount: '180000' }],
    ...[{ payto: TUNES, sellerName: LONG_NAME, amount: '0' }],
  ].map((it) => ({ ...it, backByMs: NOW_MS + 9 * DAY_MS })),
  coming: { amount: '40000', backByMs: NOW_MS + 9 * DAY_MS },
};
const others = {
  safety: gives(
    safetyWith({ devices: [device(), device({ kid: 'k2', isThis: false, aside: '250000' })] }),
  ),
};
const GONE: WithdrawalView = {
  ...{ isAsked: false, coming: '0', there: '0', failed: '0' },
  refusal: undefined,
};
const withMoney = (change: Partial<WalletView>) =>
  gives(stateWith(undefined, walletWith({ returnable: '4310000', ...change })));
const REPORT = '.dialog .button-link';

export const PAGE: States = {
  loading: page('history', { state: 'never' }),
  'no wallet': page('history', {
    state: gives({ wallet: undefined, tab: undefined, site: undefined, isEverySite: false }),
  }),
  'card awaited': page('history', {
    state: gives(stateWith(undefined, walletWith({ topUp: CARD }))),
  }),
  'card paid': page('settings', {
    state: gives(stateWith(undefined, walletWith({ topUp: { ...CARD, state: 'paid' } }))),
  }),
  'adding money': page('history', { 'top-up': 'never' }, [ADD]),
  'no money added': page('history', { 'top-up': { code: 'topup_refused' } }, [ADD]),
  offline: page('history', { refresh: gives('provider_unreachable') }),
  history: page('history'),
  'history, empty': { ...page('history', NOTHING), until: '.button-main' },
  'history, loading': page('history', { history: 'never' }),
  'history, failed': page('history', { history: { code: 'provider_unreachable' } }),
  'history, nothing found': page('history', { history: { value: HISTORY, later: NOTHING_FOUND } }, [
    { into: 'input[type=search]', text: 'whales' },
  ]),
  'history, nothing that month': {
    ...page('history', { history: gives(NOTHING_FOUND) }),
    path: '/page.html?month=2025-11#history',
  },
  'history, wished away': page('history', {
    history: gives({
      ...HISTORY,
      entries: HISTORY.entries.map((it) => ({ ...it, isGoing: true })),
    }),
  }),
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
  'settings, no statement': page('settings', { statement: { code: 'internal' } }, [
    `${ACCOUNT} .limit .button`,
  ]),
  'settings, saving': page('settings', { held: 'never' }, [`${ACCOUNT} > p .button`]),
  'leave, no answer': page('settings', { 'foresee-leaving': { code: 'provider_unreachable' } }, [
    LEAVE,
  ]),
  'leave, first this': page(
    'settings',
    {
      ...others,
      'foresee-leaving': gives(IN_THE_WAY),
      state: withMoney({ topUp: CARD, withdrawal: { ...GONE, coming: '1000000' } }),
    },
    [LEAVE],
  ),
  leave: page('settings', { ...others, 'foresee-leaving': gives(REST) }, [LEAVE]),
  'leave, chosen': page('settings', { 'foresee-leaving': gives(REST) }, [
    ...[LEAVE, '.choice label:first-of-type input'],
  ]),
  'leave, refused': page(
    'settings',
    { 'foresee-leaving': gives(REST), leave: { code: 'account_not_empty' } },
    [LEAVE, '.choice label:last-of-type input', '.dialog .button-danger'],
  ),
  'leaving, on its way': page('settings', {
    state: gives(stateWith(undefined, walletWith({ isLeaving: true }))),
  }),
  closed: {
    ...page('settings', {
      state: gives({ wallet: undefined, tab: undefined, site: undefined, isEverySite: false }),
    }),
    path: '/page.html#closed',
  },
  forget: page('settings', { 'foresee-forgetting': gives(FORGETTING) }, [FORGET]),
  'forget, nothing': page(
    'settings',
    { 'foresee-forgetting': gives({ now: 0, later: 0, laterByMs: 0 }) },
    [FORGET],
  ),
  'money back': page('settings', { state: withMoney({}) }),
  'money back, a question': page('settings', { state: withMoney({}) }, [BACK]),
  'money back, sending': page('settings', { state: withMoney({}), withdraw: 'never' }, [
    ...[BACK, '.dialog .button-main'],
  ]),
  'money back, asked for': page('settings', {
    state: withMoney({ withdrawal: { ...GONE, isAsked: true } }),
  }),
  'money back, on its way': page('settings', {
    state: withMoney({ withdrawal: { ...GONE, coming: '4310000' } }),
  }),
  'money back, arrived and not': page('settings', {
    state: withMoney({ withdrawal: { ...GONE, there: '2310000', failed: '2000000' } }),
  }),
  'money back, refused': page('settings', {
    state: withMoney({ withdrawal: { ...GONE, refusal: 'account_frozen' } }),
  }),
  forgetting: page('settings', { 'foresee-forgetting': gives(FORGETTING), forget: 'never' }, [
    FORGET,
    '.dialog .button-danger',
  ]),
  'settings, no amount': page('settings', {}, [{ into: '.limit input', text: 'x' }]),
};
