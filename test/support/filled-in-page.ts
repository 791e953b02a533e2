/**
 * Fills a wallet with a history, from one of its own pages: payments as purchases leave them, with
 * the entries, sums and sheets that the wallet would have kept of them. Bundled, on `fillHistory`.
 */
import { Dexie } from 'dexie';
import type { Micros } from '../../src/protocol/money.ts';
import {
  type Entry,
  emptyTally,
  entryOf,
  type Tally,
  tallied,
} from '../../src/wallet/history/entries.ts';
import { rewritten, sheetKeyOf } from '../../src/wallet/history/sheets.ts';
import type { Ask, Payment, SignedCharge } from '../../src/wallet/rows.ts';

const WRITTEN_COUNT = 5000;
const SELLER_COUNT = 40;
const YEARS_MS = 5 * 365 * 86_400_000;
/** By then nothing of them can be undone, so that nothing in a page changes by itself. */
const OLD_MS = 900_000;
const WORDS = ['tides', 'reefs', 'kelp', 'sharks', 'harbours', 'storms', 'salt', 'maps', 'whales'];
const AMOUNT_MICROS = 20_000n as Micros;

function base64url(text: string): string {
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

const id = (index: number) => base64url(String(index).padStart(16, '0'));
const HASH = 'A'.repeat(43);
const SIGNATURE = 'A'.repeat(86);
const HEADER = base64url(JSON.stringify({ alg: 'ES256', kid: HASH, typ: 'farthing-receipt+jws' }));

interface Receipted extends Pick<Purchase, 'amountMicros'> {
  readonly purse: string;
  readonly at: number;
}

function receiptOf({ purse, amountMicros, at }: Receipted): string {
  const amount = `${amountMicros}`;
  const claims = { amt: amount, at, bnd: HASH, pur: purse, seq: 1, tot: amount };
  const payload = JSON.stringify({ ...claims, undo: at + 600, until: at + 31_536_000 });
  return `${HEADER}.${base64url(payload)}.${SIGNATURE}`;
}

/** One that was made. */
export interface Purchase {
  readonly title: string;
  readonly sellerName: string;
  readonly payto: string;
  readonly origin: string;
  readonly amountMicros: Micros;
  readonly atMs: number;
}

/** The `index`th of `count`, the newest first, evenly over five years and forty sellers. */
function purchaseAt(index: number, count: number): Purchase {
  const seller = `seller${index % SELLER_COUNT}`;
  const isRare = index === count - 1;
  return {
    title: isRare ? 'The zanzibar letters' : `How ${WORDS[index % WORDS.length]} work`,
    ...{ sellerName: `The ${seller} Courier`, payto: `${seller}@pay.example` },
    ...{ origin: `https://${seller}.example`, amountMicros: AMOUNT_MICROS },
    atMs: Date.now() - OLD_MS - Math.floor((index / count) * YEARS_MS),
  };
}

function paymentOf(purchase: Purchase, index: number): Payment {
  const { title, sellerName, payto, origin, amountMicros, atMs } = purchase;
  const item = `/articles/${index}`;
  const terms = {
    ...{ amountMicros, currency: 'USD', payto, origin, item },
    ...{ durationSec: 31_536_000, refundSec: 600, cap: undefined, meter: undefined },
  };
  const [pageUrl, url] = [`${origin}/`, origin + item];
  const ask: Ask = {
    ...{ id: id(index), tabId: 1, placement: 'same-tab', pageUrl, url, origin, title, terms },
    ...{ sellerName, isVisible: true, reasons: [], atMs },
  };
  const request = base64url(JSON.stringify({ ...terms, amountMicros: `${amountMicros}` }));
  const opening = { jti: id(index), amt: amountMicros, realm: 'x.example', request, iat: 1 };
  const charge: SignedCharge = {
    ...{ opening, salt: HASH, purse: id(index), seq: 1, totalMicros: amountMicros, binding: HASH },
    token: `${HEADER}.${base64url(request)}.${SIGNATURE}`,
  };
  const state = { state: 'paid', pending: 0, attempts: 1, opened: true } as const;
  const receipt = receiptOf({ purse: id(index), amountMicros, at: Math.floor(atMs / 1000) });
  return { id: id(index), ask, itemKey: `${origin}\n${item}`, atMs, ...state, charge, receipt };
}

type Sums = Map<string, Tally>;

function add(sums: Sums, after: Entry, period: string): void {
  const empty = emptyTally(after, period);
  sums.set(empty.key, tallied(sums.get(empty.key) ?? empty, { after }));
}

/** Puts what `purchaseAt` says in the place of the history that there is. */
async function fillFrom(count: number, purchase: (index: number) => Purchase): Promise<void> {
  const database = await new Dexie('farthing', { chromeTransactionDurability: 'relaxed' }).open();
  const names = ['payments', 'entries', 'tallies', 'months', 'sheets'] as const;
  await Promise.all(names.map((name) => database.table(name).clear()));
  const days: Sums = new Map();
  const months: Sums = new Map();
  const sheets = new Map<string, string[]>();
  for (let start = 0; start < count; start += WRITTEN_COUNT) {
    const length = Math.min(WRITTEN_COUNT, count - start);
    const payments = Array.from({ length }, (_, at) => paymentOf(purchase(start + at), start + at));
    const entries = payments.map((payment) => entryOf(payment));
    for (const after of entries) {
      add(days, after, after.day);
      add(months, after, after.day.slice(0, 7));
      const key = sheetKeyOf(after.atMs);
      sheets.set(key, [...(sheets.get(key) ?? []), rewritten('', after)]);
    }
    await database.table('payments').bulkPut(payments);
    await database.table('entries').bulkPut(entries);
  }
  await database.table('tallies').bulkPut([...days.values()]);
  await database.table('months').bulkPut([...months.values()]);
  const texts = [...sheets].map(([key, lines]) => ({ key, text: lines.join('') }));
  await database.table('sheets').bulkPut(texts);
  database.close();
  filled.count = count;
}

/** What travels into a page: an amount is a text there. */
export type Told = Omit<Purchase, 'amountMicros'> & { readonly amount: string };

function purchased({ amount, ...rest }: Told): Purchase {
  return { ...rest, amountMicros: BigInt(amount) as Micros };
}

declare global {
  /** `count`: how many there are, once it is done. */
  var filled: {
    count: number;
    readonly fillHistory: (count: number) => Promise<void>;
    readonly fillWith: (told: readonly Told[]) => Promise<void>;
  };
}

globalThis.filled = {
  count: 0,
  fillHistory: (count) => fillFrom(count, (index) => purchaseAt(index, count)),
  fillWith: (told) => fillFrom(told.length, (index) => purchased(told[index] as Told)),
};
