/** Every screen in each of its states: what the wallet answers there, and what is pressed. */
import type { OwnAnswers, OwnMessage, SiteView } from '../../src/extension/messages.ts';
import type { SafetyView } from '../../src/wallet/devices.ts';
import type { EntryView, SpendingView } from '../../src/wallet/historyview.ts';
import type { SellerView } from '../../src/wallet/sellerview.ts';
import type { AskView, PaymentView, TabView, WalletView } from '../../src/wallet/view.ts';

type Refusal = { readonly ok: false; readonly code: string; readonly detail: string };
export type SceneAnswers = {
  readonly [T in OwnMessage['type']]?: OwnAnswers[T] | Refusal | undefined;
};

export interface Scene {
  readonly name: string;
  readonly path: string;
  readonly answers: SceneAnswers;
  /** What is pressed, one after the other, each as soon as it is there. */
  readonly presses?: readonly string[];
}

const MINUTE_MS = 60_000;
const nowMs = Date.now();

const wallet: WalletView = {
  ...{ providerHost: 'pay.example', sandbox: true, currency: 'USD', yours: '4310000' },
  ...{ aside: '600000', asideSellers: 3, atRisk: '0', spentToday: '360000' },
  ...{ dailyLimit: '1000000', latest: [], isAtStake: false },
};

const payment: PaymentView = {
  ...{ id: 'a', title: 'How tides work', sellerName: 'The Daily Courier' },
  ...{ host: 'thedaily.example', url: 'https://thedaily.example/tides', amount: '20000' },
  ...{ currency: 'USD', state: 'paid', atMs: nowMs - 3 * MINUTE_MS, refusal: undefined },
  ...{ undoUntilMs: nowMs + 7 * MINUTE_MS, fetching: undefined, missed: [] },
  ...{ undo: undefined, undoRefusal: undefined },
};

const latest: PaymentView[] = [
  payment,
  { ...payment, id: 'b', title: 'Reef sharks', amount: '2500', undo: 'granted' },
  { ...payment, id: 'c', title: 'Kelp', state: 'sending', undoUntilMs: undefined },
  {
    ...{ ...payment, id: 'd', title: 'Eels', state: 'refused', refusal: 'device_limit' },
    undoUntilMs: undefined,
  },
  { ...payment, id: 'e', title: 'Otters', state: 'taken', undoUntilMs: undefined },
];

const question: AskView = {
  ...{ kind: 'ask', id: 'q', sellerName: 'The Daily Courier', host: 'thedaily.example' },
  ...{ isFirstTime: true, title: 'How tides work', amount: '20000', currency: 'USD' },
  ...{ former: undefined, durationSec: 365 * 86_400, refundSec: 600, short: undefined },
  ...{ isOverDay: false, reasons: ['first-time'] },
  allowance: { item: '50000', day: '500000' },
};

const site: SiteView = {
  ...{ host: 'thedaily.example', pattern: 'https://thedaily.example/*', isLetIn: true },
  ...{ oneClick: undefined, isShut: false },
};

interface Around {
  readonly tab?: TabView;
  readonly site?: SiteView;
  readonly wallet?: WalletView;
}

/** What the popup is answered. */
function popup({ tab, site: place, wallet: own = wallet }: Around): SceneAnswers {
  return {
    state: { wallet: own, tab, site: place, isEverySite: false },
    refresh: true,
    standing: 'open',
  };
}

const POPUP = '/popup.html?tab=0';
const limits = { item: '50000', day: '500000', currency: 'USD' };
const paid = { kind: 'paid', payment } as const;

const popups: Scene[] = [
  { name: 'popup, nothing bought', path: POPUP, answers: popup({}) },
  {
    name: 'popup, last payments',
    path: POPUP,
    answers: popup({ wallet: { ...wallet, latest }, site: { ...site, oneClick: limits } }),
  },
  {
    name: 'popup, safety',
    path: POPUP,
    answers: popup({ wallet: { ...wallet, isAtStake: true } }),
  },
  { name: 'popup, offline', path: POPUP, answers: { ...popup({}), refresh: false } },
  { name: 'popup, a question', path: POPUP, answers: popup({ tab: question, site }) },
  {
    name: 'popup, a dearer question over the limit',
    path: POPUP,
    answers: popup({
      tab: { ...question, isOverDay: true, former: '10000', durationSec: 0, refundSec: 0 },
    }),
  },
  {
    name: 'popup, not enough',
    path: POPUP,
    answers: popup({ tab: { ...question, amount: '200000', short: '180000' } }),
  },
  {
    name: 'popup, paid',
    path: POPUP,
    answers: { ...popup({ tab: question, site: { ...site, isLetIn: false } }), pay: paid },
    presses: ['.button-main[aria-disabled=false]'],
  },
  {
    name: 'popup, refused by the service',
    path: POPUP,
    answers: {
      ...popup({ tab: question }),
      pay: { ok: false, code: 'provider_unreachable', detail: '' },
    },
    presses: ['.button-main[aria-disabled=false]'],
  },
  ...(['owned', 'waiting', 'refused'] as const).map((kind) => ({
    name: `popup, ${kind}`,
    path: POPUP,
    answers: popup({
      tab: { kind, payment: { ...payment, state: 'sending', refusal: 'not_delivered' } },
      site: { ...site, isLetIn: false },
    }),
  })),
  {
    name: 'popup, the service is silent',
    path: POPUP,
    answers: popup({ tab: { kind: 'waiting', payment: { ...payment, state: 'intended' } } }),
  },
  {
    name: 'popup, not to be paid',
    path: POPUP,
    answers: popup({ tab: { kind: 'unpayable', code: 'provider_unknown', detail: '' } }),
  },
  {
    name: 'popup, a page that lets nothing out',
    path: POPUP,
    answers: popup({ site: { ...site, isLetIn: false, isShut: true } }),
  },
  ...(['none', 'revoked'] as const).map((standing) => ({
    name: `popup, no wallet, ${standing}`,
    path: POPUP,
    answers: {
      state: { wallet: undefined, tab: undefined, site: undefined, isEverySite: false },
      standing,
      refresh: false,
    },
  })),
];

const service = {
  ...{ host: 'pay.example', name: 'Example Pay', sandbox: true, currency: 'USD' },
  starter: '250000',
};
const noState = popup({}).state;
const WELCOME = '/welcome.html#provider=pay.example&back=https://thedaily.example/tides';

const safety: SafetyView = {
  ...{ providerHost: 'pay.example', currency: 'USD', kinds: ['passkey', 'words'] },
  ...{ copy: 'full', damaged: 1 },
  devices: [
    {
      ...{ kid: 'a', name: '', isThis: true, addedMs: nowMs, revokedMs: undefined },
      ...{ aside: '0', backByMs: nowMs },
    },
    {
      ...{ kid: 'b', name: 'Chrome', isThis: false, addedMs: nowMs },
      ...{ revokedMs: undefined, aside: '600000', backByMs: nowMs },
    },
    {
      ...{ kid: 'c', name: 'Firefox', isThis: false, addedMs: nowMs },
      ...{ revokedMs: nowMs, aside: '600000', backByMs: nowMs },
    },
  ],
};

const kept = { standing: 'open', safety } as const;

const others: Scene[] = [
  {
    name: 'first run',
    path: WELCOME,
    answers: { standing: 'none', state: noState, meet: service },
  },
  {
    name: 'first run, another service',
    path: WELCOME,
    answers: {
      ...{ standing: 'none', state: noState },
      meet: { ok: false, code: 'provider_unreachable', detail: '' },
    },
    presses: ['.soft .button-link'],
  },
  {
    name: 'first run, a wallet that comes back',
    path: WELCOME,
    answers: { standing: 'none', state: noState, meet: service },
    presses: ['.soft:last-of-type .button-link', '.restore .buttons:last-of-type .button'],
  },
  {
    name: 'first run, coming back',
    path: WELCOME,
    answers: { standing: 'restoring', state: noState, meet: service },
  },
  {
    name: 'first run, ready',
    path: WELCOME,
    answers: { standing: 'open', state: noState, safety },
  },
  { name: 'recovery, no wallet', path: '/recovery.html', answers: { standing: 'none' } },
  {
    name: 'recovery, not safe',
    path: '/recovery.html',
    answers: { standing: 'open', safety: { ...safety, kinds: [], copy: undefined } },
  },
  { name: 'recovery, safe', path: '/recovery.html', answers: kept },
  {
    name: 'recovery, a browser is named',
    path: '/recovery.html',
    answers: kept,
    presses: ['.device-links .button-link'],
  },
  {
    name: 'recovery, a browser is removed',
    path: '/recovery.html',
    answers: kept,
    presses: ['.device:nth-of-type(2) .device-links .button-link:last-of-type'],
  },
  { name: 'recovery, words', path: '/recovery.html#words', answers: kept, presses: ['.words'] },
  {
    name: 'recovery, words are checked',
    path: '/recovery.html#words',
    answers: kept,
    presses: ['.buttons .button-main', 'form .button-main'],
  },
];

const DAILY = 'daily@pay.example';
const TODAY = new Date().toLocaleDateString('sv');

function entry(change: Partial<EntryView>): EntryView {
  return {
    ...{ id: 'a', atMs: nowMs - 3 * MINUTE_MS, day: TODAY, title: 'How tides work' },
    ...{ sellerName: 'The Daily Courier', payto: DAILY, host: 'thedaily.example' },
    ...{ amount: '20000', currency: 'USD', state: 'paid', undoUntilMs: undefined },
    ...change,
  };
}

const entries = [
  entry({ undoUntilMs: nowMs + 7 * MINUTE_MS }),
  entry({ id: 'b', title: 'Reef sharks', amount: '12500', state: 'undone' }),
  entry({ id: 'c', title: 'Kelp', day: '2025-11-24', state: 'waiting' }),
  entry({ id: 'd', title: 'Eels', day: '2025-11-24', state: 'refused' }),
];

const sums = [
  { month: '2025-10', payto: DAILY, sellerName: 'The Daily Courier', spent: '3360000', count: 18 },
  { month: '2025-11', payto: 'tunes@pay.example', sellerName: 'Tunes', spent: '20000', count: 1 },
];
const spending: SpendingView = { currency: 'USD', months: ['2025-10', '2025-11'], sums };

const seller: SellerView = {
  ...{ payto: DAILY, name: 'The Daily Courier', currency: 'USD', aside: '600000' },
  ...{ atRisk: '20000', isUsedElsewhere: true, spentToday: '20000', spent: '380000' },
  hosts: [
    {
      host: 'thedaily.example',
      rule: { kind: 'one-click', itemMicros: '50000', dayMicros: '500000' },
    },
    { host: 'old.thedaily.example', rule: { kind: 'block' } },
  ],
};

const bought: SceneAnswers = {
  ...popup({}),
  history: { entries, days: { [TODAY]: '20000', '2025-11-24': '20000' }, next: undefined },
  spending,
  sellers: [seller],
  receipt: {
    ...entry({ undoUntilMs: nowMs + 7 * MINUTE_MS }),
    ...{ url: 'https://thedaily.example/tides', untilMs: nowMs + 86_400_000 },
    ...{ reference: 'T-1', receipt: 'a.b.c' },
  },
  'take-back': { back: '400000', left: '200000', leftUntilMs: nowMs + 86_400_000 },
};

const pages: Scene[] = [
  {
    name: 'history, nothing bought',
    path: '/page.html',
    answers: {
      ...popup({}),
      history: { entries: [], days: {}, next: undefined },
      spending: { ...spending, sums: [] },
      sellers: [],
    },
  },
  { name: 'history', path: '/page.html', answers: bought, presses: ['.figures summary'] },
  {
    name: 'history, a month',
    path: '/page.html',
    answers: { ...bought, refresh: false },
    presses: ['.column:last-of-type'],
  },
  { name: 'history, a receipt', path: '/page.html', answers: bought, presses: ['.entry-title'] },
  {
    name: 'history, a failure',
    path: '/page.html',
    answers: { ...bought, history: { ok: false, code: 'internal', detail: '' } },
  },
  {
    name: 'sellers',
    path: '/page.html#sellers',
    answers: bought,
    presses: ['.seller-acts .button', '.rule-change .button-link'],
  },
  { name: 'sellers, none', path: '/page.html#sellers', answers: { ...bought, sellers: [] } },
  { name: 'settings', path: '/page.html#settings', answers: bought },
  {
    name: 'page, no wallet',
    path: '/page.html',
    answers: {
      state: { wallet: undefined, tab: undefined, site: undefined, isEverySite: false },
      refresh: false,
    },
  },
];

export const SCENES: readonly Scene[] = [...popups, ...others, ...pages];
