/** How captures, refunds and fees are split: nothing is lost, and a gift never becomes money. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Micros } from '../../src/protocol/money.ts';
import { feeDue, lesser, splitCapture, splitRefund } from '../../src/provider/ledger/fee.ts';

const amount = (max: bigint) => fc.bigInt({ min: 1n, max }) as fc.Arbitrary<Micros>;

test('the number of collections does not change the fee', () => {
  const rate = fc.integer({ min: 0, max: 10_000 });
  fc.assert(
    fc.property(rate, fc.array(amount(10n ** 9n)), (rateBasisPoints, amounts) => {
      let [collectedMicros, takenMicros] = [0n, 0n];
      for (const amountMicros of amounts) {
        collectedMicros += amountMicros;
        const feeMicros = feeDue({ collectedMicros, takenMicros, rateBasisPoints });
        expect(feeMicros >= 0n && feeMicros <= amountMicros).toBe(true);
        takenMicros += feeMicros;
      }
      const atOnce = feeDue({ collectedMicros, takenMicros: 0n, rateBasisPoints });
      expect(takenMicros).toBe(atOnce);
    }),
  );
});

test('a capture is split without remainder, and no part is below zero', () => {
  const terms = fc.tuple(amount(10n ** 15n), amount(10n ** 15n), amount(10n ** 15n));
  fc.assert(
    fc.property(terms, ([amountMicros, starterLeftMicros, fee]) => {
      const feeMicros = (fee % (amountMicros + 1n)) as Micros;
      const parts = splitCapture({ amountMicros, starterLeftMicros, feeMicros });
      const { earnedMicros, earnedStarterMicros, starterMicros } = parts;
      expect(earnedMicros + earnedStarterMicros + parts.feeMicros).toBe(amountMicros);
      expect(Object.values(parts).every((part) => part >= 0n)).toBe(true);
      expect(starterMicros <= starterLeftMicros && earnedStarterMicros <= starterMicros).toBe(true);
    }),
  );
});

/** What is held for one seller, in the simplest books that know where money came from. */
class Till {
  earned = 0n;
  earnedStarter = 0n;
  gift = 0n;
  fees = 0n;
  /** Net and fees by rate, the last one that something was collected under at the end. */
  readonly rates = new Map<number, { net: bigint; fees: bigint }>();

  capture(amount: bigint, starterLeft: bigint, rate: number): bigint {
    const row = this.rates.get(rate) ?? { net: 0n, fees: 0n };
    this.rates.delete(rate);
    this.rates.set(rate, row);
    row.net += amount;
    const terms = { collectedMicros: row.net, takenMicros: row.fees, rateBasisPoints: rate };
    const feeMicros = feeDue(terms);
    row.fees += feeMicros;
    this.fees += feeMicros;
    const parts = splitCapture({
      amountMicros: amount as Micros,
      starterLeftMicros: starterLeft as Micros,
      feeMicros,
    });
    this.earned += parts.earnedMicros;
    this.earnedStarter += parts.earnedStarterMicros;
    this.gift += parts.starterMicros;
    return parts.starterMicros;
  }

  /** The fee that falls due no more: under the last rate first (SPEC 10.4); and the rates then. */
  private feeBack(amount: bigint) {
    let left = amount;
    let fee = 0n;
    const after: [number, { net: bigint; fees: bigint }][] = [];
    for (const [rateBasisPoints, row] of [...this.rates].toReversed()) {
      const part = left < row.net ? left : row.net;
      const net = row.net - part;
      left -= part;
      const due = feeDue({ collectedMicros: net, takenMicros: row.fees, rateBasisPoints });
      after.unshift([rateBasisPoints, { net, fees: row.fees + due }]);
      fee -= due;
    }
    return { fee, after };
  }

  /** Of the fees: what was taken of starter credit. */
  get feesStarter(): bigint {
    return this.gift - this.earnedStarter;
  }

  /** What was captured and not given back: of money. */
  get netPaid(): bigint {
    return [...this.rates.values()].reduce((sum, { net }) => sum + net, -this.gift);
  }

  /** What goes back as starter credit; undefined where it waits for money. */
  refund(amount: bigint, starterLeft: bigint): bigint | undefined {
    const { feesStarter, netPaid } = this;
    const { fee, after } = this.feeBack(amount);
    const parts = splitRefund({
      amountMicros: amount as Micros,
      starterLeftMicros: starterLeft as Micros,
      feeMicros: fee as Micros,
      earnedMicros: this.earned as Micros,
      earnedStarterMicros: this.earnedStarter as Micros,
      feesStarterMicros: feesStarter as Micros,
      feesPaidMicros: (this.fees - feesStarter) as Micros,
      netPaidMicros: netPaid as Micros,
      netStarterMicros: this.gift as Micros,
    });
    if (parts.earnedMicros > this.earned) return undefined;
    for (const [rate, row] of after) this.rates.set(rate, row);
    this.earned -= parts.earnedMicros;
    this.earnedStarter -= parts.earnedStarterMicros;
    this.gift -= parts.starterMicros;
    this.fees -= parts.feeMicros;
    return parts.starterMicros;
  }
}

type StepOf<A> = A extends fc.Arbitrary<infer T> ? T : never;

interface Bought {
  leftMicros: bigint;
  giftMicros: bigint;
}

test('what was captured can be given back in any order, and no gift becomes money', () => {
  const purchase = fc.record({
    money: fc.bigInt({ min: 0n, max: 1_000n }),
    gift: fc.bigInt({ min: 0n, max: 1_000n }),
    rate: fc.constantFrom(0, 250, 500, 3_333, 10_000),
    back: fc.tuple(fc.nat(100), fc.bigInt({ min: 1n, max: 1_000n })),
  });
  const run = (purchases: readonly StepOf<typeof purchase>[]) => {
    const till = new Till();
    const bought: Bought[] = [];
    let [paidIn, paidBack] = [0n, 0n];
    const giveBack = (one: Bought, amount: bigint) => {
      const starter = till.refund(amount, one.giftMicros);
      if (starter === undefined) throw new TypeError('where nothing was paid out nothing waits');
      one.leftMicros -= amount;
      one.giftMicros -= starter;
      paidBack += amount - starter;
      const { feesStarter } = till;
      expect([till.earned, till.earnedStarter, till.gift].every((part) => part >= 0n)).toBe(true);
      expect(feesStarter >= 0n && feesStarter <= till.fees).toBe(true);
      expect(paidBack + till.earned <= paidIn).toBe(true);
    };
    for (const { money, gift, rate, back } of purchases) {
      const amount = money + gift;
      if (amount === 0n) continue;
      bought.push({ leftMicros: amount, giftMicros: till.capture(amount, gift, rate) });
      paidIn += money;
      const one = bought[back[0] % bought.length];
      if (one && one.leftMicros > 0n)
        giveBack(one, back[1] < one.leftMicros ? back[1] : one.leftMicros);
    }
    for (const one of bought) if (one.leftMicros > 0n) giveBack(one, one.leftMicros);
    expect([till.earned, till.earnedStarter, till.gift, till.fees]).toEqual([0n, 0n, 0n, 0n]);
    expect(paidBack).toBe(paidIn);
  };
  fc.assert(fc.property(fc.array(purchase, { minLength: 1, maxLength: 12 }), run), {
    numRuns: 2_000,
  });
});

test('whatever is bought, undone and paid out, the fee on the money that stays stays', () => {
  const rate = fc.constantFrom(250, 500, 3_333, 10_000);
  const micros = fc.bigInt({ min: 0n, max: 1_000_000n });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('sale'), money: micros, gift: micros }),
    fc.record({ kind: fc.constant('undo'), which: fc.nat(100), amount: micros }),
    fc.record({ kind: fc.constant('payout') }),
  );
  const run = (basisPoints: number, steps: readonly StepOf<typeof step>[]) => {
    const till = new Till();
    const bought: Bought[] = [];
    for (const it of steps) {
      if (it.kind === 'payout') till.earned = 0n;
      if (it.kind === 'sale' && it.money + it.gift > 0n) {
        const leftMicros = it.money + it.gift;
        bought.push({ leftMicros, giftMicros: till.capture(leftMicros, it.gift, basisPoints) });
      }
      const one = it.kind === 'undo' ? bought[it.which % bought.length] : undefined;
      const amount = it.kind === 'undo' && one ? lesser(it.amount, one.leftMicros) : 0n;
      if (one && amount > 0n) {
        const starter = till.refund(amount, one.giftMicros);
        one.leftMicros -= starter === undefined ? 0n : amount;
        one.giftMicros -= starter ?? 0n;
      }
      // Each sale rounds the fee down once, to the side on which there is less.
      const due = (till.netPaid * BigInt(basisPoints)) / 10_000n - BigInt(bought.length);
      expect(till.fees - till.feesStarter >= due, `${till.fees - till.feesStarter} of ${due}`).toBe(
        true,
      );
    }
  };
  fc.assert(
    fc.property(rate, fc.array(step, { minLength: 3, maxLength: 20 }), (basisPoints, steps) => {
      run(basisPoints, steps);
    }),
    { numRuns: 2_000 },
  );
});
