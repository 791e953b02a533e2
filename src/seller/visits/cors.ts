/**
 * Which answers pages of other origins may read (SPEC 4.11): a wallet that is let in nowhere is one
 * of them. Browsers send no cookie where `*` is to be read, so that no pass opens anything there.
 */

const READABLE = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Payment-Receipt, Preference-Applied, WWW-Authenticate',
};

/** Any page may read it; what the shop says about that itself holds. */
export function setReadable(headers: Headers): void {
  for (const [name, value] of Object.entries(READABLE))
    if (!headers.has(name)) headers.set(name, value);
}
