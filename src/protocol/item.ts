/**
 * What is bought: the item of an address, by one function that wallet and seller share (SPEC 3.3).
 */
import { utf8 } from './base64url.ts';
import { FarthingError } from './errors.ts';

/**
 * SPEC 3.3: bytes as they stand in JSON; long enough for addresses of any script, short for a
 * header.
 */
export const ITEM_LENGTH_MAX = 512;

/** Parameters that say where a visitor came from and never what is shown. */
const TRACKING =
  /^(utm_.*|fbclid|gclid|dclid|gbraid|wbraid|msclkid|twclid|yclid|igshid|mc_cid|mc_eid|_ga|_gl)$/i;

/**
 * The default item of `url`: path and query without tracking parameters and empty ones; order and
 * spelling of the rest are kept as they are.
 * @example defaultItem(new URL('https://a.example/x?id=7&utm_source=y#top')) // '/x?id=7'
 */
export function defaultItem(url: URL): string {
  const kept = url.search
    .slice(1)
    .split('&')
    .filter((parameter) => parameter && !TRACKING.test(parameter.split('=')[0] ?? ''));
  return checkItem(url.pathname + (kept.length ? `?${kept.join('&')}` : ''));
}

function jsonBytes(text: string): number {
  return utf8(JSON.stringify(text)).length - 2;
}

/**
 * An item as a seller may name it: 1 to 512 bytes, printable, no space at either end.
 * @throws FarthingError `item_malformed`
 */
export function checkItem(item: string): string {
  if (item.length < 1 || !item.isWellFormed() || jsonBytes(item) > ITEM_LENGTH_MAX)
    throw new FarthingError('item_malformed', `1 to ${ITEM_LENGTH_MAX} bytes`);
  if (/[\p{Cc}]/u.test(item) || item !== item.trim())
    throw new FarthingError('item_malformed', 'no control characters, no space at either end');
  return item;
}
