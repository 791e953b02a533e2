/**
 * The pages of the service that people come to by themselves: at its address, for whoever follows
 * *Add it free* from a seller's page; for whoever comes back from paying by card; and for whoever
 * has removed the extension. No script, nothing from elsewhere.
 */
import { languageFor } from '../../protocol/language.ts';
import type { Context } from '../context.ts';
import { SANDBOX_CARD } from '../funding/sandboxcard.ts';
import { LANGUAGES, type Language, WORDS } from './words.ts';

const STYLE = `
:root { color-scheme: light dark; --ground: #fbfaf7; --ink: #1d1c19; --soft: #5d5a52;
  --accent: #14614b; --warn: #8a4b08; }
@media (prefers-color-scheme: dark) { :root { --ground: #191a1b; --ink: #eeece6; --soft: #aaa79f;
  --accent: #7fd1b3; --warn: #f0b877; } }
body { margin: 0 auto; max-width: 34rem; padding: 12vh 1.5rem 3rem; background: var(--ground);
  color: var(--ink); font: 1.0625rem/1.55 system-ui, 'DejaVu Sans', sans-serif; }
.name { margin: 0 0 1rem; color: var(--accent); font-size: 1.25rem; font-weight: 600; }
.name span { padding: .1rem .5rem; border: 1px dashed; border-radius: 1rem; color: var(--warn);
  font-size: .8125rem; font-weight: 400; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; font-weight: 600; line-height: 1.3;
  text-wrap: balance; }
h2 { margin: 2rem 0 .5rem; font-size: 1.0625rem; }
p { margin: 0 0 .75rem; }
.soft { color: var(--soft); font-size: .875rem; }
p:not(.soft) + .soft { margin-top: 1.5rem; }
a { color: var(--accent); }
code { font-size: .9em; overflow-wrap: anywhere; }
`;

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** A paragraph; the address in it keeps its order also between words that run the other way. */
function line(text: string, host: string): string {
  const address = `<code dir="ltr">${escapeHtml(host)}</code>`;
  return `<p>${escapeHtml(text).replace('{host}', address)}</p>`;
}

type Named = Pick<Context, 'name' | 'issuer' | 'funding'>;
type Write = (words: (typeof WORDS)[Language], host: string) => string;

/** A page in the language that whoever asks likes best; `write` has its heading and the rest. */
function page({ name, issuer }: Named, request: Request, write: Write): Response {
  const language = languageFor(request.headers.get('Accept-Language'), LANGUAGES);
  const words = WORDS[language];
  const html = `<!doctype html>
<html lang="${language}" dir="${words.direction}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(name)}</title>
<style>${STYLE}</style>
<main>
<p class="name"><bdi>${escapeHtml(name)}</bdi> <span>${words.playMoney}</span></p>
${write(words, new URL(issuer).host)}
</main>
`;
  return new Response(html, {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Language': language,
      Vary: 'Accept-Language',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
      'Referrer-Policy': 'no-referrer',
    },
  });
}

/** `GET /`: what this is, and how to get a wallet here. */
export function homePage(service: Named, request: Request): Response {
  return page(
    service,
    request,
    ({ lead, byHand, goBack, sandbox }, host) => `<h1>${lead}</h1>
${line(byHand, host)}
${line(goBack, host)}
<p class="soft">${sandbox}</p>`,
  );
}

/** `GET /goodbye`: what becomes of the money, and how to come back. */
export function goodbyePage(service: Named, request: Request): Response {
  return page(service, request, (words, host) => {
    const { goodbye, removed, money, aside, rest, comeBack, addAgain, howToAdd } = words;
    const isPretend = service.funding.method === SANDBOX_CARD;
    return `<h1>${goodbye}</h1>
${line(removed, host)}
<h2>${money}</h2>
${line(`${aside} ${rest}`, host)}
<h2>${comeBack}</h2>
${line(addAgain, host)}
<p><a href="/">${howToAdd}</a></p>
${line(words.without, host)}
${line(words.bought, host)}
<p class="soft">${words.sandbox} ${isPretend ? words.noCard : ''}</p>`;
  });
}

/** Where a page that a card was asked for on leads back to: the wallet itself knows the rest. */
export function toppedUpPage(service: Named, request: Request): Response {
  return page(
    service,
    request,
    ({ backFromCard, walletKnows, closeThis, sandbox }, host) => `<h1>${backFromCard}</h1>
${line(walletKnows, host)}
${line(closeThis, host)}
<p class="soft">${sandbox}</p>`,
  );
}
