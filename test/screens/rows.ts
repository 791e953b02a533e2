/** What the wallet has in the states of its screens: sellers, payments, a balance. */
import type { ScreenState, SiteView } from '../../src/extension/messages.ts';
import type { DeviceView, SafetyView } from '../../src/wallet/account/devices.ts';
import type { TopUpView } from '../../src/wallet/account/topups.ts';
import type { EntryView, HistoryView, SpendingView } from '../../src/wallet/history/historyview.ts';
import type { SellerView } from '../../src/wallet/sellers/sellerview.ts';
import type { AskView, PaymentView, TabView, WalletView } from '../../src/wallet/view.ts';
import { DAY_MS, MINUTE_MS, NOW_MS } from './state.ts';

export const DAILY = 'daily@pay.example';
export const TUNES = 'tunes@pay.example';
/** As long as titles and names may be. */
export const LONG_TITLE =
  'Everything that a municipal waterworks knows about tides, and what it would rather not say';
export const LONG_NAME = 'The Daily Courier of the Northern and Western Isles';

export function walletWith(change: Partial<WalletView> = {}): WalletView {
  return {
    ...{ providerHost: 'pay.example', sandbox: false, currency: 'USD' },
    ...{ yours: '4310000', aside: '600000', asideSellers: 3, atRisk: '0' },
    ...{
      spentToday: '360000',
      dailyLimit: '1000000',
      latest: [],
      isAtStake: false,
      returnable: '0',
    },
    lastMonth: '2026-10',
    ...change,
  };
}

/** A top-up whose card is paid on a page of its own. */
export const CARD: TopUpView = {
  ...{ amount: '5000000', state: 'begun' },
  page: 'https://checkout.example/pay',
};

export function payment(change: Partial<PaymentView> = {}): PaymentView {
  return {
    ...{ id: 'a', title: 'How tides work', sellerName: 'The Daily Courier' },
    ...{ host: 'thedaily.example', url: 'https://thedaily.example/tides' },
    ...{ amount: '20000', currency: 'USD', state: 'paid', atMs: NOW_MS - 3 * MINUTE_MS },
    ...{ refusal: undefined, undoUntilMs: undefined, fetching: undefined },
    ...{ missed: [], undo: undefined, backByMs: undefined, undoRefusal: undefined },
    isFree: false,
    ...change,
  };
}

/** One of each kind. */
export const LATEST: readonly PaymentView[] = [
  payment({ undoUntilMs: NOW_MS + 7 * MINUTE_MS }),
  payment({ id: 'b', title: 'Reef sharks', amount: '2500' }),
  payment({ id: 'c', title: 'Harbour lights, live', state: 'sending', sellerName: 'Tunes' }),
  payment({
    id: 'd',
    title: LONG_TITLE,
    sellerName: LONG_NAME,
    undo: 'granted',
    backByMs: NOW_MS + 9 * DAY_MS,
  }),
  payment({ id: 'e', title: 'Weather', state: 'refused', refusal: 'offer_over' }),
];

export const QUESTION: AskView = {
  ...{ kind: 'ask', id: 'q', sellerName: 'The Daily Courier', host: 'thedaily.example' },
  ...{ isFirstTime: true, title: 'How tides work', amount: '20000', currency: 'USD' },
  ...{ former: undefined, durationSec: 31_536_000, refundSec: 600, short: undefined },
  ...{ overDay: undefined, reasons: ['first-time'], cap: undefined, isFree: false },
  allowance: { item: '50000', day: '500000' },
};

export function siteWith(change: Partial<SiteView> = {}): SiteView {
  return {
    ...{ host: 'thedaily.example', pattern: 'https://thedaily.example/*' },
    ...{ isLetIn: false, oneClick: undefined, isShut: false },
    ...change,
  };
}

export const LIMITS = { item: '50000', day: '500000', currency: 'USD' };

/** What a screen is about. */
export function stateWith(
  tab: TabView | undefined,
  wallet: WalletView | undefined = walletWith(),
  site: SiteView | undefined = undefined,
): ScreenState {
  return { wallet, tab, site, isEverySite: false };
}

export function entry(change: Partial<EntryView> = {}): EntryView {
  return {
    ...{ id: 'a', atMs: NOW_MS - 5 * MINUTE_MS, day: '2026-11-25', title: 'How tides work' },
    ...{ sellerName: 'The Daily Courier', payto: DAILY, host: 'thedaily.example' },
    ...{ amount: '20000', currency: 'USD', state: 'paid', undoUntilMs: undefined },
    ...change,
  };
}

const ENTRIES: readonly EntryView[] = [
  entry({ undoUntilMs: NOW_MS + 5 * MINUTE_MS }),
  entry({ id: 'b', title: 'Harbour lights, live', state: 'waiting', payto: TUNES }),
  entry({ id: 'c', title: LONG_TITLE, sellerName: LONG_NAME, amount: '750000' }),
  entry({
    id: 'd',
    title: 'Reef sharks',
    amount: '2500',
    day: '2026-11-24',
    state: 'undone',
    undone: { undo: 'granted', backByMs: NOW_MS + 9 * DAY_MS },
  }),
  entry({ id: 'e', title: 'Weather', day: '2026-11-24', state: 'refused' }),
  entry({ id: 'f', title: 'الشعاب المرجانية', day: '2025-12-24', atMs: NOW_MS - 336 * DAY_MS }),
];

export const HISTORY: HistoryView = {
  entries: ENTRIES,
  days: { '2026-11-25': '790000', '2026-11-24': '0', '2025-12-24': '20000' },
  next: undefined,
};

const MONTHS = Array.from({ length: 12 }, (_, index) => {
  const month = new Date(Date.UTC(2025, 11 + index, 1));
  return month.toISOString().slice(0, 7);
});

const SELLERS = [
  [DAILY, 'The Daily Courier', 310_000n],
  [TUNES, 'Tunes', 140_000n],
  ['reef@pay.example', 'Reef Radio', 75_000n],
  ['isles@pay.example', LONG_NAME, 40_000n],
] as const;

/** Every month another height, by no chance. */
export const SPENDING: SpendingView = {
  currency: 'USD',
  months: MONTHS,
  known: MONTHS.toReversed(),
  sellers: SELLERS.map(([payto, name]) => ({ payto, name })),
  sums: MONTHS.flatMap((month, index) =>
    SELLERS.filter((_, place) => (index + place) % 3 !== 2).map(([payto, sellerName, base]) => ({
      ...{ month, payto, sellerName, count: 3 + index },
      spent: `${base + BigInt(((index * 5) % 7) * 30_000)}`,
    })),
  ),
};

export function seller(change: Partial<SellerView> = {}): SellerView {
  return {
    ...{ payto: DAILY, name: 'The Daily Courier', currency: 'USD' },
    hosts: [{ host: 'thedaily.example', rule: { kind: 'ask' } }],
    ...{ aside: '180000', atRisk: '0', isUsedElsewhere: false, coming: undefined },
    ...{ spentToday: '20000', spent: '3610000' },
    ...change,
  };
}

export const SELLER_VIEWS: readonly SellerView[] = [
  seller(),
  seller({
    payto: TUNES,
    name: 'Tunes',
    hosts: [
      {
        host: 'tunes.example',
        rule: { kind: 'one-click', itemMicros: '50000', dayMicros: '500000' },
      },
      { host: 'live.tunes.example', rule: { kind: 'block' } },
    ],
    ...{ atRisk: '20000', isUsedElsewhere: true },
    coming: { amount: '40000', backByMs: NOW_MS + 9 * DAY_MS },
  }),
  seller({ payto: 'isles@pay.example', name: LONG_NAME, aside: '0', spentToday: '0' }),
];

export function device(change: Partial<DeviceView> = {}): DeviceView {
  return {
    ...{ kid: 'k1', name: 'Chromium on Linux', isThis: true, addedMs: NOW_MS - 40 * DAY_MS },
    ...{ revokedMs: undefined, aside: '0', backByMs: NOW_MS + 9 * DAY_MS },
    ...change,
  };
}

export function safetyWith(change: Partial<SafetyView> = {}): SafetyView {
  return {
    ...{ providerHost: 'pay.example', currency: 'USD', kinds: ['words'], copy: 'on', damaged: 0 },
    devices: [
      device(),
      device({ kid: 'k2', name: 'The old laptop', isThis: false, aside: '250000' }),
      device({
        kid: 'k3',
        name: 'At work',
        isThis: false,
        revokedMs: NOW_MS - DAY_MS,
        aside: '90000',
      }),
    ],
    ...change,
  };
}
