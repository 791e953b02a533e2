/**
 * How an amount is written for people (SPEC 1.5). Seller pages and wallet screens share it, so that
 * the reader sees one spelling of one price. Never a decimal before ¢: `0.25¢` is read as 25¢.
 */
import { MICROS_PER_UNIT, type Micros, type Price } from './money.ts';

const CENT = 10_000n;
const QUARTERS: Record<string, string> = { '2500': '¼', '5000': '½', '7500': '¾' };

function inCents(amount: Micros): string | undefined {
  const rest = amount % CENT;
  const quarter = rest === 0n ? '' : QUARTERS[rest.toString()];
  if (quarter === undefined) return undefined;
  const whole = amount / CENT;
  return `${whole === 0n && quarter ? '' : whole}${quarter}¢`;
}

function inUnits(amount: Micros, currency: string, locale: string): string {
  const fraction = (amount % MICROS_PER_UNIT).toString().padStart(6, '0');
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    maximumFractionDigits: 6,
    trailingZeroDisplay: 'stripIfInteger',
  }).format(`${amount / MICROS_PER_UNIT}.${fraction}` as `${number}`);
}

/**
 * Writes the exact amount: `¼¢`, `2¢`, `$1`, `$1.50`, `€0.02`; what cents and quarters cannot say
 * is written in units, `$0.0031`.
 */
export function formatAmount({ amountMicros, currency }: Price, locale = 'en-US'): string {
  if (currency === 'USD' && amountMicros < MICROS_PER_UNIT) {
    const cents = inCents(amountMicros);
    if (cents !== undefined) return cents;
  }
  return inUnits(amountMicros, currency, locale);
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
