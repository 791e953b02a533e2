import { describe, expect, test } from 'vitest';
import {
  addMicros,
  formatPrice,
  isCurrency,
  MICROS_MAX,
  MICROS_ZERO,
  micros,
  readUnits,
  subtractMicros,
} from '../../../src/protocol/money.ts';

describe('amounts', () => {
  test('stay between nothing and the largest', () => {
    expect(micros(0n)).toBe(MICROS_ZERO);
    expect(micros(10n ** 15n)).toBe(MICROS_MAX);
    expect(() => micros(-1n)).toThrow(RangeError);
    expect(() => micros(10n ** 15n + 1n)).toThrow(RangeError);
  });

  test('are added up to the largest and no further', () => {
    expect(addMicros(micros(10n ** 15n - 1n), micros(1n))).toBe(MICROS_MAX);
    expect(() => addMicros(MICROS_MAX, micros(1n))).toThrow(RangeError);
  });

  test('are subtracted down to nothing and no further', () => {
    expect(subtractMicros(micros(2n), micros(2n))).toBe(MICROS_ZERO);
    expect(() => subtractMicros(micros(1n), micros(2n))).toThrow(RangeError);
  });
});

describe('a price', () => {
  test.each([
    [20_000n, '0.02 USD'],
    [1n, '0.000001 USD'],
    [100_000n, '0.10 USD'],
    [1_000_000n, '1.00 USD'],
    [1_234_500n, '1.2345 USD'],
    [10n ** 15n, '1000000000.00 USD'],
  ])('of %i micros is written %s', (amount, written) => {
    expect(formatPrice({ amountMicros: micros(amount), currency: 'USD' })).toBe(written);
  });
});

describe('units that somebody types', () => {
  test.each([
    ['0.5', 500_000n],
    [' 2 ', 2_000_000n],
    ['0', 0n],
    ['1000000000', 10n ** 15n],
  ])('"%s" are %i micros', (text, amount) => expect(readUnits(text)).toBe(amount));
  test.each(['', '-1', '.5', '5.', '0,5', '1e3', '0.0000001', '1000000000.000001', '5 USD'])(
    '"%s" is no amount',
    (text) => expect(readUnits(text)).toBeUndefined(),
  );
});

describe('a currency', () => {
  test.each(['USD', 'EUR', 'JPY', 'KWD', 'XOF', 'ZWG'])('%s is one', (code) => {
    expect(isCurrency(code)).toBe(true);
  });
  test.each(['usd', 'XTS', 'XXX', 'XAU', 'DEM', 'US', 'USD ', 'USD EUR', ''])(
    '"%s" is none',
    (code) => {
      expect(isCurrency(code)).toBe(false);
    },
  );
});
