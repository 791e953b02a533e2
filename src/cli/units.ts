/** Amounts in tables. */
import { MICROS_PER_UNIT } from '../protocol/money.ts';

/** Exact, and aligned at the point: `1.250000`. */
export function units(micros: bigint): string {
  if (micros < 0n) return `-${units(-micros)}`;
  return `${micros / MICROS_PER_UNIT}.${(micros % MICROS_PER_UNIT).toString().padStart(6, '0')}`;
}
