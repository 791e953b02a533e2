/**
 * The limit for a day, under a clock that is put ahead and back as it likes, by seconds or years:
 * no day that it shows holds more than the limit, and what lies in other days asks for nothing.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Micros } from '../../src/protocol/money.ts';
import {
  type Asked,
  type Facts,
  reasonsToAsk,
  recentSpan,
} from '../../src/wallet/payment/policy.ts';
import type { Account, Payment } from '../../src/wallet/rows.ts';

const LIMIT_MICROS = 100_000n;
const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const YEAR_MS = 8766 * HOUR_MS;
const START_MS = new Date(2030, 5, 15, 9).getTime();
const account = { currency: 'USD', dailyLimitMicros: LIMIT_MICROS } as Account;
const rule: Facts['rule'] = {
  kind: 'one-click',
  itemMicros: LIMIT_MICROS as Micros,
  dayMicros: LIMIT_MICROS as Micros,
};

/** A press after a while, by a clock that is off by so much from then on, where it says so. */
const press = fc.record({
  restMs: fc.oneof(fc.nat(20 * SECOND_MS), fc.nat(20 * HOUR_MS)),
  offMs: fc.option(
    fc.oneof(
      fc.constant(0),
      fc.integer({ min: -20 * SECOND_MS, max: 20 * SECOND_MS }),
      fc.integer({ min: -30 * HOUR_MS, max: 30 * HOUR_MS }),
      fc.integer({ min: -YEAR_MS, max: YEAR_MS }),
    ),
  ),
  amountMicros: fc.bigInt({ min: 1n, max: LIMIT_MICROS }),
});

interface Paid {
  /** What the clock said. */
  readonly atMs: number;
  /** The day that it truly was. */
  readonly day: string;
  readonly amountMicros: bigint;
}

const dayAt = (atMs: number) => new Date(atMs).toDateString();

/** Why a press at `nowMs` is asked about, by the payments that the wallet looks up for it. */
function reasonsAt(nowMs: number, paid: readonly Paid[], amountMicros: bigint) {
  const { fromMs, untilMs } = recentSpan(nowMs);
  const terms = { amountMicros, currency: 'USD', payto: 'daily@pay.example', refundSec: 600 };
  const recent = paid
    .filter(({ atMs }) => atMs >= fromMs && atMs < untilMs)
    .map((it) => ({ ...it, state: 'paid', ask: { terms: { ...terms, ...it } } }));
  const facts = { account, rule, recent: recent as unknown as Payment[], nowMs };
  const nothing = { isFirstTime: false, isUsedElsewhere: false, isUnresolved: false };
  return reasonsToAsk({ ...facts, ...nothing }, { terms, isVisible: true } as unknown as Asked);
}

function dearestDay(paid: readonly Paid[], dayOf: (it: Paid) => string): bigint {
  const sums = new Map<string, bigint>();
  for (const it of paid) sums.set(dayOf(it), (sums.get(dayOf(it)) ?? 0n) + it.amountMicros);
  return [...sums.values()].reduce((most, sum) => (sum > most ? sum : most), 0n);
}

it('no day holds more than its limit, and no other day’s payments ask for anything', () => {
  const property = fc.property(fc.array(press, { maxLength: 60 }), (presses) => {
    const paid: Paid[] = [];
    const wrong = new Set<string>();
    let trueMs = START_MS;
    let aheadMs = 0;
    for (const { restMs, offMs, amountMicros } of presses) {
      trueMs += restMs;
      aheadMs = offMs ?? aheadMs;
      const nowMs = trueMs + aheadMs;
      const day = dayAt(trueMs);
      if (aheadMs !== 0) wrong.add(day);
      const reasons = reasonsAt(nowMs, paid, amountMicros);
      const isFar = ({ atMs }: Paid) =>
        dayAt(atMs) !== dayAt(nowMs) && Math.abs(atMs - nowMs) >= 10 * SECOND_MS;
      if (paid.every(isFar)) expect(reasons).toEqual([]);
      if (reasons.length > 0) continue;
      paid.push({ atMs: nowMs, day, amountMicros });
    }
    expect(dearestDay(paid, ({ atMs }) => dayAt(atMs))).toBeLessThanOrEqual(LIMIT_MICROS);
    // So it is with the days on which the clock was right from morning to night.
    const right = paid.filter(({ day }) => !wrong.has(day));
    expect(dearestDay(right, ({ day }) => day)).toBeLessThanOrEqual(LIMIT_MICROS);
  });
  fc.assert(property, { numRuns: 2000 });
});
