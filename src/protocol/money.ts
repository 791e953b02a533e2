/**
 * Money is micros: millionths of a currency unit, as a branded bigint (SPEC 1). This is the one
 * file that turns texts into amounts and back. Nothing here rounds.
 */
import { FarthingError } from './errors.ts';
import { type Reader, refuse } from './shape.ts';

/** Millionths of a currency unit, from 0 to `MICROS_MAX`. */
export type Micros = bigint & { readonly unit: 'micros' };

/** SPEC 1.2: no amount is above a thousand million units. */
export const MICROS_MAX = (10n ** 15n) as Micros;
/** Nothing. */
export const MICROS_ZERO = 0n as Micros;
/** SPEC 1.1: an amount counts millionths. */
export const MICROS_PER_UNIT = 1_000_000n;
/** The least that a card or a bank moves. */
export const MICROS_PER_CENT = MICROS_PER_UNIT / 100n;

/**
 * Active currency codes of ISO 4217 that people are paid in (funds codes, metals and testing codes
 * left out), by their first letter: the seller's module carries them.
 */
const CURRENCIES = new Set(
  (
    'A ed fn ll md oa rs ud wg zn, B am bd dt hd if md nd ob rl sd tn wp yn zd, C ad df hf lp ' +
    'ny op rc up ve zk, D jf kk op zd, E gp rn tb ur, F jd kp, G bp el hs ip md nf tq yd, H kd ' +
    'nl tg uf, I dr ls nr qd rr sk, J md od py, K es gs hr mf pw rw wd yd zt, L ak bp kr rd sl ' +
    'yd, M ad dl ga kd mk nt op ru ur vr wk xn yr zn, N ad gn io ok pr zd, O mr, P ab en gk hp ' +
    'kr ln yg, Q ar, R on sd ub wf, S ar bd cr dg ek gd hp le os rd sp tn vc yp zl, T hb js mt ' +
    'nd op ry td wd zs, U ah gx sd yu zs, V es nd uv, W st, X af cd cg of pf, Y er, Z ar mw wg'
  )
    .split(', ')
    .flatMap((group) => {
      const [first = '', ...rest] = group.toUpperCase().split(' ');
      return rest.map((letters) => first + letters);
    }),
);

/** Whether `code` is an ISO 4217 code that Farthing knows, in capitals. */
export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}

/** @throws RangeError when `value` is outside 0 … `MICROS_MAX` */
export function micros(value: bigint): Micros {
  if (value < 0n || value > MICROS_MAX) throw new RangeError(`${value} micros is out of range`);
  return value as Micros;
}

/** As much of an amount as is whole cents. */
export function wholeCents(value: bigint): Micros {
  return (value - (value % MICROS_PER_CENT)) as Micros;
}

/** a + b. @throws RangeError above `MICROS_MAX` */
export function addMicros(a: Micros, b: Micros): Micros {
  return micros(a + b);
}

/** a − b. @throws RangeError below zero */
export function subtractMicros(a: Micros, b: Micros): Micros {
  return micros(a - b);
}

/**
 * Reads the canonical decimal of the wire, `^(0|[1-9][0-9]{0,15})$`, at most `MICROS_MAX` (SPEC
 * 1.2).
 * @throws FarthingError `payload_malformed`
 */
export const microsMember: Reader<Micros> = (value) => {
  if (typeof value !== 'string' || !/^(0|[1-9][0-9]{0,15})$/.test(value))
    return refuse('not an amount in micros');
  const amount = BigInt(value);
  return amount <= MICROS_MAX ? (amount as Micros) : refuse('the amount is too large');
};

/** An ISO 4217 code as a member of a signed thing. */
export const currencyMember: Reader<string> = (value) =>
  typeof value === 'string' && isCurrency(value) ? value : refuse('not a currency code');

/** A price: more than nothing, in one currency. */
export interface Price {
  readonly amountMicros: Micros;
  /** ISO 4217, capitals. */
  readonly currency: string;
}

function amountOf(units: string, fraction = ''): bigint {
  return BigInt(units) * MICROS_PER_UNIT + BigInt(fraction.padEnd(6, '0'));
}

/**
 * Reads units of whatever currency as people write them: `0.5` → 500000 micros. Undefined where it
 * is no amount, or too large.
 */
export function readUnits(text: string): Micros | undefined {
  const [, units, fraction] = /^(0|[1-9][0-9]{0,9})(?:\.([0-9]{1,6}))?$/.exec(text.trim()) ?? [];
  if (units === undefined) return undefined;
  const amount = amountOf(units, fraction);
  return amount <= MICROS_MAX ? (amount as Micros) : undefined;
}

/** Spaces and tabs around it are none of its business; no other white space is one (SPEC 1.3). */
const PRICE = /^[ \t]*(0|[1-9][0-9]{0,9})(?:\.([0-9]{1,6}))?[ \t]+([A-Za-z]{3})[ \t]*$/;

/**
 * Reads `AMOUNT CUR` as a seller writes it (SPEC 1.3), e.g. `0.02 USD` → 20000 micros.
 * @throws FarthingError `price_malformed`, `currency_unknown`
 */
export function parsePrice(text: string): Price {
  const match = PRICE.exec(text);
  const [, units, fraction, currency] = match ?? [];
  if (units === undefined || currency === undefined)
    throw new FarthingError('price_malformed', `"${text.slice(0, 40)}": write it as 0.02 USD`);
  if (!isCurrency(currency))
    throw new FarthingError('currency_unknown', `"${currency}" is not an ISO 4217 code`);
  const amount = amountOf(units, fraction);
  if (amount === 0n)
    throw new FarthingError(
      'price_malformed',
      'the smallest price is 0.000001; what is free needs none',
    );
  if (amount > MICROS_MAX) throw new FarthingError('price_malformed', 'the price is too large');
  return { amountMicros: amount as Micros, currency };
}

/**
 * Reads one price or a list of them, `0.02 USD, 0.02 EUR` (SPEC 1.3): at most 8, one a currency.
 * @throws FarthingError `price_malformed`, `currency_unknown`
 */
export function parsePriceList(text: string): Price[] {
  const parts = text.split(',');
  if (parts.length > 8) throw new FarthingError('price_malformed', 'more than 8 prices');
  const prices = parts.map(parsePrice);
  if (new Set(prices.map((price) => price.currency)).size !== prices.length)
    throw new FarthingError('price_malformed', 'two prices in one currency');
  return prices;
}

/** Writes a price as a seller would: `{20000, USD}` → `0.02 USD`. The inverse of `parsePrice`. */
export function formatPrice(price: Price): string {
  const units = price.amountMicros / MICROS_PER_UNIT;
  const fraction = (price.amountMicros % MICROS_PER_UNIT).toString().padStart(6, '0');
  const digits = fraction.replace(/0{1,4}$/, '');
  return `${units}.${digits} ${price.currency}`;
}
