/** What a seller's site serves beside its pages: its proof of origin, and the style of prices. */
import { canonicalJson } from '../protocol/json.ts';
import type { SellerContext } from './context.ts';

/** `/.well-known/farthing.json` (SPEC 2.3): who is paid here, and by which keys it signs. */
export async function originProof(seller: SellerContext): Promise<Response> {
  const keys = await seller.keys();
  const proof = {
    account: keys[0].account.kid,
    keys: keys.map(({ receipt }) => ({ ...receipt.jwk })),
    paytos: seller.accounts.map(({ payto }) => payto.text),
  };
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' };
  return new Response(canonicalJson(proof), { headers });
}

/** Draws the price behind each fee link, for everybody, with or without a wallet. */
const STYLESHEET = `a[data-fee-price]::after{content:attr(data-fee-price);margin-inline-start:.4em;
padding:.1em .45em;border:1px solid;border-radius:1em;font-size:.75em;font-weight:600;
white-space:nowrap;opacity:.8}
a[data-fee-label]::after{content:attr(data-fee-label)}
`;

/** The stylesheet, to be served at an address of the shop's choice. */
export function priceStylesheet(): Response {
  const headers = {
    'Content-Type': 'text/css; charset=utf-8',
    'Cache-Control': 'public, max-age=86400',
  };
  return new Response(STYLESHEET, { headers });
}
