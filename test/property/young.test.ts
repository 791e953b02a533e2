/** Whatever a seller and its friends do: who bought lately has it back whenever it is undone. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Micros } from '../../src/protocol/money.ts';
import {
  feeDue,
  greater,
  lesser,
  type RefundParts,
  splitCapture,
  splitRefund,
} from '../../src/provider/ledger/fee.ts';
import { type Till, tillAfter } from '../../src/provider/refunds/tills.ts';
import { keptMicros } from '../../src/provider/refunds/young.ts';

/** A payout is of whole cents: what is left covers what rounding shifts from refund to refund. */
const REST_MICROS = 5_000n;

interface Bought {
  readonly leftMicros: bigint;
  readonly giftMicros: bigint;
  readonly earnedStarterMicros: bigint;
  readonly isYoung: boolean;
}

/** A seller's books, as simple as can be. */
class Shop {
  till: Till;
  bought: readonly Bought[] = [];
  readonly #rate: number;

  constructor(rateBasisPoints: number) {
    this.#rate = rateBasisPoints;
    const none = 0n as Micros;
    this.till = {
      ...{ earnedMicros: none, earnedStarterMicros: none, netPaidMicros: none },
      ...{ feesStarterMicros: none, feesPaidMicros: none, netStarterMicros: none },
    };
  }

  /** What falls due where so much more is captured; below zero where it is given back. */
  #fee({ netPaidMicros, netStarterMicros, ...till }: Till, amountMicros: bigint): Micros {
    return feeDue({
      collectedMicros: netPaidMicros + netStarterMicros + amountMicros,
      takenMicros: till.feesPaidMicros + till.feesStarterMicros,
      rateBasisPoints: this.#rate,
    });
  }

  #split(till: Till, amountMicros: bigint, starterLeftMicros: bigint): RefundParts {
    return splitRefund({
      ...till,
      amountMicros: amountMicros as Micros,
      starterLeftMicros: starterLeftMicros as Micros,
      feeMicros: -this.#fee(till, -amountMicros) as Micros,
    });
  }

  kept(till: Till, bought: readonly Bought[]): bigint {
    const young = { amountMicros: 0n as Micros, starterMicros: 0n as Micros };
    for (const { isYoung, leftMicros, giftMicros } of bought)
      if (isYoung) {
        young.amountMicros = (young.amountMicros + leftMicros) as Micros;
        young.starterMicros = (young.starterMicros + lesser(leftMicros, giftMicros)) as Micros;
      }
    return keptMicros(till, young, -this.#fee(till, -young.amountMicros) as Micros);
  }

  sell(moneyMicros: bigint, giftMicros: bigint): void {
    const leftMicros = moneyMicros + giftMicros;
    const { till } = this;
    const feeMicros = this.#fee(till, leftMicros);
    const parts = splitCapture({
      amountMicros: leftMicros as Micros,
      starterLeftMicros: giftMicros as Micros,
      feeMicros,
    });
    // Like a refund of less than nothing.
    const back = (micros: bigint) => -micros as Micros;
    this.till = tillAfter(till, back(leftMicros), {
      starterMicros: back(parts.starterMicros),
      earnedMicros: back(parts.earnedMicros),
      earnedStarterMicros: back(parts.earnedStarterMicros),
      feeMicros: back(feeMicros),
      paidOutMicros: 0n as Micros,
    });
    const { earnedStarterMicros } = parts;
    this.bought = [...this.bought, { leftMicros, giftMicros, earnedStarterMicros, isYoung: true }];
  }

  /** Whether it is given back now. */
  undo(one: Bought, amountMicros: bigint): boolean {
    const parts = this.#split(this.till, amountMicros, one.giftMicros);
    if (parts.earnedMicros > this.till.earnedMicros) return false;
    const till = tillAfter(this.till, amountMicros as Micros, parts);
    const leftMicros = one.leftMicros - amountMicros;
    const left = { ...one, leftMicros, giftMicros: one.giftMicros - parts.starterMicros };
    const bought = this.bought.map((it) => (it === one ? left : it));
    if (!one.isYoung && this.kept(till, bought) > till.earnedMicros) return false;
    Object.assign(this, { till, bought });
    return true;
  }

  /** All that is old enough: of starter credit as much as there are funds, in percent. */
  payOut(fundsPercent: bigint): void {
    const unripeMicros = this.bought
      .filter(({ isYoung }) => isYoung)
      .reduce((sum, it) => sum + lesser(it.earnedStarterMicros, it.giftMicros), 0n);
    const { earnedMicros, earnedStarterMicros } = this.till;
    const leftMicros = lesser(earnedStarterMicros, unripeMicros as Micros);
    const without = { ...this.till, earnedStarterMicros: leftMicros };
    const keptMicros = this.kept(without, this.bought) + REST_MICROS;
    const shortMicros = greater(0n, keptMicros - earnedMicros);
    const starterMicros = greater(0n, earnedStarterMicros - leftMicros - shortMicros);
    this.till = {
      ...this.till,
      earnedMicros: lesser(earnedMicros, keptMicros as Micros),
      earnedStarterMicros: (earnedStarterMicros - (starterMicros * fundsPercent) / 100n) as Micros,
    };
  }

  /** Time goes by for the first so many. */
  ripen(count: number): void {
    this.bought = this.bought.map((one, at) => (at < count ? { ...one, isYoung: false } : one));
  }
}

const micros = fc.bigInt({ min: 0n, max: 1_000_000n });
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('sale'), money: micros, gift: micros }),
    fc.record({ kind: fc.constant('sale'), money: micros, gift: fc.constant(0n) }),
    fc.record({ kind: fc.constant('sale'), money: fc.constant(0n), gift: micros }),
    fc.record({ kind: fc.constant('undo'), which: fc.nat(100), percent: fc.bigInt(1n, 100n) }),
    fc.record({ kind: fc.constant('undo'), which: fc.nat(100), percent: fc.constant(100n) }),
    fc.record({ kind: fc.constant('payout'), percent: fc.constantFrom(0n, 50n, 100n) }),
    fc.record({ kind: fc.constant('time'), count: fc.nat(20) }),
  ),
  { minLength: 3, maxLength: 30 },
);

test('what was bought lately goes back whenever it is undone, and in any order', () => {
  let waitedCount = 0;
  const undo = (shop: Shop, one: Bought | undefined, percent: bigint) => {
    if (!one || one.leftMicros === 0n) return;
    const isPaid = shop.undo(one, (one.leftMicros * percent + 99n) / 100n);
    if (one.isYoung) expect(isPaid).toBe(true);
    if (!isPaid) waitedCount += 1;
  };
  const rates = fc.constantFrom(0, 250, 500, 3_333);
  fc.assert(
    fc.property(rates, steps, fc.array(fc.nat(100)), (rate, taken, order) => {
      const shop = new Shop(rate);
      const pick = (which: number) => shop.bought[which % Math.max(1, shop.bought.length)];
      for (const step of taken) {
        if (step.kind === 'sale') shop.sell(step.money, step.gift);
        if (step.kind === 'undo') undo(shop, pick(step.which), step.percent);
        if (step.kind === 'payout') shop.payOut(step.percent);
        if (step.kind === 'time') shop.ripen(step.count);
      }
      for (const which of order) if (pick(which)?.isYoung) undo(shop, pick(which), 50n);
      for (const one of shop.bought) if (one.isYoung) undo(shop, one, 100n);
    }),
    { numRuns: 3_000 },
  );
  expect(waitedCount).toBeGreaterThan(0);
});
