/** How captures, refunds and fees are split: nothing is lost, and a gift never becomes money. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Micros } from '../../src/protocol/money.ts';
import { feeDue, splitCapture, splitRefund } from '../../src/provider/ledger/fee.ts';

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

  /** The fee that falls due no more: under the last rate first (SPEC 10.4). */
  private feeBack(amount: bigint): bigint {
    let left = amount;
    let fee = 0n;
    for (const [rateBasisPoints, row] of [...this.rates].toReversed()) {
      const part = left < row.net ? left : row.net;
      row.net -= part;
      left -= part;
      const due = feeDue({ collectedMicros: row.net, takenMicros: row.fees, rateBasisPoints });
      row.fees += due;
      fee -= due;
    }
    return fee;
  }

  refund(amount: bigint, starterLeft: bigint): bigint {
    const feesStarter = this.gift - this.earnedStarter;
    const parts = splitRefund({
      amountMicros: amount as Micros,
      starterLeftMicros: starterLeft as Micros,
      feeMicros: this.feeBack(amount) as Micros,
      earnedMicros: this.earned as Micros,
      earnedStarterMicros: this.earnedStarter as Micros,
      feesStarterMicros: feesStarter as Micros,
      feesPaidMicros: (this.fees - feesStarter) as Micros,
    });
    this.earned -= parts.earnedMicros;
    this.earnedStarter -= parts.earnedStarterMicros;
    this.gift -= parts.starterMicros;
    this.fees -= parts.feeMicros;
    return parts.starterMicros;
  }
}

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
  const run = (
    purchases: readonly (typeof purchase extends fc.Arbitrary<infer P> ? P : never)[],
  ) => {
    const till = new Till();
    const bought: Bought[] = [];
    let [paidIn, paidBack] = [0n, 0n];
    const giveBack = (one: Bought, amount: bigint) => {
      const starter = till.refund(amount, one.giftMicros);
      one.leftMicros -= amount;
      one.giftMicros -= starter;
      paidBack += amount - starter;
      const feesStarter = till.gift - till.earnedStarter;
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
