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
  const [locale, currency = ''] = of.split(' ');
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    maximumFractionDigits: 6,
    trailingZeroDisplay: 'stripIfInteger',
  });
});

/** English writes its own signs close to the figure: `2¢`, but `2 ct`. */
function gapBefore(sign: string, locale: string): string {
  return /^en\b/i.test(locale) && sign.length === 1 ? '' : NO_BREAK_SPACE;
}

function inCents(amount: Micros, currency: string, locale: string): string | undefined {
  const sign = CENT_SIGNS[currency];
  const rest = amount % CENT;
  const quarter = rest === 0n ? '' : QUARTERS[rest.toString()];
  if (sign === undefined || quarter === undefined) return undefined;
  const whole = amount / CENT;
  const figure = whole === 0n && quarter ? '' : wholeFormat(locale).format(whole);
  return `${figure}${quarter}${gapBefore(sign, locale)}${sign}`;
}

function inUnits(amount: Micros, currency: string, locale: string): string {
  const fraction = (amount % MICROS_PER_UNIT).toString().padStart(6, '0');
  const units = `${amount / MICROS_PER_UNIT}.${fraction}` as `${number}`;
  return unitsFormat(`${locale} ${currency}`).format(units);
}

/**
 * Writes the exact amount as the reader's language has it: `¼¢`, `2¢`, `2 ct`, `$1`, `1,50 €`; what
 * cents and quarters cannot say is written in units, `$0.0031`.
 * @param locale BCP 47
 */
export function formatAmount({ amountMicros, currency }: Price, locale = 'en-US'): string {
  const cents =
    amountMicros < MICROS_PER_UNIT ? inCents(amountMicros, currency, locale) : undefined;
  return cents ?? inUnits(amountMicros, currency, locale);
}

/**
 * Writes what somebody has, rounded **down** to what can be said shortly (cents and quarters, above
 * a unit whole cents), so that no screen promises a cent that is not there. The remainder stays
 * theirs.
 */
export function formatBalance({ amountMicros, currency }: Price, locale = 'en-US'): string {
  const step = amountMicros < MICROS_PER_UNIT ? CENT / 4n : CENT;
  const shown = (amountMicros - (amountMicros % step)) as Micros;
  return formatAmount({ amountMicros: shown, currency }, locale);
}
