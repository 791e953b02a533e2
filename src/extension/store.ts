/** The wallet's tables in IndexedDB, by Dexie. Writes are on disk when they resolve (trust T6). */
import { Dexie, type Table as DexieTable, type Transaction } from 'dexie';
import { MICROS_ZERO, type Micros } from '../protocol/money.ts';
import type { Entry, Tally } from '../wallet/history/entries.ts';
import type { Sheet } from '../wallet/history/sheets.ts';
import type {
  EntryTable,
  PaymentTable,
  SheetTable,
  Table,
  Tables,
  TallyTable,
  WalletStore,
} from '../wallet/ports.ts';
import type { HostRule, Payment, Purse } from '../wallet/rows.ts';

/** Each table's key, then its indexes. A change here is a new version below, never an edit. */
const SCHEMA_1 = {
  account: 'key',
  sellers: 'payto',
  purses: 'id',
  payments: 'id, itemKey, pending, atMs',
  asks: 'id',
  nonces: 'provider',
};

function plain<Row>(table: DexieTable<Row, string>): Table<Row> {
  return {
    get: (key) => table.get(key),
    // No async function: awaited two deep inside a transaction it would lose it.
    put: (row) => table.put(row).then(() => undefined),
    remove: (key) => table.delete(key),
    putAll: (rows) => table.bulkPut([...rows]).then(() => undefined),
    // In their order a browser finds each where the last one was.
    removeAll: (keys) => table.bulkDelete(keys.toSorted()),
    clear: () => table.clear(),
    all: () => table.toArray(),
  };
}

function payments(table: DexieTable<Payment, string>): PaymentTable {
  return {
    ...plain(table),
    forItem: (itemKey) => table.where('itemKey').equals(itemKey).toArray(),
    pending: () => table.where('pending').equals(1).sortBy('atMs'),
    at: (payto) => table.where('ask.terms.payto').equals(payto).toArray(),
    oneAt: (payto, isIt) => table.where('ask.terms.payto').equals(payto).filter(isIt).first(),
    freeAfter: (sec) => table.where('freeUntilSec').above(sec).toArray(),
    latest: (limit, untilMs = Infinity) =>
      table.where('atMs').below(untilMs).reverse().limit(limit).toArray(),
    since: (atMs, untilMs = Infinity) => table.where('atMs').between(atMs, untilMs).toArray(),
  };
}

function entries(table: DexieTable<Entry, string>): EntryTable {
  return {
    ...plain(table),
    latest: (limit, untilMs) => table.where('atMs').below(untilMs).reverse().limit(limit).toArray(),
    among: (ids) => table.bulkGet([...ids]).then((found) => found.filter((it) => it !== undefined)),
  };
}

function tallies(table: DexieTable<Tally, string>): TallyTable {
  return {
    ...plain(table),
    within: (first, last) => table.where('period').between(first, last, true, true).toArray(),
    periods: () =>
      table
        .orderBy('period')
        .uniqueKeys()
        .then((keys) => keys.map(String)),
  };
}

function sheets(table: DexieTable<Sheet, string>): SheetTable {
  return {
    ...plain(table),
    latest: (limit, { first, below }) =>
      table.where('key').between(first, below).reverse().limit(limit).toArray(),
  };
}

/** Payments are found by their seller; what a seller may do is a rule a host. */
const SCHEMA_2 = { ...SCHEMA_1, payments: `${SCHEMA_1.payments}, ask.terms.payto` };

/** A seller as version 1 kept it. */
interface AllowedSeller {
  allowances?: { host: string; itemMicros: Micros; dayMicros: Micros }[];
  rules?: HostRule[];
}

/** A purse as version 1 kept it lacks what its payments say. */
type BarePurse = Omit<Purse, 'door' | 'usedAtMs' | 'riskMicros'> & Partial<Purse>;

async function upgradePurses(transaction: Transaction): Promise<void> {
  const payments: Payment[] = await transaction.table('payments').toArray();
  await transaction
    .table<BarePurse>('purses')
    .toCollection()
    .modify((purse) => {
      const signed = payments.filter(({ charge }) => charge?.purse === purse.id);
      const latest = signed.toSorted((a, b) => b.atMs - a.atMs)[0];
      const last = signed.find(
        ({ state, charge }) => state === 'paid' && charge?.seq === purse.seq,
      );
      Object.assign(purse, {
        riskMicros: MICROS_ZERO,
        usedAtMs: latest?.atMs ?? 0,
        last: last?.charge?.token,
        door: { url: latest?.ask.url ?? '', request: latest?.charge?.opening.request ?? '' },
      });
    });
}

/** Brings rows of version 1 to what they are now. */
async function upgradeTo2(transaction: Transaction): Promise<void> {
  await transaction
    .table<AllowedSeller>('sellers')
    .toCollection()
    .modify((seller) => {
      seller.rules = (seller.allowances ?? []).map(({ host, ...limits }) => ({
        host,
        rule: { kind: 'one-click', ...limits },
      }));
      delete seller.allowances;
    });
  await upgradePurses(transaction);
  // A question is asked anew: none is older than ten minutes.
  await transaction.table('asks').clear();
}

/** What keeps the account from being lost with its device. */
const SCHEMA_3 = { ...SCHEMA_2, keeps: 'key', marks: 'key' };

/** What the history shows of a payment is a row of its own, and so is what a day came to. */
const SCHEMA_4 = { ...SCHEMA_3, entries: 'id, atMs, [payto+atMs]', tallies: 'key, day' };

/** Months have their sums, and what is looked for has a text of its own. */
const SCHEMA_5 = {
  ...SCHEMA_4,
  entries: 'id, atMs',
  tallies: 'key, period',
  months: 'key, period',
  sheets: 'key',
};

/** What a cap has made free is found by until when. */
const SCHEMA_6 = { ...SCHEMA_5, payments: `${SCHEMA_2.payments}, freeUntilSec` };

/** Both are made of the payments, and are again: `catchUp` does so a day at a time. */
async function upgradeTo5(transaction: Transaction): Promise<void> {
  await transaction.table('entries').clear();
  await transaction.table('tallies').clear();
}

/** Opens the wallet's database, named `name`. */
export function openWalletStore(name = 'farthing'): WalletStore {
  // `strict`: acknowledged means on disk. A browser that is killed a moment later has it.
  const database = new Dexie(name, { chromeTransactionDurability: 'strict' });
  database.version(1).stores(SCHEMA_1);
  database.version(2).stores(SCHEMA_2).upgrade(upgradeTo2);
  database.version(3).stores(SCHEMA_3);
  database.version(4).stores(SCHEMA_4);
  database.version(5).stores(SCHEMA_5).upgrade(upgradeTo5);
  database.version(6).stores(SCHEMA_6);
  const tables: Tables = {
    account: plain(database.table('account')),
    sellers: plain(database.table('sellers')),
    purses: plain(database.table('purses')),
    payments: payments(database.table('payments')),
    asks: plain(database.table('asks')),
    entries: entries(database.table('entries')),
    tallies: tallies(database.table('tallies')),
    months: tallies(database.table('months')),
    sheets: sheets(database.table('sheets')),
    nonces: plain(database.table('nonces')),
    keeps: plain(database.table('keeps')),
    marks: plain(database.table('marks')),
  };
  return {
    ...tables,
    // Dexie binds table calls inside the scope to its transaction: as long as it takes, if it sees
    // an async function, and else no further than one that awaits another.
    transaction: (work) => database.transaction('rw', database.tables, async () => work(tables)),
  };
}
