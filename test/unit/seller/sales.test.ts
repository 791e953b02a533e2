/** Figures in a file: what was sold and undone is there once, to the micro, whatever broke off. */
import { execFile } from 'node:child_process';
import { appendFileSync, readFileSync, renameSync, statSync, truncateSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { sales } from '../../../src/cli/sales.ts';
import type { Micros } from '../../../src/protocol/money.ts';
import type { SaleEvent } from '../../../src/seller/index.ts';
import { readSales, salesLog } from '../../../src/seller/sales.ts';
import { START_MS, settlePurse, undoHeader } from '../../support/payer.ts';
import { temporaryFolder } from '../../support/sandbox.ts';
import { chargeFor42, openShop, PAYTO, receiptOf } from './shop.ts';

const MODULE = resolve(import.meta.dirname, '../../../src/seller/sales.ts');
const DAY_SEC = 86_400;
const SALE: SaleEvent = {
  origin: 'https://news.example',
  item: '/articles/42',
  amountMicros: 20_000n as Micros,
  currency: 'USD',
  payto: PAYTO,
  reader: 'nobody’s business',
  reference: 'AAAAAAAAAAAAAAAAAAAAAA.1',
  soldAtSec: START_MS / 1000,
};
const LAST_WEEK = { soldAtSec: SALE.soldAtSec - 7 * DAY_SEC } as const;

let file: string;
beforeEach(() => {
  file = join(temporaryFolder(), 'sales.jsonl');
});

/** Runs the command; what it says, and how it ends. */
async function run(...args: readonly string[]) {
  const said: string[] = [];
  const complained: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line) => void said.push(line));
  const error = vi.spyOn(console, 'error').mockImplementation((line) => void complained.push(line));
  onTestFinished(() => {
    log.mockRestore();
    error.mockRestore();
  });
  const exit = await sales([file, ...args]);
  return { exit, text: said.join('\n'), complained };
}

const jsonOf = async (...args: readonly string[]) =>
  JSON.parse((await run('--json', ...args)).text);

/** One row of the table, in words. */
const rowsOf = (text: string) => text.split('\n').map((line) => line.trim().split(/\s+/));

test('a sale and its undo are a line each, that name no reader', async () => {
  const log = salesLog(file);
  const shop = await openShop({}, log);
  const purse = await shop.purse();
  const charge = await chargeFor42(purse);
  const receipt = receiptOf(await shop.pay(charge.header)).token;
  settlePurse(purse, charge);
  shop.world.nowMs += 60_000;
  await shop.pay(await undoHeader(purse, { charge, receipt }));
  expect(shop.world.errors).toEqual([]);
  const lines: unknown[] = [];
  for await (const { sale } of readSales(file)) lines.push(sale);
  const { reader: _, ...sale } = { ...SALE, reference: `${purse.id}.1` };
  expect(lines).toEqual([
    { kind: 'sale', ...sale },
    { kind: 'undo', ...sale },
  ]);
  expect(readFileSync(file, 'utf8')).not.toContain(purse.claims.sub);
});

test('figures by item: how many, how many undone, gross, net; exact, best sold first', async () => {
  const { onSale, onUndo } = salesLog(file);
  onSale({ ...SALE, item: '/a', amountMicros: 1n as Micros });
  for (let times = 0; times < 3; times++) onSale(SALE);
  onUndo(SALE);
  const { exit, text } = await run();
  expect(exit).toBe(0);
  expect(rowsOf(text)).toEqual([
    ['USD'],
    ['sales', 'undone', 'gross', 'net', 'item'],
    ['3', '1', '0.060000', '0.040000', '/articles/42'],
    ['1', '0', '0.000001', '0.000001', '/a'],
    ['4', '1', '0.060001', '0.040001', 'in', 'all'],
  ]);
});

test('what was taken back elsewhere is of the sale with its reference', async () => {
  const { onSale, onUndo } = salesLog(file);
  const { amountMicros, currency, payto, reader, reference } = SALE;
  onUndo({ amountMicros, currency, payto, reader, reference });
  onSale(SALE);
  onSale({ ...SALE, reference: 'AAAAAAAAAAAAAAAAAAAAAA.2' });
  onUndo({ amountMicros, currency, payto, reader, reference: 'elsewhere.1' });
  expect(readFileSync(file, 'utf8')).not.toContain(reader);
  const { text, complained, exit } = await run();
  expect(rowsOf(text)[2]).toEqual(['2', '1', '0.040000', '0.020000', '/articles/42']);
  expect([exit, complained]).toEqual([
    0,
    ['farthing sales: elsewhere.1 was undone, and its sale is not in this file'],
  ]);
});

test('each currency has its own columns, and no sum is of two', async () => {
  const { onSale } = salesLog(file);
  onSale(SALE);
  onSale({ ...SALE, item: '/b', currency: 'EUR', amountMicros: 30_000n as Micros });
  const { text } = await run();
  const [names = '', , ...rows] = text.split('\n');
  const [eur, usd] = [names.indexOf('EUR') + 3, names.indexOf('USD') + 3];
  expect(rows.map((row) => [row.slice(0, eur).trim(), row.slice(eur, usd).trim()])).toEqual([
    ['', '1       0        0.020000        0.020000'],
    ['1       0        0.030000        0.030000', ''],
    ['1       0        0.030000        0.030000', '1       0        0.020000        0.020000'],
  ]);
  expect(await jsonOf()).toMatchObject({
    total: { USD: { gross: '20000' }, EUR: { gross: '30000' } },
  });
});

test('days follow each other, and an undo counts on the day of its sale', async () => {
  const { onSale, onUndo } = salesLog(file);
  onSale(SALE);
  onSale({ ...SALE, ...LAST_WEEK });
  onUndo({ ...SALE, ...LAST_WEEK });
  const figures = (sold: string, undone: number, net: string) => ({
    USD: { sales: 1, undone, gross: sold, net },
  });
  expect((await jsonOf('--by', 'day')).rows).toEqual([
    { day: '2027-01-08', figures: figures('20000', 1, '0') },
    { day: '2027-01-15', figures: figures('20000', 0, '20000') },
  ]);
});

test.for([
  ['2027-01-15', 1],
  ['2027-01-16', 0],
  ['2027-01-15T08:00:00Z', 1],
  ['2027-01-15T08:00:01Z', 0],
  ['2027-01-08', 2],
] as const)('since %s there are %i', async ([since, count]) => {
  const { onSale } = salesLog(file);
  onSale(SALE);
  onSale({ ...SALE, ...LAST_WEEK });
  expect((await jsonOf('--since', since)).total.USD?.sales ?? 0).toBe(count);
});

test('origins are kept apart', async () => {
  const { onSale } = salesLog(file);
  onSale(SALE);
  onSale({ ...SALE, origin: 'https://shop.example' });
  const { rows } = await jsonOf('--by', 'origin');
  expect(rows.map(({ origin }: { origin: string }) => origin)).toEqual([
    'https://news.example',
    'https://shop.example',
  ]);
});

test('a line that was torn is named, and costs no other line', async () => {
  salesLog(file).onSale(SALE);
  salesLog(file).onSale(SALE);
  truncateSync(file, statSync(file).size - 30);
  salesLog(file).onSale(SALE);
  const { exit, text, complained } = await run();
  expect(exit).toBe(1);
  expect(complained).toEqual(['farthing sales: line 2 cannot be read']);
  expect(rowsOf(text).at(-1)?.[0]).toBe('2');
});

test('processes that write at one moment keep each other’s lines whole', async () => {
  const sale = `{ ...${JSON.stringify({ ...SALE, amountMicros: 0 })}, amountMicros: 20000n }`;
  const script = `import { salesLog } from ${JSON.stringify(MODULE)};
    const { onSale } = salesLog(process.argv[1]);
    for (let times = 0; times < 200; times++) onSale(${sale});`;
  const args = ['--input-type=module', '-e', script, file];
  await Promise.all([1, 2].map(() => promisify(execFile)(process.execPath, args)));
  expect(await jsonOf()).toMatchObject({ unreadable: [], total: { USD: { sales: 400 } } });
});

test('a last line that only lacks its end is read, and the next one stands apart', async () => {
  salesLog(file).onSale(SALE);
  truncateSync(file, statSync(file).size - 1);
  expect((await jsonOf()).total.USD.sales).toBe(1);
  salesLog(file).onSale(SALE);
  const { exit, text } = await run();
  expect([exit, rowsOf(text).at(-1)?.[0]]).toEqual([0, '2']);
});

test('an empty line says nothing, and the lines after it keep their numbers', async () => {
  salesLog(file).onSale(SALE);
  appendFileSync(file, '\n\ntorn\n');
  salesLog(file).onSale(SALE);
  expect(await jsonOf()).toMatchObject({ unreadable: [4], total: { USD: { sales: 2 } } });
});

const LINE = {
  kind: 'sale',
  soldAt: '2027-01-15T08:00:00Z',
  origin: SALE.origin,
  item: SALE.item,
  amount: '20000',
  currency: 'USD',
  payto: PAYTO,
  reference: SALE.reference,
};
test.for<[string, object | string]>([
  ['of something else', 'listening on 8080'],
  ['with an amount that is a number', { ...LINE, amount: 20000 }],
  ['in an unknown currency', { ...LINE, currency: 'XXX' }],
  ['that is neither sale nor undo', { ...LINE, kind: 'gift' }],
  ['at no moment', { ...LINE, soldAt: 'today' }],
  ['with a member more', { ...LINE, reader: 'x' }],
])('a line %s cannot be read', async ([, line]) => {
  const text = typeof line === 'string' ? line : JSON.stringify(line);
  appendFileSync(file, `${JSON.stringify(LINE)}\n${text}\n${JSON.stringify(LINE)}\n`);
  expect(await jsonOf()).toMatchObject({ unreadable: [2], total: { USD: { sales: 2 } } });
});

test('an item of any script, with a line end of Unicode in it, is one line', async () => {
  const item = `/潮\u2028${'x'.repeat(300)}`;
  salesLog(file).onSale({ ...SALE, item });
  const { rows, unreadable } = await jsonOf();
  expect([rows.length, rows[0].item, unreadable]).toEqual([1, item, []]);
});

test('a file that is moved away meanwhile is begun anew', async () => {
  const { onSale } = salesLog(file);
  onSale(SALE);
  renameSync(file, `${file}.1`);
  onSale(SALE);
  expect((await jsonOf()).total.USD.sales).toBe(1);
});

test('nothing sold is said, and is no failure', async () => {
  salesLog(file);
  expect(await run()).toEqual({ exit: 0, text: 'Nothing was sold.', complained: [] });
});

test('a file that cannot be written is said when the program starts', () => {
  expect(() => salesLog(join(file, 'sales.jsonl'))).toThrow(
    /option_invalid: salesLog cannot write/,
  );
});

test.for([['--by', 'reader'], ['--since', 'last week'], ['another.jsonl']])(
  '%s is misuse',
  async (args) => {
    salesLog(file);
    await expect(sales([file, ...args])).rejects.toThrow(/^option_invalid/);
  },
);
