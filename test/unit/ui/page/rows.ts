/** What the wallet answers the page in its tests. */
import type { EntryView, SpendingView } from '../../../../src/wallet/history/historyview.ts';
import type { SellerView } from '../../../../src/wallet/sellers/sellerview.ts';
import type { WalletView } from '../../../../src/wallet/view.ts';

export const DAILY = 'daily@pay.example';
export const TUNES = 'tunes@pay.example';

export const wallet: WalletView = {
  providerHost: 'pay.example',
  sandbox: true,
  currency: 'USD',
  yours: '250000',
  aside: '200000',
  asideSellers: 1,
  atRisk: '0',
  spentToday: '30000',
  dailyLimit: '1000000',
  latest: [],
  lastMonth: undefined,
  isAtStake: false,
  returnable: '0',
};

let count = 0;

export function entry(change: Partial<EntryView> = {}): EntryView {
  const id = change.id ?? `entry-${++count}`;
  return {
    ...{ id, atMs: Date.now() - 60_000, day: '2026-11-25', title: 'How tides work' },
    ...{ sellerName: 'The Daily', payto: DAILY, host: 'daily.example' },
    ...{ amount: '20000', currency: 'USD', state: 'paid', undoUntilMs: undefined },
    ...change,
  };
}

export const spending: SpendingView = {
  currency: 'USD',
  months: ['2026-10', '2026-11'],
  sums: [
    { month: '2026-10', payto: DAILY, sellerName: 'The Daily', spent: '360000', count: 18 },
    { month: '2026-10', payto: TUNES, sellerName: 'Tunes', spent: '100000', count: 5 },
    { month: '2026-11', payto: TUNES, sellerName: 'Tunes', spent: '20000', count: 1 },
  ],
  known: ['2026-11', '2026-10', '2024-03'],
  sellers: [
    { payto: DAILY, name: 'The Daily' },
    { payto: TUNES, name: 'Tunes' },
  ],
};

export const seller: SellerView = {
  payto: DAILY,
  name: 'The Daily',
  hosts: [{ host: 'daily.example', rule: { kind: 'ask' } }],
  currency: 'USD',
  aside: '60000',
  atRisk: '0',
  isUsedElsewhere: false,
  coming: undefined,
  spentToday: '20000',
  spent: '380000',
};
