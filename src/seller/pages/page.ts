/**
 * The page that says what something costs, for people without a wallet and for the wallet that
 * reads it: no script, nothing from elsewhere, in the seller's own name.
 */
import { encodeBase64url, sha256, utf8 } from '../../protocol/base64url.ts';
import { formatAmount } from '../../protocol/display.ts';
import { formatPrice } from '../../protocol/money.ts';
import type { SellerContext } from '../context.ts';
import type { Visit } from '../visits/visit.ts';
import { escapeHtml, headFor, type ShownOffer } from './head.ts';
import { filled, type Language, languageFor, wordsIn } from './words.ts';

const STYLE = `
:root{color-scheme:light dark;--ink:#1d1b18;--soft:#5f5a52;--paper:#faf8f4;--card:#fff;
--line:#e4dfd5;--link:#0b5a8a}
@media (prefers-color-scheme:dark){:root{--ink:#f1eee8;--soft:#b3ada2;--paper:#171613;
--card:#211f1b;--line:#3a372f;--link:#8cc8f2}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem 1rem;
background:var(--paper);color:var(--ink);font:1.0625rem/1.55 system-ui,sans-serif}
main{width:100%;max-width:34rem;padding:clamp(1.5rem,5vw,2.75rem);background:var(--card);
border:1px solid var(--line);border-radius:14px}
.seller{margin:0 0 .5rem;color:var(--soft);font-size:.9375rem}
h1{margin:0;font:600 clamp(1.6rem,5vw,2.15rem)/1.2 Georgia,'Times New Roman',serif;
text-wrap:balance;overflow-wrap:anywhere}
.about,.more{margin:.75rem 0 0;color:var(--soft)}
.price{margin:1.1rem 0 0;padding:0 0 1.25rem;border-bottom:1px solid var(--line)}
.price b{white-space:nowrap}
.price b:first-child{font-size:1.35rem;margin-inline-end:.1em}
.how{margin:1.25rem 0 0;font-size:1.125rem}
a{color:var(--link);font-weight:600;text-underline-offset:.18em}
a:focus-visible{outline:3px solid var(--link);outline-offset:3px;border-radius:2px}
.touch{display:none}
@media (pointer:coarse){.desk{display:none}.touch{display:block}}
`;

/** What the page may do: nothing but show itself, and let the wallet read its address again. */
export async function contentSecurityPolicy(): Promise<string> {
  const hash = encodeBase64url(await sha256(utf8(STYLE)));
  const base64 = `${hash.replaceAll('-', '+').replaceAll('_', '/')}=`;
  return (
    `default-src 'none'; style-src 'sha256-${base64}'; connect-src 'self'; ` +
    `base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
  );
}

const DURATION_UNITS = [
  [365 * 86_400, 'year', 'a year'],
  [7 * 86_400, 'week', 'a week'],
  [86_400, 'day', 'a day'],
  [3600, 'hour', 'an hour'],
  [60, 'minute', 'a minute'],
  [1, 'second', 'a second'],
] as const;

function inUnit(count: number, unit: string, language: Language): string {
  const style = { style: 'unit', unit, unitDisplay: 'long' } as const;
  return new Intl.NumberFormat(language, style).format(count);
}

/** `a year`, `30 days`, `24 hours`: the largest unit that says it exactly. */
export function durationWords(durationSec: number, language: Language = 'en'): string {
  if (durationSec === 86_400) return inUnit(24, 'hour', language);
  for (const [unitSec, unit, one] of DURATION_UNITS) {
    const count = durationSec / unitSec;
    if (count === 1 && language === 'en') return one;
    if (Number.isInteger(count) && count > 0) return inUnit(count, unit, language);
  }
  return inUnit(0, 'second', language);
}

/** As its readers write it, in the one time zone that all of them can reckon from. */
function momentWords(atMs: number, language: Language): string {
  const style = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' } as const;
  return `<bdi>${new Intl.DateTimeFormat(language, style).format(atMs)} UTC</bdi>`;
}

/** What is bought: how long it is the reader's, for how long it can be undone, and the most. */
function termsLine(visit: Visit, { endMs }: ShownOffer, language: Language): string {
  const { durationSec, refundSec, capRead } = visit.route;
  const words = wordsIn(language);
  const long = (seconds: number) => durationWords(seconds, language);
  const parts = [
    durationSec === 0 ? words.once : filled(words.keep, long(durationSec)),
    // Having no undo is what a reader has to see; having one is nothing to shout about.
    refundSec === 0 ? `<b>${words.noUndo}</b>` : filled(words.undo, long(refundSec)),
  ];
  if (capRead) {
    const amount = `<bdi>${escapeHtml(formatAmount(capRead, language))}</bdi>`;
    parts.push(filled(words.cap, amount, long(capRead.periodSec)));
  }
  if (endMs !== undefined) parts.push(filled(words.until, momentWords(endMs, language)));
  return parts.join(' · ');
}

function link(label: string, href: string): string {
  return `<a href="${escapeHtml(href)}">${escapeHtml(label)}</a>`;
}

/** What it costs, by a mark that the wallet's icon lights up for; not where that is over. */
function priceLine(visit: Visit, offer: PageOffer, language: Language): string {
  const { or, over } = wordsIn(language);
  if (offer.isOver) return `<p class="price"><b>${over}</b></p>`;
  const amounts = offer.prices.map((price) => formatAmount(price, language)).join(or);
  const prices = offer.prices.map(formatPrice).join(', ');
  return (
    `<p class="price" data-fee-price="${prices}"><b>${escapeHtml(amounts)}</b> ` +
    `· ${termsLine(visit, offer, language)}</p>`
  );
}

/** The way to a wallet carries this address in the fragment, which no server is sent. */
function howLines(
  { accounts, otherWays }: SellerContext,
  { url }: Visit,
  { isOver, language }: { isOver: boolean; language: Language },
): string {
  const words = wordsIn(language);
  const hasWays = otherWays.length > 0;
  const links = otherWays.map(({ label, href }) => link(label, href)).join(' · ');
  const ways = hasWays ? `<p class="more">${words.otherWays} ${links}</p>` : '';
  if (isOver) return ways;
  const wallet = link(words.add, `${accounts[0]?.payto.provider}/#${url.href}`);
  return [
    `<p class="how desk">${words.desk}</p>`,
    `<p class="how touch">${hasWays ? words.touchOrBelow : words.touch}</p>`,
    `<p class="more desk">${words.newHere} ${wallet} – ${words.minute}</p>`,
    ways,
  ].join('\n');
}

/** What the seller wrote: in whatever language it is, which is not said to be ours. */
function theirs(text: string): string {
  return `<bdi lang="">${escapeHtml(text)}</bdi>`;
}

/** What is sold, unless that is over. */
export interface PageOffer extends ShownOffer {
  readonly isOver: boolean;
}

/** The page for one visit: HTML of at most 10 kB, with the fee tags that a wallet reads. */
export function pageFor(seller: SellerContext, visit: Visit, offer: PageOffer): string {
  const { title, description, isOver } = offer;
  const language = languageFor(visit.request.headers.get('Accept-Language'));
  const { direction } = wordsIn(language);
  const name = seller.name ?? visit.url.hostname;
  const about = description === undefined ? '' : `<p class="about">${theirs(description)}</p>\n`;
  return `<!doctype html>
<html lang="${language}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · ${escapeHtml(name)}</title>
${headFor(seller, visit, offer)}
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="seller">${theirs(name)}</p>
<h1>${theirs(title)}</h1>
${about}${priceLine(visit, offer, language)}
${howLines(seller, visit, { isOver, language })}
</main>
</body>
</html>
`;
}
