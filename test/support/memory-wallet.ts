/** A wallet's store in memory: one transaction at a time, undone as a whole where it fails. */
import type { Entry, Tally } from '../../src/wallet/history/entries.ts';
import type { Sheet } from '../../src/wallet/history/sheets.ts';
import type {
  EntryTable,
  PaymentTable,
  SheetTable,
  Table,
  Tables,
  TallyTable,
  WalletStore,
} from '../../src/wallet/ports.ts';
import type { Payment } from '../../src/wallet/rows.ts';

type Rows = Map<string, Map<string, unknown>>;
type Locked = <T>(work: () => Promise<T>) => Promise<T>;

const KEYS = {
  account: 'key',
  sellers: 'payto',
  purses: 'id',
  payments: 'id',
  asks: 'id',
  nonces: 'provider',
  entries: 'id',
  tallies: 'key',
  months: 'key',
  sheets: 'key',
  keeps: 'key',
  marks: 'key',
} as const;
type Name = keyof typeof KEYS;

function rowsOf<Row>(rows: Rows, name: Name): Map<string, Row> {
  return rows.get(name) as Map<string, Row>;
}

function tableOf<Row>(rows: Rows, name: Name, locked: Locked): Table<Row> {
  const own = () => rowsOf<Row>(rows, name);
  const keyOf = (row: Row) => String((row as Record<string, unknown>)[KEYS[name]]);
  return {
    get: (key) => locked(async () => own().get(key)),
    put: (row) => locked(async () => void own().set(keyOf(row), row)),
    remove: (key) => locked(async () => void own().delete(key)),
    putAll: (all) =>
      locked(async () => {
        for (const row of all) own().set(keyOf(row), row);
      }),
    removeAll: (keys) =>
      locked(async () => {
        for (const key of keys) own().delete(key);
      }),
    clear: () => locked(async () => own().clear()),
    all: () => locked(async () => [...own().values()]),
  };
}

function paymentsOf(rows: Rows, locked: Locked): PaymentTable {
  const table = tableOf<Payment>(rows, 'payments', locked);
  const where = async (isIt: (payment: Payment) => boolean) => (await table.all()).filter(isIt);
  const byTime = (a: Payment, b: Payment) => a.atMs - b.atMs;
  return {
    ...table,
    forItem: (itemKey) => where((it) => it.itemKey === itemKey),
    pending: async () => (await where(({ pending }) => pending === 1)).sort(byTime),
    at: (payto) => where(({ ask }) => ask.terms.payto === payto),
    oneAt: async (payto, isIt) =>
      (await where((it) => it.ask.terms.payto === payto && isIt(it)))[0],
    freeAfter: (sec) => where(({ freeUntilSec = 0 }) => freeUntilSec > sec),
    latest: async (limit, untilMs = Infinity) =>
      (await where((it) => it.atMs < untilMs)).sort(byTime).reverse().slice(0, limit),
    since: (atMs, untilMs = Infinity) => where((it) => it.atMs >= atMs && it.atMs < untilMs),
  };
}

function entriesOf(rows: Rows, locked: Locked): EntryTable {
  const table = tableOf<Entry>(rows, 'entries', locked);
  return {
    ...table,
    latest: async (limit, untilMs) =>
      (await table.all())
        .filter((it) => it.atMs < untilMs)
        .sort((a, b) => b.atMs - a.atMs)
        .slice(0, limit),
    among: async (ids) => (await table.all()).filter(({ id }) => ids.includes(id)),
  };
}

function talliesOf(rows: Rows, name: 'tallies' | 'months', locked: Locked): TallyTable {
  const table = tableOf<Tally>(rows, name, locked);
  return {
    ...table,
    within: async (first, last) =>
      (await table.all()).filter(({ period }) => period >= first && period <= last),
    periods: async () => [...new Set((await table.all()).map(({ period }) => period))].sort(),
  };
}

function sheetsOf(rows: Rows, locked: Locked): SheetTable {
  const table = tableOf<Sheet>(rows, 'sheets', locked);
  return {
    ...table,
    latest: async (limit, { first, below }) =>
      (await table.all())
        .filter(({ key }) => key >= first && key < below)
        .sort((a, b) => (a.key < b.key ? 1 : -1))
        .slice(0, limit),
  };
}

function tablesOf(rows: Rows, locked: Locked): Tables {
  return {
    account: tableOf(rows, 'account', locked),
    sellers: tableOf(rows, 'sellers', locked),
    purses: tableOf(rows, 'purses', locked),
    payments: paymentsOf(rows, locked),
    asks: tableOf(rows, 'asks', locked),
    entries: entriesOf(rows, locked),
    tallies: talliesOf(rows, 'tallies', locked),
    months: talliesOf(rows, 'months', locked),
    sheets: sheetsOf(rows, locked),
    nonces: tableOf(rows, 'nonces', locked),
    keeps: tableOf(rows, 'keeps', locked),
    marks: tableOf(rows, 'marks', locked),
  };
}

/** Makes an empty store. */
export function memoryWalletStore(): WalletStore {
  const rows: Rows = new Map(Object.keys(KEYS).map((name) => [name, new Map()]));
  let last: Promise<unknown> = Promise.resolve();
  const inTurn: Locked = (work) => {
    const mine = last.then(work, work);
    last = mine;
    return mine;
  };
  const inside = tablesOf(rows, (work) => work());
  return {
    ...tablesOf(rows, inTurn),
    transaction: (work) =>
      inTurn(async () => {
        const before = new Map([...rows].map(([name, own]) => [name, new Map(own)]));
        try {
          return await work(inside);
        } catch (error) {
          for (const [name, own] of before) rows.set(name, own);
          throw error;
        }
      }),
  };
}
