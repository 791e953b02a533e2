/**
 * Fills a wallet with a history, from one of its own pages: payments as purchases leave them, with
 * the entries, sums and sheets that the wallet would have kept of them. Bundled, on `fillHistory`.
 */
import { Dexie } from 'dexie';
import type { Micros } from '../../src/protocol/money.ts';
import { type Entry, emptyTally, entryOf, type Tally, tallied } from '../../src/wallet/entries.ts';
import type { Ask, Payment, SignedCharge } from '../../src/wallet/rows.ts';
import { rewritten, sheetKeyOf } from '../../src/wallet/sheets.ts';

const WRITTEN_COUNT = 5000;
const SELLER_COUNT = 40;
const YEARS_MS = 5 * 365 * 86_400_000;
/** By then nothing of them can be undone, so that nothing in a page changes by itself. */
const OLD_MS = 900_000;
const WORDS = ['tides', 'reefs', 'kelp', 'sharks', 'harbours', 'storms', 'salt', 'maps', 'whales'];
const amountMicros = 20_000n as Micros;

function base64url(text: string): string {
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

const id = (index: number) => base64url(String(index).padStart(16, '0'));
const HASH = 'A'.repeat(43);
const SIGNATURE = 'A'.repeat(86);
const HEADER = base64url(JSON.stringify({ alg: 'ES256', kid: HASH, typ: 'farthing-receipt+jws' }));

function receiptOf(purse: string, at: number): string {
  const amount = `${amountMicros}`;
  const claims = { amt: amount, at, bnd: HASH, pur: purse, seq: 1, tot: amount };
  const payload = JSON.stringify({ ...claims, undo: at + 600, until: at + 31_536_000 });
  return `${HEADER}.${base64url(payload)}.${SIGNATURE}`;
}

/** The `index`th of `count`, the newest first, evenly over five years and forty sellers. */
function paymentOf(index: number, count: number): Payment {
  const seller = `seller${index % SELLER_COUNT}`;
  const atMs = Date.now() - OLD_MS - Math.floor((index / count) * YEARS_MS);
  const origin = `https://${seller}.example`;
  const item = `/articles/${index}`;
  const isRare = index === count - 1;
  const title = isRare ? 'The zanzibar letters' : `How ${WORDS[index % WORDS.length]} work`;
  const terms = {
    ...{ amountMicros, currency: 'USD', payto: `${seller}@pay.example`, origin, item },
    ...{ durationSec: 31_536_000, refundSec: 600, cap: undefined, meter: undefined },
  };
  const [pageUrl, url] = [`${origin}/`, origin + item];
  const ask: Ask = {
    ...{ id: id(index), tabId: 1, placement: 'same-tab', pageUrl, url, origin, title, terms },
    ...{ sellerName: `The ${seller} Courier`, isVisible: true, reasons: [], atMs },
  };
  const request = base64url(JSON.stringify({ ...terms, amountMicros: `${amountMicros}` }));
  const opening = { jti: id(index), amt: amountMicros, realm: 'x.example', request, iat: 1 };
  const charge: SignedCharge = {
    ...{ opening, salt: HASH, purse: id(index), seq: 1, totalMicros: amountMicros, binding: HASH },
    token: `${HEADER}.${base64url(request)}.${SIGNATURE}`,
  };
  const state = { state: 'paid', pending: 0, attempts: 1, opened: true } as const;
  const receipt = receiptOf(id(index), Math.floor(atMs / 1000));
  return { id: id(index), ask, itemKey: `${origin}\n${item}`, atMs, ...state, charge, receipt };
}

type Sums = Map<string, Tally>;

function add(sums: Sums, after: Entry, period: string): void {
  const empty = emptyTally(after, period);
  sums.set(empty.key, tallied(sums.get(empty.key) ?? empty, { after }));
}

async function fillHistory(count: number): Promise<void> {
  const database = await new Dexie('farthing', { chromeTransactionDurability: 'relaxed' }).open();
  const names = ['payments', 'entries', 'tallies', 'months', 'sheets'] as const;
  await Promise.all(names.map((name) => database.table(name).clear()));
  const days: Sums = new Map();
  const months: Sums = new Map();
  const sheets = new Map<string, string[]>();
  for (let start = 0; start < count; start += WRITTEN_COUNT) {
    const length = Math.min(WRITTEN_COUNT, count - start);
    const payments = Array.from({ length }, (_, at) => paymentOf(start + at, count));
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

declare global {
  /** `count`: how many there are, once it is done. */
  var filled: { count: number; readonly fillHistory: (count: number) => Promise<void> };
}

globalThis.filled = { count: 0, fillHistory };
