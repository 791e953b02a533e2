/**
 * What the page of history, sellers and settings says to the wallet: the messages, how they are
 * read, and who answers.
 */
import { microsMember } from '../protocol/money.ts';
import { paytoMember } from '../protocol/payto.ts';
import {
  count,
  id,
  list,
  literal,
  type Reader,
  readMembers,
  refuse,
  text,
} from '../protocol/shape.ts';
import type { LeavingView } from '../wallet/account/leaving.ts';
import type { EntryState } from '../wallet/history/entries.ts';
import type { ForgetView } from '../wallet/history/forget.ts';
import type {
  ExportFormat,
  HistoryView,
  ReceiptView,
  SpendingView,
} from '../wallet/history/historyview.ts';
import type { HistoryQuery, Place } from '../wallet/history/search.ts';
import type { TakenBackView } from '../wallet/purses/takeback.ts';
import type { RuleView, SellerView } from '../wallet/sellers/sellerview.ts';
import type { RuleChange, Wallet } from '../wallet/wallet.ts';

/** From our own screens; `from` is added by `OwnMessage`. */
export type ChronicleMessage =
  | ({ readonly type: 'history' } & HistoryQuery)
  | { readonly type: 'spending'; readonly month?: string | undefined }
  | { readonly type: 'receipt'; readonly paymentId: string }
  | { readonly type: 'export-history'; readonly format: ExportFormat }
  | { readonly type: 'statement'; readonly month?: string | undefined }
  | { readonly type: 'held' | 'foresee-leaving' }
  | { readonly type: 'sellers' }
  | ({ readonly type: 'set-rule' } & RuleChange)
  | { readonly type: 'take-back'; readonly payto: string }
  | { readonly type: 'set-daily-limit' | 'withdraw'; readonly amount: string }
  | { readonly type: 'foresee-forgetting' | 'forget'; readonly host?: string | undefined };

/** What each is answered with. */
export interface ChronicleAnswers {
  readonly history: HistoryView;
  readonly spending: SpendingView;
  readonly receipt: ReceiptView | undefined;
  readonly 'export-history': string;
  readonly statement: string;
  readonly held: string;
  readonly 'foresee-leaving': LeavingView;
  readonly sellers: SellerView[];
  readonly 'set-rule': undefined;
  readonly 'take-back': TakenBackView;
  readonly 'set-daily-limit': undefined;
  readonly withdraw: undefined;
  readonly 'foresee-forgetting': ForgetView;
  readonly forget: ForgetView;
}

type Screen<T> = T & { readonly from: 'screen' };

const from = literal('screen');

/** One of a few texts. */
function oneOf<const T extends string>(...known: readonly T[]): Reader<T> {
  return (value) => known.find((it) => it === value) ?? refuse(`not one of ${known.join(', ')}`);
}

/** An amount stays text between contexts. */
const amount: Reader<string> = (value) => `${microsMember(value)}`;
const state: Reader<EntryState> = oneOf('paid', 'undone', 'waiting', 'refused', 'free');
const format: Reader<ExportFormat> = oneOf('csv', 'json', 'journal');
const month: Reader<string> = (value) =>
  typeof value === 'string' && /^\d{4}-(0[1-9]|1[0-2])$/.test(value)
    ? value
    : refuse('not a month');

/** More payments than this never began in one millisecond. */
const SAME_MOMENT_MAX = 10_000;
const after: Reader<Place> = (value) =>
  readMembers(value, { atMs: count, ids: list(id, SAME_MOMENT_MAX) });

const rule: Reader<RuleView> = (value) => {
  const kind = readMembers(value, { kind: oneOf('ask', 'block', 'one-click') }, LIMITS).kind;
  if (kind !== 'one-click') return readMembers(value, { kind: oneOf(kind) });
  return readMembers(value, { kind: literal(kind), ...LIMITS });
};
const LIMITS = { itemMicros: amount, dayMicros: amount };

/** Reads each of them, strictly. */
export const CHRONICLE_READERS: {
  [T in ChronicleMessage['type']]: Reader<Screen<ChronicleMessage & { type: T }>>;
} = {
  history: (value) =>
    readMembers(
      value,
      { from, type: literal('history') },
      { words: text(200), payto: paytoMember, month, state, after },
    ),
  spending: (value) => readMembers(value, { from, type: literal('spending') }, { month }),
  receipt: (value) => readMembers(value, { from, type: literal('receipt'), paymentId: id }),
  'export-history': (value) =>
    readMembers(value, { from, type: literal('export-history'), format }),
  statement: (value) => readMembers(value, { from, type: literal('statement') }, { month }),
  held: (value) => readMembers(value, { from, type: literal('held') }),
  'foresee-leaving': (value) => readMembers(value, { from, type: literal('foresee-leaving') }),
  sellers: (value) => readMembers(value, { from, type: literal('sellers') }),
  'set-rule': (value) => {
    const named = { from, type: literal('set-rule'), payto: paytoMember, host: text(300), rule };
    return readMembers(value, named);
  },
  'take-back': (value) =>
    readMembers(value, { from, type: literal('take-back'), payto: paytoMember }),
  'set-daily-limit': (value) =>
    readMembers(value, { from, type: literal('set-daily-limit'), amount }),
  withdraw: (value) => readMembers(value, { from, type: literal('withdraw'), amount }),
  'foresee-forgetting': (value) =>
    readMembers(value, { from, type: literal('foresee-forgetting') }, { host: text(300) }),
  forget: (value) => readMembers(value, { from, type: literal('forget') }, { host: text(300) }),
};

async function done(work: Promise<unknown>): Promise<undefined> {
  await work;
  return undefined;
}

/** Answers each of them; what sends is watched, so that a stopped worker goes on with it. */
export function chronicleHandlers(
  wallet: Wallet,
  tellForgotten: (goneCount: number) => void,
  watched: <T>(work: Promise<T>) => Promise<T>,
): {
  [T in ChronicleMessage['type']]: (
    message: Screen<ChronicleMessage & { type: T }>,
  ) => Promise<ChronicleAnswers[T]>;
} {
  return {
    history: ({ from: _, type: __, ...query }) => wallet.history(query),
    spending: ({ month: about }) => wallet.spending(about),
    receipt: ({ paymentId }) => wallet.receipt(paymentId),
    'export-history': ({ format: wanted }) => wallet.exportHistory(wanted),
    statement: ({ month: about }) => wallet.statement(about),
    held: () => wallet.held(),
    'foresee-leaving': () => wallet.foreseeLeaving(),
    sellers: () => wallet.sellers(),
    'set-rule': (change) => done(wallet.setRule(change)),
    'take-back': ({ payto }) => watched(wallet.takeBack(payto)),
    'set-daily-limit': ({ amount: limit }) => done(wallet.setDailyLimit(limit)),
    withdraw: ({ amount: back }) => done(watched(wallet.withdraw(back))),
    'foresee-forgetting': ({ host }) => wallet.foreseeForgetting(host),
    forget: ({ host }) => watched(wallet.forget(host, tellForgotten)),
  };
}
