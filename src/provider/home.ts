/** The page at the service's address, for whoever follows *Add it free* from a seller's page. */
import type { Context } from './context.ts';

const STYLE = `
:root { color-scheme: light dark; --ground: #fbfaf7; --ink: #1d1c19; --soft: #5d5a52;
  --accent: #14614b; --warn: #8a4b08; }
@media (prefers-color-scheme: dark) { :root { --ground: #191a1b; --ink: #eeece6; --soft: #aaa79f;
  --accent: #7fd1b3; --warn: #f0b877; } }
body { margin: 0 auto; max-width: 34rem; padding: 12vh 1.5rem 3rem; background: var(--ground);
  color: var(--ink); font: 1.0625rem/1.55 system-ui, 'DejaVu Sans', sans-serif; }
h1 { margin: 0 0 1rem; color: var(--accent); font-size: 1.25rem; }
h1 span { padding: .1rem .5rem; border: 1px dashed; border-radius: 1rem; color: var(--warn);
  font-size: .8125rem; }
.lead { font-size: 1.5rem; font-weight: 600; line-height: 1.3; }
p { margin: 0 0 1rem; }
.soft { color: var(--soft); font-size: .875rem; }
code { font-size: .9em; }
`;

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** `GET /`: what this is, and how to get a wallet here. No script, nothing from elsewhere. */
export function homePage({ name, issuer }: Pick<Context, 'name' | 'issuer'>): Response {
  const { host } = new URL(issuer);
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(name)}</title>
<style>${STYLE}</style>
<main>
<h1>${escapeHtml(name)} <span>play money</span></h1>
<p class="lead">A wallet service for things on the web that cost a few cents.</p>
<p>Farthing is not in the browsers’ stores yet. Add it by hand, as its README says, and start your
wallet on its first page; the wallet service to name there is <code>${host}</code>.</p>
<p>Then go back to the page that you wanted to read.</p>
<p class="soft">This is a sandbox: its money is pretend money, for trying things out.</p>
</main>
`;
  return new Response(html, {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
      'Referrer-Policy': 'no-referrer',
    },
  });
}
