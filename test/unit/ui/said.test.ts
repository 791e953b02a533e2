/** How amounts below and above a unit are read out, in each language. */
import { beforeEach, describe, expect, it } from 'vitest';
import { amountSaid, balanceSaid } from '../../../src/extension/amounts.ts';
import { CATALOGUES } from '../../../src/words/locales.ts';
import { speakEnglish, speakIn } from '../../support/speak.ts';

const { en, de, es, ar } = CATALOGUES;

beforeEach(speakEnglish);

/** Without the marks that keep what is put into Arabic apart. */
const plain = (text: string) => text.replace(/[\u2066-\u2069]/g, '').replaceAll('\u00a0', ' ');

describe.each([
  ['en-US', en],
  ['en-GB', en],
] as const)('in %s', (locale, catalogue) => {
  beforeEach(() => speakIn(catalogue, locale));

  it.each([
    [1n, 'USD', '0.000001 US dollars'],
    [2_500n, 'USD', 'a quarter of a cent'],
    [3_100n, 'USD', '0.0031 US dollars'],
    [5_000n, 'USD', 'half a cent'],
    [7_500n, 'EUR', 'three quarters of a cent'],
    [10_000n, 'USD', '1 cent'],
    [20_000n, 'EUR', '2 cents'],
    [25_000n, 'USD', '2 and a half cents'],
    [750_000n, 'USD', '75 cents'],
    [1_000_000n, 'EUR', '1 euro'],
    [4_310_000n, 'EUR', '4.31 euros'],
    [2_500n, 'GBP', 'a quarter of a penny'],
    [10_000n, 'GBP', '1 penny'],
    [22_500n, 'GBP', '2 and a quarter pence'],
    [2_000_000n, 'JPY', '2 Japanese yen'],
    [100_000_000n, 'USD', '100 US dollars'],
  ])('%i micros of %s: %s', (amount, currency, said) => {
    expect(plain(amountSaid(`${amount}`, currency))).toBe(said);
  });
});

describe('in German', () => {
  beforeEach(() => speakIn(de, 'de-DE'));

  it.each([
    [2_500n, 'EUR', 'ein viertel Cent'],
    [20_000n, 'EUR', '2 Cent'],
    [27_500n, 'EUR', '2 dreiviertel Cent'],
    [20_000n, 'GBP', '2 Pence'],
    [3_100n, 'EUR', '0,0031 Euro'],
    [4_310_000n, 'USD', '4,31 US-Dollar'],
    [2_000_000n, 'JPY', '2 Japanische Yen'],
    [100_000_000n, 'EUR', '100 Euro'],
  ])('%i micros of %s: %s', (amount, currency, said) => {
    expect(plain(amountSaid(`${amount}`, currency))).toBe(said);
  });
});

describe('in Spanish', () => {
  beforeEach(() => speakIn(es, 'es-ES'));

  it.each([
    [5_000n, 'EUR', 'medio centavo'],
    [10_000n, 'USD', '1 centavo'],
    [25_000n, 'USD', '2 centavos y medio'],
    [750_000n, 'EUR', '75 centavos'],
    [20_000n, 'GBP', '2 peniques'],
    [4_310_000n, 'EUR', '4,31 euros'],
    [2_000_000n, 'JPY', '2 yenes japoneses'],
    [100_000_000n, 'USD', '100 dólares estadounidenses'],
  ])('%i micros of %s: %s', (amount, currency, said) => {
    expect(plain(amountSaid(`${amount}`, currency))).toBe(said);
  });
});

describe('in Arabic', () => {
  beforeEach(() => speakIn(ar, 'ar'));

  it.each([
    [2_500n, 'USD', 'ربع سنت'],
    [10_000n, 'USD', 'سنت واحد'],
    [20_000n, 'USD', 'سنتان'],
    [50_000n, 'USD', '5 سنتات'],
    [750_000n, 'USD', '75 سنتًا'],
    [25_000n, 'EUR', '2 سنت ونصف'],
    [4_310_000n, 'USD', '4.31 دولار أمريكي'],
  ])('%i micros of %s: %s', (amount, currency, said) => {
    expect(plain(amountSaid(`${amount}`, currency))).toBe(said);
  });
});

it('what somebody has is read out as it is shown, rounded down', () => {
  expect(balanceSaid('4319999', 'USD')).toBe('4.31 US dollars');
  expect(balanceSaid('29999', 'USD')).toBe('2 and three quarters cents');
});
