import { describe, expect, it } from 'vitest';
import type { Micros } from '../../../../src/protocol/money.ts';
import type { Terms } from '../../../../src/protocol/terms.ts';
import {
  type Asked,
  dayOf,
  type Facts,
  reasonsToAsk,
  recentSpan,
  startOfDay,
} from '../../../../src/wallet/payment/policy.ts';
import type { Account, Payment } from '../../../../src/wallet/rows.ts';

const terms: Terms = {
  amountMicros: 20_000n as Micros,
  currency: 'USD',
  payto: 'daily@pay.example',
  origin: 'https://daily.example',
  item: '/articles/tides',
  durationSec: 86_400,
  refundSec: 600,
  cap: undefined,
  meter: undefined,
};
const asked: Asked = { terms, isVisible: true };
const NOON = new Date(2030, 5, 15, 12).getTime();
const rule = { kind: 'one-click', itemMicros: 50_000n, dayMicros: 500_000n } as Facts['rule'];

const paid = (amountMicros: bigint, over: Partial<Payment> = {}, payto = terms.payto) =>
  ({
    state: 'paid',
    atMs: NOON - 60_000,
    ask: { terms: { ...terms, payto, amountMicros } },
    ...over,
  }) as Payment;

const facts = (over: Partial<Facts> = {}): Facts => ({
  account: { currency: 'USD', dailyLimitMicros: 1_000_000n } as Account,
  rule,
  recent: [],
  nowMs: NOON,
  isFirstTime: false,
  isUsedElsewhere: false,
  isUnresolved: false,
  ...over,
});

const dearer = (amountMicros: bigint): Asked => ({
  ...asked,
  terms: { ...terms, amountMicros: amountMicros as Micros },
});

describe('a press pays without a question unless something speaks against it', () => {
  it('nothing does inside all limits, to the micro', () => {
    expect(reasonsToAsk(facts(), dearer(50_000n))).toEqual([]);
    expect(reasonsToAsk(facts({ recent: [paid(480_000n)] }), asked)).toEqual([]);
    expect(reasonsToAsk(facts({ recent: [paid(980_000n, {}, 'x@pay.example')] }), asked)).toEqual(
      [],
    );
  });

  it.each<[string, Partial<Facts>, Asked, string[]]>([
    ['nothing was bought here yet', { isFirstTime: true }, asked, ['first-time']],
    ['the item is a micro dearer than the limit', {}, dearer(50_001n), ['over-item']],
    ['it passes the seller’s day', { recent: [paid(480_001n)] }, asked, ['over-seller-day']],
    [
      'it passes the day over all sellers',
      { recent: [paid(980_001n, {}, 'x@pay.example')] },
      asked,
      ['over-day'],
    ],
    ['there is no undo', {}, { ...asked, terms: { ...terms, refundSec: 0 } }, ['no-undo']],
    [
      'it was cheaper when drawn',
      {},
      { ...asked, formerMicros: 10_000n as Micros },
      ['price-changed'],
    ],
    ['it could not be seen', {}, { ...asked, isVisible: false }, ['not-visible']],
    ['money here was spent elsewhere', { isUsedElsewhere: true }, asked, ['used-elsewhere']],
    ['a charge here has no answer', { isUnresolved: true }, asked, ['unresolved']],
  ])('%s', (_, over, ask, expected) => {
    expect(reasonsToAsk(facts(over), ask)).toEqual(expected);
  });

  it('it was dearer when drawn: nothing is asked', () => {
    expect(reasonsToAsk(facts(), { ...asked, formerMicros: 30_000n as Micros })).toEqual([]);
  });

  it('five payments in ten seconds are a reader’s, the sixth is asked', () => {
    const quick = (count: number, agoMs: number) =>
      Array.from({ length: count }, () => paid(1n, { atMs: NOON - agoMs }));
    expect(reasonsToAsk(facts({ recent: quick(4, 9_999) }), asked)).toEqual([]);
    expect(reasonsToAsk(facts({ recent: quick(5, 9_999) }), asked)).toEqual(['too-fast']);
    expect(reasonsToAsk(facts({ recent: quick(5, 10_000) }), asked)).toEqual([]);
  });

  it('where the rule is to ask, only the limit over all sellers is named', () => {
    const asking = facts({ rule: { kind: 'ask' }, recent: [paid(990_000n)] });
    expect(reasonsToAsk(asking, dearer(60_000n))).toEqual(['over-day']);
  });

  it('what was refused or undone is not spent; what is on its way is', () => {
    const recent = [
      paid(300_000n, { state: 'refused' }),
      paid(300_000n, { undo: { state: 'granted', token: '' } }),
      paid(400_000n, { state: 'sending' }),
    ];
    expect(reasonsToAsk(facts({ recent }), asked)).toEqual([]);
    expect(reasonsToAsk(facts({ recent: [...recent, paid(80_001n)] }), asked)).toEqual([
      'over-seller-day',
    ]);
  });

  it('a day is the reader’s own: just before midnight is yesterday, except for haste', () => {
    const midnight = startOfDay(NOON);
    const recent = Array.from({ length: 5 }, () => paid(100_000n, { atMs: midnight - 1 }));
    const early = facts({ nowMs: midnight + 5_000, recent });
    expect(recentSpan(early.nowMs).fromMs).toBe(midnight - 4_999);
    expect(reasonsToAsk(early, asked)).toEqual(['too-fast']);
  });

  it('where the clock was ahead, only what it calls today or just now counts', () => {
    const { untilMs } = dayOf(NOON);
    const at = (atMs: number) => Array.from({ length: 5 }, () => paid(100_000n, { atMs }));
    const speaks = (atMs: number) => reasonsToAsk(facts({ recent: at(atMs) }), asked);
    expect(speaks(NOON + 9_999)).toEqual(['over-seller-day', 'too-fast']);
    expect(speaks(NOON + 10_000)).toEqual(['over-seller-day']);
    expect(speaks(untilMs - 1)).toEqual(['over-seller-day']);
    expect(speaks(untilMs)).toEqual([]);
  });
});

describe('a day begins at the reader’s midnight', () => {
  it.each([
    [
      'clocks go forward',
      'Europe/Berlin',
      '2030-03-31T12:00:00+02:00',
      '2030-03-31T00:00:00+01:00',
    ],
    ['clocks go back', 'Europe/Berlin', '2030-10-27T12:00:00+01:00', '2030-10-27T00:00:00+02:00'],
    [
      'midnight is left out',
      'Africa/Cairo',
      '2024-04-26T12:00:00+03:00',
      '2024-04-26T01:00:00+03:00',
    ],
    [
      'far from Greenwich',
      'Pacific/Auckland',
      '2030-01-02T01:00:00+13:00',
      '2030-01-02T00:00:00+13:00',
    ],
  ])('%s', (_, zone, at, midnight) => {
    const before = process.env.TZ;
    process.env.TZ = zone;
    try {
      expect(startOfDay(Date.parse(at))).toBe(Date.parse(midnight));
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  });
});
