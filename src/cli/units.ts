/** Amounts in tables and in JSON. */
import { MICROS_PER_UNIT } from '../protocol/money.ts';

/** JSON for people and programs: amounts as decimal texts, as on every wire. */
export function jsonText(value: unknown): string {
  const text = (_: string, it: unknown) => (typeof it === 'bigint' ? it.toString() : it);
  return JSON.stringify(value, text, 2);
}

/** Exact, and aligned at the point: `1.250000`. */
export function units(micros: bigint): string {
  if (micros < 0n) return `-${units(-micros)}`;
  return `${micros / MICROS_PER_UNIT}.${(micros % MICROS_PER_UNIT).toString().padStart(6, '0')}`;
}
