/** The newspaper's pages. A paid article is printed by the same template as a free one. */
import { html, raw } from 'hono/html';
import { priceLabel } from '../seller/index.ts';
import { type Article, type SoldArticle, WEEKEND } from './articles.ts';

type Html = ReturnType<typeof html>;

/** What every page knows of its newspaper. */
export interface Paper {
  readonly name: string;
  readonly payto: string;
}

interface Page {
  readonly title: string;
  /** Further tags for the head. */
  readonly head?: Html | string;
  readonly main: Html;
}

function pageOf(paper: Paper, { title, head = '', main }: Page): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/fee.css">
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="data:,">
${head}
</head>
<body>
<header class="masthead">
<a href="/">${paper.name}</a>
<p>Small things, explained. Some of them cost a little.</p>
</header>
<main>${main}</main>
</body>
</html>`;
}

/** A fee link: an ordinary link with a price on it. */
function feeLink({ path, title }: Article, price: string): Html {
  return html`<a href="${path}" data-fee-title="${title}"
data-fee-price="${price}" data-fee-label="${priceLabel(price)}">${title}</a>`;
}

function headline(article: Article): Html {
  const { path, title, price } = article;
  return price !== undefined && article !== WEEKEND
    ? feeLink(article, price)
    : html`<a href="${path}">${title}</a>`;
}

/** The front page: its tags say who is paid, for all its fee links. */
export function frontPage(paper: Paper, articles: readonly Article[]): Html {
  const head = html`<meta name="fee:payto" content="${paper.payto}">
<meta name="fee:seller" content="${paper.name}">`;
  const stories = articles.map(
    (article) => html`<article>
<p class="section">${article.section}</p>
<h2>${headline(article)}</h2>
<p>${article.standfirst}</p>
</article>`,
  );
  return pageOf(paper, {
    title: paper.name,
    head,
    main: html`<div class="front">${stories}</div>`,
  });
}

function storyHead({ section, title, standfirst }: Article): Html {
  return html`<p class="section">${section}</p>
<h1>${title}</h1>
<p class="standfirst">${standfirst}</p>`;
}

/** An article, all of it. */
export function articlePage(paper: Paper, article: Article): Html {
  const body = article.paragraphs.map((text) => html`<p>${text}</p>`);
  return pageOf(paper, {
    title: `${article.title} · ${paper.name}`,
    main: html`<article class="story">
${storyHead(article)}
<div class="body">${body}</div>
<p class="end"><a href="/">Back to the front page</a></p>
</article>`,
  });
}

/** The beginning of an article that is sold; `head` says so to a wallet. */
export function previewPage(paper: Paper, article: SoldArticle, head: string): Html {
  const { title, price, paragraphs } = article;
  return pageOf(paper, {
    title: `${title} · ${paper.name}`,
    head: raw(head),
    main: html`<article class="story">
${storyHead(article)}
<div class="body fade"><p>${paragraphs[0] ?? ''}</p></div>
<div class="sold">
<p data-fee-price="${price}">
<b>${priceLabel(price)}</b> · reopen it for a year · undo within 10 minutes
</p>
<p class="how desk">To read on, press the Farthing button in your browser’s toolbar.</p>
<p class="how touch">Farthing does not run on phones yet. Open this page on a computer.</p>
</div>
<p class="end"><a href="/">Back to the front page</a></p>
</article>`,
  });
}

/** There is nothing at this address. */
export function missingPage(paper: Paper): Html {
  return pageOf(paper, {
    title: `Not found · ${paper.name}`,
    main: html`<article class="story"><h1>Nothing is printed here</h1>
<p class="end"><a href="/">Back to the front page</a></p></article>`,
  });
}
