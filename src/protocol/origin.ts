/** Exact origins, by which items and sellers' records are scoped (SPEC 2.3). */
import { type Reader, refuse } from './shape.ts';

/**
 * An exact origin: scheme, host, port and nothing behind them; a `*`, which URLs allow, is none.
 * @throws FarthingError `payload_malformed`
 */
export const originMember: Reader<string> = (value) => {
  const url = typeof value === 'string' && value.length <= 300 ? URL.parse(value) : null;
  return url && /^https?:$/.test(url.protocol) && url.origin === value && !value.includes('*')
    ? value
    : refuse('an origin is written like https://news.example, with no path and no slash behind it');
};
