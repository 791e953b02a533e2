/**
 * How an amount is written for people (SPEC 1.5). Seller pages and wallet screens share it, so that
 * the reader sees one spelling of one price. Never a decimal before ¢: `0.25¢` is read as 25¢.
 */
import { remembering } from './memo.ts';
import { MICROS_PER_UNIT, type Micros, type Price } from './money.ts';

const CENT = 10_000n;
const QUARTERS: Record<string, string> = { '2500': '¼', '5000': '½', '7500': '¾' };
/** What people call a hundredth of a unit, where they count in it. */
const CENT_SIGNS: Record<string, string> = { USD: '¢', EUR: 'ct', GBP: 'p' };
const NO_BREAK_SPACE = '\u00a0';

/** A format takes longer to make than to write hundreds of amounts with. */
const wholeFormat = remembering((locale) => new Intl.NumberFormat(locale));
const unitsFormat = remembering((of) => {
  const [locale, currency = '', currencyDisplay = 'symbol'] = of.split(' ');
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    ...{ currency, currencyDisplay: currencyDisplay as 'symbol' | 'name' },
    maximumFractionDigits: 6,
    trailingZeroDisplay: 'stripIfInteger',
  });
});

/** English writes its own signs close to the figure: `2¢`, but `2 ct`. */
function gapBefore(sign: string, locale: string): string {
  return /^en\b/i.test(locale) && sign.length === 1 ? '' : NO_BREAK_SPACE;
}

/** An amount below a unit, as people count it. */
export interface Cents {
  readonly whole: bigint;
  /** Millionths of a unit beyond them: quarters of a cent. */
  readonly rest: 0 | 2500 | 5000 | 7500;
  readonly sign: string;
}

/** Undefined where cents and quarters cannot say it. */
export function centsOf({ amountMicros, currency }: Price): Cents | undefined {
  const sign = CENT_SIGNS[currency];
  const rest = amountMicros % CENT;
  if (sign === undefined || amountMicros >= MICROS_PER_UNIT || rest % (CENT / 4n) !== 0n)
    return undefined;
  return { whole: amountMicros / CENT, rest: Number(rest) as Cents['rest'], sign };
}

function inCents({ whole, rest, sign }: Cents, locale: string): string {
  const quarter = QUARTERS[rest] ?? '';
  const figure = whole === 0n && quarter ? '' : wholeFormat(locale).format(whole);
  return `${figure}${quarter}${gapBefore(sign, locale)}${sign}`;
}

function inUnits({ amountMicros, currency }: Price, locale: string, as: 'symbol' | 'name'): string {
  const fraction = (amountMicros % MICROS_PER_UNIT).toString().padStart(6, '0');
  const units = `${amountMicros / MICROS_PER_UNIT}.${fraction}` as `${number}`;
  return unitsFormat(`${locale} ${currency} ${as}`).format(units);
}

/**
 * Writes the exact amount as the reader's language has it: `¼¢`, `2¢`, `2 ct`, `$1`, `1,50 €`; what
 * cents and quarters cannot say is written in units, `$0.0031`.
 * @param locale BCP 47
 */
export function formatAmount(price: Price, locale = 'en-US'): string {
  const cents = centsOf(price);
  return cents ? inCents(cents, locale) : inUnits(price, locale, 'symbol');
}

/** Writes the exact amount in units, with the currency's name: `4.31 US dollars`. */
export function nameUnits(price: Price, locale = 'en-US'): string {
  return inUnits(price, locale, 'name');
}

/** What is shown of what somebody has, see `formatBalance`. */
export function shownBalance({ amountMicros, currency }: Price): Price {
  const step = amountMicros < MICROS_PER_UNIT ? CENT / 4n : CENT;
  return { amountMicros: (amountMicros - (amountMicros % step)) as Micros, currency };
}

/**
 * Writes what somebody has, rounded **down** to what can be said shortly (cents and quarters, above
 * a unit whole cents), so that no screen promises a cent that is not there. The remainder stays
 * theirs.
 */
export function formatBalance(price: Price, locale = 'en-US'): string {
  return formatAmount(shownBalance(price), locale);
}
