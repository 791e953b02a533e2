import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAmount, formatBalance } from '../../src/protocol/display.ts';
import {
  addMicros,
  formatPrice,
  isCurrency,
  MICROS_MAX,
  micros,
  microsMember,
  parsePrice,
  parsePriceList,
  subtractMicros,
} from '../../src/protocol/money.ts';

const amounts = fc
  .oneof(fc.bigInt({ min: 1n, max: MICROS_MAX }), fc.bigInt({ min: 1n, max: 3_000_000n }))
  .map(micros);
const currencies = fc.constantFrom('USD', 'EUR', 'JPY', 'KWD', 'XOF', 'ZWG');
const prices = fc.record({ amountMicros: amounts, currency: currencies });

/** Dollars as a reader reads them, in micros: no use is made of how they were written. */
function readAloud(written: string): bigint {
  const cents = /^(\d*)([¼½¾]?)¢$/.exec(written);
  if (cents) {
    const quarters = ['', '¼', '½', '¾'].indexOf(cents[2] ?? '');
    return BigInt(cents[1] || '0') * 10_000n + BigInt(quarters) * 2_500n;
  }
  const [, units = '', fraction = ''] = /^\$([\d,]+)(?:\.(\d{1,6}))?$/.exec(written) ?? [];
  return BigInt(units.replaceAll(',', '')) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}

describe('prices', () => {
  test('are read as they are written', () => {
    fc.assert(
      fc.property(prices, (price) => {
        expect(parsePrice(formatPrice(price))).toEqual(price);
      }),
    );
  });

  test('are read as they are written in lists too', () => {
    const lists = fc.uniqueArray(prices, {
      minLength: 1,
      maxLength: 6,
      selector: ({ currency }) => currency,
    });
    fc.assert(
      fc.property(lists, (list) => {
        expect(parsePriceList(list.map(formatPrice).join(', '))).toEqual(list);
      }),
    );
  });

  test('say the same with zeros behind and never more than six decimals', () => {
    fc.assert(
      fc.property(prices, fc.nat(6), (price, zeros) => {
        const [amount = '', currency = ''] = formatPrice(price).split(' ');
        const decimals = amount.split('.')[1]?.length ?? 0;
        const longer = `${amount}${'0'.repeat(zeros)} ${currency}`;
        if (decimals + zeros <= 6) expect(parsePrice(longer)).toEqual(price);
        else expect(() => parsePrice(longer)).toThrow(/malformed/);
      }),
    );
  });

  test('in anything but a known currency are refused', () => {
    const codes = fc.stringMatching(/^[A-Za-z]{3}$/).filter((code) => !isCurrency(code));
    fc.assert(
      fc.property(codes, (code) => {
        expect(() => parsePrice(`1 ${code}`)).toThrow(/currency_unknown/);
      }),
    );
  });
});

describe('amounts', () => {
  test('are one text on the wire', () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        expect(microsMember(`${amount}`)).toBe(amount);
      }),
    );
  });

  test('that are read from a text write that text', () => {
    const texts = fc.oneof(
      fc.stringMatching(/^[0-9]{1,17}$/),
      fc.stringMatching(/^[-+ 0-9.eEx_n]{1,12}$/),
    );
    fc.assert(
      fc.property(texts, (text) => {
        let read: bigint | undefined;
        try {
          read = microsMember(text);
        } catch {
          return;
        }
        expect(`${read}`).toBe(text);
        expect(read <= MICROS_MAX).toBe(true);
      }),
    );
  });

  test('lose nothing when they are added and taken apart', () => {
    fc.assert(
      fc.property(amounts, amounts, (a, b) => {
        if (a + b > MICROS_MAX) expect(() => addMicros(a, b)).toThrow(RangeError);
        else expect(subtractMicros(addMicros(a, b), b)).toBe(a);
      }),
    );
  });
});

describe('dollars on a screen', () => {
  test('are exactly the amount', () => {
    fc.assert(
      fc.property(amounts, (amountMicros) => {
        expect(readAloud(formatAmount({ amountMicros, currency: 'USD' }))).toBe(amountMicros);
      }),
    );
  });

  test('that are a balance never promise more than there is, nor a cent less', () => {
    fc.assert(
      fc.property(amounts, (amountMicros) => {
        const shown = readAloud(formatBalance({ amountMicros, currency: 'USD' }));
        expect(shown <= amountMicros).toBe(true);
        expect(amountMicros - shown < (amountMicros < 1_000_000n ? 2_500n : 10_000n)).toBe(true);
      }),
    );
  });
});
