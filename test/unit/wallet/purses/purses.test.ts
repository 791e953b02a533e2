import { describe, expect, it } from 'vitest';
import type { Micros } from '../../../../src/protocol/money.ts';
import { asideMicros, purseAmount } from '../../../../src/wallet/purses/purses.ts';
import type { Purse } from '../../../../src/wallet/rows.ts';

const amount = (price: bigint, available: bigint) =>
  purseAmount(price as Micros, available as Micros);

describe('how much is set aside for a price (SPEC 5.10)', () => {
  it.each([
    [20_000n, 250_000n, 50_000n, 'three times is over a quarter of the balance: once will do'],
    [20_000n, 5_000_000n, 100_000n, 'the smallest step that covers it three times'],
    [10_000n, 200_000n, 50_000n, 'exactly a quarter of the balance is allowed'],
    [2_500n, 250_000n, 50_000n, 'the smallest step of all'],
    [600_000n, 20_000_000n, 2_000_000n, 'steps go on above one unit'],
    [750_000n, 1_000_000n, 1_000_000n, 'the price itself may need more than a quarter'],
    [20_000n, 30_000n, 30_000n, 'no step fits: what there is'],
    [20_000n, 20_000n, 20_000n, 'exactly the price'],
  ])('price %s, balance %s → %s (%s)', (price, available, expected) => {
    expect(amount(price, available)).toBe(expected);
  });

  it('is nothing when the balance does not cover the price', () => {
    expect(amount(20_001n, 20_000n)).toBeUndefined();
  });
});

const purse = (over: Partial<Purse>): Purse => ({
  id: 'p',
  payto: 'a@pay.example',
  currency: 'USD',
  key: { privateKey: {} as CryptoKey, jwk: { crv: 'P-256', kty: 'EC', x: '', y: '' } },
  state: 'open',
  askedMicros: 50_000n as Micros,
  limitMicros: 50_000n as Micros,
  expiresAtSec: 1000,
  seq: 1,
  totalMicros: 20_000n as Micros,
  riskMicros: 0n as Micros,
  door: { url: 'https://a.example/', request: '' },
  usedAtMs: 0,
  ...over,
});

describe('what is set aside and still the reader’s', () => {
  it('counts open and retired purses, not those that were refused or asked for', () => {
    const purses = [
      purse({}),
      purse({ state: 'retired' }),
      purse({ state: 'refused' }),
      purse({ state: 'requested', limitMicros: 0n as Micros, totalMicros: 0n as Micros }),
    ];
    expect(asideMicros(purses, 0)).toBe(60_000n);
  });

  it('ends four days after expiry, when the provider has given it back', () => {
    const backAtMs = (1000 + 96 * 3600) * 1000;
    expect(asideMicros([purse({})], backAtMs - 1)).toBe(30_000n);
    expect(asideMicros([purse({})], backAtMs)).toBe(0n);
  });
});
