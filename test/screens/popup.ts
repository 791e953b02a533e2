/** The popup, in every state. */
import type { TabView, WalletView } from '../../src/wallet/view.ts';
import {
  CARD,
  LATEST,
  LIMITS,
  LONG_NAME,
  LONG_TITLE,
  payment,
  QUESTION,
  siteWith,
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

const PAY = '.button-main[aria-disabled="false"]';
const path = '/popup.html?tab=1';

/** The wallet and what the tab is about, with whatever else is answered. */
function popup(state: Answers['state'], answers: Answers = {}, acts: State['acts'] = []): State {
  return {
    path,
    answers: { refresh: gives(undefined), state: state ?? 'never', ...answers },
    acts,
  };
}

/** A question is looked at when it can be answered. */
function tab(view: TabView, wallet?: WalletView): State {
  const state = popup(gives(stateWith(view, wallet)));
  const isAnswerable = view.kind === 'ask' && view.short === undefined;
  return isAnswerable ? { ...state, until: PAY } : state;
}

const unpayable = (code: 'currency_unknown' | 'provider_unreachable' | 'window_private') =>
  tab({ kind: 'unpayable', code, detail: '' });

const BOX = siteWith({ isLetIn: true });
const PAID = payment({ undoUntilMs: NOW_MS + 10 * MINUTE_MS });
const paid = gives({ kind: 'paid', payment: PAID } as const);
const gone = { undo: 'granted', backByMs: NOW_MS + 9 * DAY_MS, undoUntilMs: undefined } as const;
const free = payment({ id: 'f', title: 'Otters', isFree: true, amount: '0' });
const taken = payment({ id: 'g', title: 'Eels', state: 'taken' });
const LINK = { count: 1, least: '2500', most: '2500' };
const full = stateWith(undefined, walletWith({ latest: LATEST }));

export const POPUP: States = {
  loading: { path, answers: { state: 'never' } },
  'not set up': popup(gives(stateWith(undefined, undefined, undefined)), {
    state: gives({ wallet: undefined, tab: undefined, site: undefined, isEverySite: false }),
    standing: gives('none'),
  }),
  removed: popup(undefined, {
    state: gives({ wallet: undefined, tab: undefined, site: undefined, isEverySite: false }),
    standing: gives('revoked'),
  }),
  empty: popup(
    gives(
      stateWith(
        undefined,
        walletWith({
          yours: '250000',
          aside: '0',
          asideSellers: 0,
          spentToday: '0',
          sandbox: true,
        }),
      ),
    ),
  ),
  'last payments': popup(gives(full)),
  'one click here': popup(
    gives({ ...full, site: siteWith({ isLetIn: true, oneClick: LIMITS }), isEverySite: true }),
  ),
  'one click offered': popup(
    gives({ ...full, site: siteWith({ offer: { ...LIMITS, paymentId: 'a' } }) }),
  ),
  'leads to one': popup(gives({ ...full, site: siteWith(), links: LINK })),
  'leads to many': popup(
    gives({
      ...full,
      site: siteWith({ isLetIn: true }),
      links: { ...LINK, count: 3, most: '50000' },
    }),
  ),
  'undo refused later': popup(
    gives(
      stateWith(
        undefined,
        walletWith({
          latest: [payment({ undo: 'refused', undoRefusal: 'undo_over', undoUntilMs: undefined })],
        }),
      ),
    ),
  ),
  'other payments': popup(gives(stateWith(undefined, walletWith({ latest: [free, taken] })))),
  'at risk': popup(gives(stateWith(undefined, walletWith({ latest: LATEST, atRisk: '20000' })))),
  offline: popup(gives(full), { refresh: gives('provider_unreachable') }),
  'not known any more': popup(gives(full), { refresh: gives('account_unknown') }),
  'nothing saves it': popup(
    gives(stateWith(undefined, walletWith({ latest: LATEST, isAtStake: true }))),
  ),
  'undo refused': popup(gives(full), { undo: { code: 'undo_over' } }, ['.payment-undo']),

  'first time': tab(QUESTION),
  'too early': {
    ...popup(gives(stateWith(QUESTION)), {}, ['.button-guarded']),
    ...{ heldMs: 500, until: '.early' },
  },
  'may remember': popup(gives(stateWith({ ...QUESTION, isFirstTime: false }, undefined, BOX))),
  'no undo': tab({ ...QUESTION, refundSec: 0, allowance: undefined, durationSec: 86_400 }),
  'used up': tab({ ...QUESTION, refundSec: 0, allowance: undefined, durationSec: 0 }),
  'long names': tab({
    ...QUESTION,
    title: LONG_TITLE,
    sellerName: LONG_NAME,
    host: 'news.of-the.northern-and-western-isles.example',
    amount: '750000',
  }),
  'another price': tab({ ...QUESTION, former: '10000', reasons: ['price-changed'] }),
  'over the day': tab({ ...QUESTION, overDay: '20000' }),
  'at most so much': tab({ ...QUESTION, cap: { amount: '200000', periodSec: 86_400 } }),
  'free by now': tab({
    ...{ ...QUESTION, isFree: true },
    cap: { amount: '200000', periodSec: 7 * 86_400 },
  }),
  'a fraction of a cent': tab({ ...QUESTION, amount: '2500' }),
  'other money': tab(
    { ...QUESTION, currency: 'EUR', amount: '20000' },
    walletWith({ currency: 'EUR', sandbox: true }),
  ),
  paying: popup(gives(stateWith(QUESTION)), { pay: 'never' }, [PAY]),
  'payment failed': popup(gives(stateWith(QUESTION)), { pay: { code: 'provider_unreachable' } }, [
    PAY,
  ]),
  short: tab(
    { ...QUESTION, amount: '200000', short: '180000' },
    walletWith({ yours: '20000', aside: '0', asideSellers: 0 }),
  ),
  'short, more elsewhere': tab(
    { ...QUESTION, amount: '200000', short: '180000' },
    walletWith({ yours: '620000' }),
  ),
  'card awaited': tab(
    { ...QUESTION, amount: '200000', short: '180000' },
    walletWith({ yours: '20000', aside: '0', asideSellers: 0, latest: LATEST, topUp: CARD }),
  ),
  'card awaited, no page': popup(
    gives(
      stateWith(undefined, walletWith({ latest: LATEST, topUp: { ...CARD, page: undefined } })),
    ),
  ),
  'card paid': tab(QUESTION, walletWith({ topUp: { ...CARD, state: 'paid' } })),
  'card did not pay': popup(
    gives(
      stateWith(undefined, walletWith({ latest: LATEST, topUp: { ...CARD, state: 'failed' } })),
    ),
  ),

  paid: popup(gives(stateWith(QUESTION, undefined, siteWith())), { pay: paid }, [PAY]),
  'paid where it is let in': popup(
    gives(stateWith(QUESTION, undefined, siteWith({ isLetIn: true, oneClick: LIMITS }))),
    { pay: paid },
    [PAY],
  ),
  'paid and undone': popup(
    {
      value: stateWith(QUESTION, undefined, siteWith()),
      later: stateWith(undefined, walletWith({ latest: [{ ...PAID, ...gone }] }), siteWith()),
    },
    { pay: paid },
    [PAY],
  ),
  waiting: tab({ kind: 'waiting', payment: payment({ state: 'sending' }) }),
  'waiting where it is not let in': popup(
    gives(
      stateWith({ kind: 'waiting', payment: payment({ state: 'sending' }) }, undefined, siteWith()),
    ),
  ),
  'service does not answer': tab({ kind: 'waiting', payment: payment({ state: 'intended' }) }),
  'fetching back': tab({
    kind: 'waiting',
    payment: payment({ state: 'intended', fetching: { amount: '600000', sellerNames: ['Tunes'] } }),
  }),
  'not fetched back': tab({
    ...{ kind: 'refused' },
    payment: payment({
      ...{ state: 'refused', refusal: 'insufficient_funds' },
      missed: [{ sellerName: 'Tunes', amount: '600000', backByMs: NOW_MS + 2 * DAY_MS }],
    }),
  } as TabView),
  owned: tab({ kind: 'owned', payment: payment({ atMs: NOW_MS - 60 * MINUTE_MS }) }),
  refused: tab({
    kind: 'refused',
    payment: payment({ state: 'refused', refusal: 'terms_changed' }),
  }),
  'cannot be paid': unpayable('currency_unknown'),
  'cannot be paid now': unpayable('provider_unreachable'),
  'private window': unpayable('window_private'),
  'lets nothing out': popup(gives(stateWith(undefined, undefined, siteWith({ isShut: true })))),
};
