/** ISO 8601 durations in weeks, days, hours, minutes and seconds; no months or years (SPEC 3.4). */
import { type ErrorCode, FarthingError } from './errors.ts';

/** A century: longer is a slip of the pen. */
const DURATION_SEC_MAX = 100 * 366 * 86_400;
const PATTERN =
  /^P(?:(\d{1,5})W|(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,10})S)?)?)$/;

/**
 * Reads a duration in seconds, e.g. `P1DT12H` → 129600.
 * @param code the code to refuse with, since a duration stands in several fields
 * @throws FarthingError `code`
 */
export function parseDuration(text: string, code: ErrorCode = 'duration_malformed'): number {
  const match = PATTERN.exec(text);
  if (!match || text.length < 3)
    throw new FarthingError(code, `"${text.slice(0, 40)}": write it like P365D or PT10M`);
  const [weeks, days, hours, minutes, seconds] = match
    .slice(1)
    .map((digits) => Number(digits ?? 0));
  const total =
    (weeks ?? 0) * 604_800 +
    (days ?? 0) * 86_400 +
    (hours ?? 0) * 3600 +
    (minutes ?? 0) * 60 +
    (seconds ?? 0);
  if (total > DURATION_SEC_MAX) throw new FarthingError(code, 'longer than a century');
  return total;
}

/** Writes the canonical form (SPEC 3.4): whole days as `P365D`, all else as `PT600S`. */
export function formatDuration(durationSec: number): string {
  return durationSec > 0 && durationSec % 86_400 === 0
    ? `P${durationSec / 86_400}D`
    : `PT${durationSec}S`;
}
