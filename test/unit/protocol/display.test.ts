import { describe, expect, test } from 'vitest';
import { formatAmount, formatBalance } from '../../../src/protocol/display.ts';
import { micros } from '../../../src/protocol/money.ts';

const usd = (amount: bigint) => ({ amountMicros: micros(amount), currency: 'USD' });

describe('an amount of dollars', () => {
  test.each([
    [0n, '0¢'],
    [2_500n, '¼¢'],
    [5_000n, '½¢'],
    [7_500n, '¾¢'],
    [10_000n, '1¢'],
    [12_500n, '1¼¢'],
    [15_000n, '1½¢'],
    [20_000n, '2¢'],
    [250_000n, '25¢'],
    [990_000n, '99¢'],
    [997_500n, '99¾¢'],
    [1n, '$0.000001'],
    [3_100n, '$0.0031'],
    [20_001n, '$0.020001'],
    [1_000_000n, '$1'],
    [1_500_000n, '$1.50'],
    [1_502_500n, '$1.5025'],
    [4_310_000n, '$4.31'],
    [20_000_000n, '$20'],
    [1_234_500_000n, '$1,234.50'],
    [10n ** 15n, '$1,000,000,000'],
    [10n ** 15n - 1n, '$999,999,999.999999'],
  ])('%i micros is written %s', (amount, written) => {
    expect(formatAmount(usd(amount))).toBe(written);
  });

  test('never has a decimal point before ¢', () => {
    for (let amount = 0n; amount < 1_000_000n; amount += 1_250n)
      expect(formatAmount(usd(amount))).not.toMatch(/[.,]\d*¢/);
  });
});

describe('an amount in the reader’s language', () => {
  test.each([
    ['en-US', 'EUR', 20_000n, '2\u00a0ct'],
    ['en-US', 'EUR', 2_500n, '¼\u00a0ct'],
    ['en-US', 'EUR', 3_100n, '€0.0031'],
    ['en-US', 'EUR', 1_500_000n, '€1.50'],
    ['en-GB', 'GBP', 20_000n, '2p'],
    ['en-GB', 'GBP', 1_000_000n, '£1'],
    ['en-GB', 'USD', 20_000n, '2¢'],
    ['de', 'USD', 20_000n, '2\u00a0¢'],
    ['de', 'USD', 7_500n, '¾\u00a0¢'],
    ['de', 'USD', 4_310_000n, '4,31\u00a0$'],
    ['de', 'EUR', 20_000n, '2\u00a0ct'],
    ['de', 'EUR', 3_100n, '0,0031\u00a0€'],
    ['de', 'GBP', 15_000n, '1½\u00a0p'],
    ['es', 'USD', 20_000n, '2\u00a0¢'],
    ['es', 'EUR', 1_250_000n, '1,25\u00a0€'],
    ['ar-EG', 'USD', 250_000n, '٢٥\u00a0¢'],
    ['ar-EG', 'EUR', 12_500n, '١¼\u00a0ct'],
    ['en-US', 'JPY', 2_000_000n, '¥2'],
    ['en-US', 'JPY', 2_500_000n, '¥2.5'],
    ['en-US', 'CHF', 20_000n, 'CHF\u00a00.02'],
  ])('%s: %s %i is %s', (locale, currency, amount, written) => {
    expect(formatAmount({ amountMicros: micros(amount), currency }, locale)).toBe(written);
  });

  test.each(['en', 'de', 'es', 'ar', 'ar-EG'])(
    'has no decimal before a cent’s sign in %s',
    (it) => {
      for (let amount = 0n; amount < 1_000_000n; amount += 1_250n)
        for (const currency of ['USD', 'EUR', 'GBP']) {
          const written = formatAmount({ amountMicros: micros(amount), currency }, it);
          expect(written).not.toMatch(/[.,٫]\p{Nd}*\s?(¢|ct|p)$/u);
        }
    },
  );
});

describe('a balance', () => {
  test.each([
    [2_499n, '0¢'],
    [2_500n, '¼¢'],
    [24_999n, '2¼¢'],
    [999_999n, '99¾¢'],
    [1_000_000n, '$1'],
    [4_319_999n, '$4.31'],
    [4_310_000n, '$4.31'],
  ])('of %i micros is rounded down to %s', (amount, written) => {
    expect(formatBalance(usd(amount))).toBe(written);
  });
});
