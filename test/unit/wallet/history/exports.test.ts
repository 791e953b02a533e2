import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Micros } from '../../../../src/protocol/money.ts';
import { type Entry, type EntryState, spentBy } from '../../../../src/wallet/history/entries.ts';
import {
  type Addressed,
  type Deposit,
  toCsv,
  toJournal,
  toJson,
} from '../../../../src/wallet/history/exports.ts';
import { balancesOf } from '../../../support/hledger.ts';

const FIRST: Addressed = {
  id: 'AAAAAAAAAAAAAAAAAAAAAA',
  atMs: Date.parse('2026-11-25T10:00:00Z'),
  day: '2026-11-25',
  title: 'How tides work',
  sellerName: 'The Daily',
  payto: 'daily@pay.example',
  host: 'daily.example',
  url: 'https://daily.example/tides?page=2',
  amountMicros: 20_000n as Micros,
  currency: 'USD',
  state: 'paid',
  undoUntilSec: undefined,
};
const GIFT: Deposit = { atMs: FIRST.atMs - 1000, amountMicros: 250_000n, source: 'gift' };
const YOURS = 230_000n;

it('a table has a row an entry, times that any program reads and exact amounts', () => {
  const [head, row] = toCsv([{ ...FIRST, amountMicros: 2_500n as Micros }]).split('\r\n');
  expect(head).toBe('"time","title","seller","site","address","amount","currency","state","id"');
  expect(row).toBe(
    '"2026-11-25T10:00:00.000Z","How tides work","The Daily","daily.example",' +
      '"https://daily.example/tides?page=2","0.0025","USD","paid","AAAAAAAAAAAAAAAAAAAAAA"',
  );
});

it.each(['=1+1', '+1', '-1', '@a', '\tx'])('a title %j is no formula in a spreadsheet', (title) => {
  expect(toCsv([{ ...FIRST, title }])).toContain(`"'${title}"`);
});

it('quotes and line ends stay inside their cell', () => {
  expect(toCsv([{ ...FIRST, title: 'He said "no",\r\nand left' }])).toContain(
    '"He said ""no"",\r\nand left"',
  );
});

it('a list has the same as the table, and can be read back', () => {
  expect(JSON.parse(toJson([FIRST]))).toEqual([
    {
      time: '2026-11-25T10:00:00.000Z',
      title: 'How tides work',
      seller: 'The Daily',
      site: 'daily.example',
      address: 'https://daily.example/tides?page=2',
      amount: '0.02',
      currency: 'USD',
      state: 'paid',
      id: FIRST.id,
    },
  ]);
});

describe('a journal, read by hledger', () => {
  it('adds up to what is yours, with every balance asserted on the way', async () => {
    const entries: Entry[] = [
      FIRST,
      { ...FIRST, id: 'undone', state: 'undone' },
      { ...FIRST, id: 'refused', state: 'refused' },
    ];
    const journal = toJournal(entries, { currency: 'USD', deposits: [GIFT], yoursMicros: YOURS });
    const balances = await balancesOf(journal);
    expect(balances).toMatch(/0\.230000 USD\s+assets:farthing\n/);
    expect(balances).toMatch(/0\.020000 USD\s+expenses:farthing:The Daily\n/);
    expect(balances).not.toContain('equity');
  });

  it('has what it began with as an opening balance', async () => {
    const journal = toJournal([FIRST], { currency: 'USD', deposits: [], yoursMicros: YOURS });
    expect(await balancesOf(journal)).toMatch(/-0\.250000 USD\s+equity:opening\n/);
  });

  it('marks what is not heard of yet, and leaves other currencies out', () => {
    const entries: Entry[] = [
      { ...FIRST, state: 'waiting' },
      { ...FIRST, currency: 'EUR' },
    ];
    const journal = toJournal(entries, { currency: 'USD', deposits: [], yoursMicros: YOURS });
    expect(journal).toContain(' ! The Daily | How tides work\n');
    expect(journal.match(/The Daily \|/g)).toHaveLength(1);
  });

  it('refuses a journal in which one amount was changed, so that this can fail', async () => {
    const journal = toJournal([FIRST], { currency: 'USD', deposits: [GIFT], yoursMicros: YOURS });
    const forged = journal.replaceAll('0.02 USD', '0.03 USD');
    await expect(balancesOf(forged)).rejects.toThrow(/assertion/i);
  });

  it('is accepted whatever was bought, under whatever name, in whatever order', async () => {
    const state = fc.constantFrom<EntryState[]>('paid', 'undone', 'waiting', 'refused');
    const entry = fc.record({
      atMs: fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
      title: fc.string({ unit: 'grapheme', maxLength: 40 }),
      sellerName: fc.string({ unit: 'binary', maxLength: 20 }),
      amountMicros: fc.bigInt({ min: 1n, max: 750_000n }).map((it) => it as Micros),
      state,
    });
    const histories = fc.array(entry, { minLength: 1, maxLength: 100, size: 'max' });
    await fc.assert(
      fc.asyncProperty(histories, async (rows) => {
        const entries = rows.map(
          (row, index) => ({ ...FIRST, ...row, id: `${index}` }) as Addressed,
        );
        const spent = entries.reduce((sum, it) => sum + spentBy(it), 0n);
        const frame = { currency: 'USD', deposits: [GIFT], yoursMicros: YOURS };
        const balances = await balancesOf(toJournal(entries, frame));
        const total = [...balances.matchAll(/(-?[\d.]+) USD\s+expenses:/g)].reduce(
          (sum, [, amount = '0']) => sum + BigInt(amount.replace('.', '')),
          0n,
        );
        expect(total).toBe(spent);
      }),
      { numRuns: 5 },
    );
  }, 30_000);
});
