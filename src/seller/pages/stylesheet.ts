/** The style of prices, which pages show to everybody. */

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
