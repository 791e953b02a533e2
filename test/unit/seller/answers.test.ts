/** What a paid route says to browsers, programs and caches (SPEC 4.1, 4.7 to 4.9, 7.2). */
import { Window } from 'happy-dom';
import { type Handler, Hono } from 'hono';
import { expect, it } from 'vitest';
import { pageFields } from '../../../src/detect/page.ts';
import { encodeBase64url, sha256, utf8 } from '../../../src/protocol/base64url.ts';
import { readOffer, termsOf } from '../../../src/protocol/offer.ts';
import { decodeTerms } from '../../../src/protocol/request.ts';
import { encodeTerms } from '../../../src/protocol/terms.ts';
import {
  challengeIn,
  pageChallenge,
  payChallenge,
  START_MS,
  termsFor,
} from '../../support/payer.ts';
import {
  chargeFor42,
  codeOf,
  cookieOf,
  openShop,
  receiptOf,
  rowOf,
  TERMS_42,
  URL_42,
} from './shop.ts';

const BROWSER = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

it.each([
  ['*/*', 'application/problem+json'],
  ['application/json', 'application/problem+json'],
  ['text/html;q=0, */*', 'application/problem+json'],
  ['text/html', 'text/html; charset=utf-8'],
  [BROWSER.Accept, 'text/html; charset=utf-8'],
])('Accept: %s is offered %s', async (accept, type) => {
  const shop = await openShop();
  const answer = await shop.visit({ Accept: accept });
  expect(answer.status).toBe(402);
  expect(answer.headers.get('Content-Type')).toBe(type);
  expect(answer.headers.get('Cache-Control')).toBe('no-store');
  expect(answer.headers.get('Vary')).toBe('Authorization, Cookie, Accept, Accept-Language');
  expect(challengeIn(answer)).toMatchObject({
    realm: 'news.example',
    description: 'How tides work',
    request: encodeTerms(TERMS_42),
    expires: new Date(START_MS + 600_000).toISOString(),
  });
});

it('a refused payment is answered with problem details, whoever sends it', async () => {
  const shop = await openShop();
  const answer = await shop.visit({ ...BROWSER, Authorization: 'Payment AAAA' });
  expect(await codeOf(answer)).toBe('credential_malformed');
});

it('a route for other credentials is none of ours: Basic is offered the price', async () => {
  const shop = await openShop();
  expect(await codeOf(await shop.visit({ Authorization: 'Basic QTpC' }))).toBe('payment_required');
});

it('Payment-Authorization pays where Authorization is taken', async () => {
  const shop = await openShop();
  const { header } = await chargeFor42(await shop.purse());
  const headers = { Authorization: 'Bearer x', 'Payment-Authorization': header };
  expect((await shop.visit(headers)).status).toBe(200);
});

async function pageAt(answer: Response) {
  const html = await answer.text();
  const window = new Window({ url: URL_42 });
  window.document.write(html);
  return { html, document: window.document as unknown as Document };
}

it('the page is for sale to a wallet on exactly the terms of its challenge', async () => {
  const shop = await openShop({ duration: 'P30D', description: 'Moon & water' });
  const answer = await shop.visit(BROWSER);
  const { document } = await pageAt(answer.clone());
  const offer = readOffer(pageFields(document), URL_42, document.title);
  const [price] = offer.prices;
  if (!price) throw new Error('no price');
  const request = encodeTerms(termsOf(offer, TERMS_42.payto, price));
  expect(request).toBe(challengeIn(answer).request);
  expect(offer).toMatchObject({ title: 'How tides work', description: 'Moon & water' });
  const shown = document.querySelector('[data-fee-price]');
  expect(shown?.tagName).toBe('P');
  expect(shown?.textContent).toBe('2¢ · reopen it for 30 days · undo within 10 minutes');
});

it('the page is small, has no script and allows none', async () => {
  const otherWays = [{ label: 'Subscribe', href: '/subscribe' }];
  const shop = await openShop({ title: 'W'.repeat(400) }, { name: 'The Daily Courier', otherWays });
  const answer = await shop.visit(BROWSER);
  const policy = answer.headers.get('Content-Security-Policy') ?? '';
  const { html, document } = await pageAt(answer);
  expect(utf8(html).length).toBeLessThan(10_000);
  expect(html).not.toMatch(/<script(?! type="application\/ld\+json")|<img|<link|url\(| on[a-z]+=/);
  expect(document.querySelector('.seller')?.textContent).toBe('The Daily Courier');
  expect(document.querySelector('a[href="/subscribe"]')?.textContent).toBe('Subscribe');
  const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(html) ?? [];
  const hash = Buffer.from(encodeBase64url(await sha256(utf8(style))), 'base64url');
  expect(policy).toContain(`style-src 'sha256-${hash.toString('base64')}'`);
  expect(policy).toContain(`default-src 'none'`);
  expect(policy).toContain(`connect-src 'self'`);
  expect(answer.headers.get('Referrer-Policy')).toBe('no-referrer');
});

it('what a seller calls things stays text', async () => {
  const evil = '"><script>alert(1)</script>&';
  const shop = await openShop({ title: evil, description: evil }, { name: evil });
  const { html, document } = await pageAt(await shop.visit(BROWSER, `${URL_42}?x="><script>`));
  expect(html).not.toContain('<script>');
  expect(document.querySelector('h1')?.textContent).toBe(evil);
});

it('a preview is shown to browsers with 200 and the same challenge; programs get 402', async () => {
  const preview = () =>
    new Response('<p>lead-in', {
      headers: {
        'Content-Type': 'text/html',
        'Cache-Control': 'public, max-age=60',
        Vary: 'accept',
      },
    });
  const shop = await openShop({ preview });
  const shown = await shop.visit(BROWSER);
  expect(shown.status).toBe(200);
  expect(await shown.text()).toBe('<p>lead-in');
  expect(challengeIn(shown).request).toBe(encodeTerms(TERMS_42));
  expect(shown.headers.get('Cache-Control')).toBe('private, max-age=60');
  expect(shown.headers.get('Vary')).toBe('accept, Authorization, Cookie');
  expect((await shop.visit()).status).toBe(402);
  expect((await shop.visit(BROWSER, URL_42, 'POST')).status).toBe(402);
});

it('HEAD says the same without a body', async () => {
  const shop = await openShop();
  const offer = await shop.visit(BROWSER, URL_42, 'HEAD');
  expect(offer.status).toBe(402);
  expect(await offer.text()).toBe('');
});

it('return=minimal brings receipt, pass and the shop’s cookies, and no body', async () => {
  const shop = await openShop();
  shop.answerWith(
    () => new Response('the article', { headers: { 'Set-Cookie': 'visits=3', ETag: '"1"' } }),
  );
  const { header } = await chargeFor42(await shop.purse());
  const answer = await shop.visit({ Authorization: header, Prefer: 'return=minimal' });
  expect(answer.status).toBe(204);
  expect(answer.headers.get('Preference-Applied')).toBe('return=minimal');
  expect(answer.headers.has('ETag')).toBe(false);
  expect(answer.headers.getSetCookie()).toHaveLength(2);
  expect(receiptOf(answer).claims.seq).toBe(1);
  expect(cookieOf(answer)).toMatch(/^visits=3; __Secure-fee-.{16}=/);
});

it('return=minimal runs the handler first: a page that fails costs nothing', async () => {
  const shop = await openShop();
  shop.answerWith(() => new Response(null, { status: 500 }));
  const { header } = await chargeFor42(await shop.purse());
  const answer = await shop.visit({ Authorization: header, Prefer: 'return=minimal' });
  expect(await codeOf(answer)).toBe('not_delivered');
});

it('return=minimal leaves out no failure whose charge stands', async () => {
  const shop = await openShop();
  const { header } = await chargeFor42(await shop.purse());
  shop.answerWith(async () => {
    // The same charge, by another request, which is quicker.
    shop.answerWith(() => new Response('the article'));
    expect((await shop.pay(header)).status).toBe(200);
    return new Response('try again', { status: 503 });
  });
  const answer = await shop.visit({ Authorization: header, Prefer: 'return=minimal' });
  expect([answer.status, await answer.text()]).toEqual([503, 'try again']);
  expect(receiptOf(answer).claims.seq).toBe(1);
});

it('the pass is for one item, on its path, until its end', async () => {
  const shop = await openShop({ duration: 'PT1H' });
  const paid = await shop.pay(
    (await chargeFor42(await shop.purse(), { durationSec: 3600 })).header,
  );
  const [cookie = ''] = paid.headers.getSetCookie();
  expect(cookie).toMatch(
    /^__Secure-fee-.{16}=\S+; Path=\/articles\/42; Max-Age=3600; HttpOnly; Secure; SameSite=Lax$/,
  );
  const Cookie = cookieOf(paid);
  expect((await shop.visit({ Cookie })).status).toBe(200);
  expect((await shop.visit({ Cookie }, `${URL_42}?utm_source=x`)).status).toBe(200);
  expect((await shop.visit({ Cookie }, `${URL_42}?page=2`)).status).toBe(402);
  expect((await shop.visit({ Cookie }, 'http://news.example/articles/42')).status).toBe(402);
  shop.world.nowMs += 3600_000 - 1000;
  expect((await shop.visit({ Cookie })).status).toBe(200);
  shop.world.nowMs += 1000;
  expect((await shop.visit({ Cookie })).status).toBe(402);
});

it('a pass that was touched opens nothing', async () => {
  const shop = await openShop();
  const Cookie = cookieOf(await shop.pay((await chargeFor42(await shop.purse())).header));
  const other = Cookie.replace(/=(.)/, (_, char) => `=${char === 'A' ? 'B' : 'A'}`);
  expect((await shop.visit({ Cookie: other })).status).toBe(402);
  expect((await shop.visit({ Cookie: `${other}; ${Cookie}` })).status).toBe(200);
});

it('a cookie path holds no semicolon', async () => {
  const url = 'https://news.example/a/b;v=1/c';
  const shop = await openShop();
  const terms = termsFor({ payto: TERMS_42.payto, item: '/a/b;v=1/c' });
  const charge = await payChallenge(await shop.purse(), await pageChallenge(url, terms));
  const [cookie] = (await shop.pay(charge.header, url)).headers.getSetCookie();
  expect(cookie).toContain('; Path=/a/;');
});

const CDN_HEADERS = ['CDN-Cache-Control', 'Vercel-CDN-Cache-Control', 'Surrogate-Control'];

it('an answer is private to each kind of cache, also a free one and one by a pass', async () => {
  const headers = {
    ...Object.fromEntries(CDN_HEADERS.map((name) => [name, 'max-age=3600'])),
    'Cache-Control': 'public, s-maxage=9',
    Vary: 'Accept',
  };
  const preview = () => new Response('lead-in', { headers });
  const shop = await openShop({ preview });
  shop.answerWith(() => new Response('x', { headers }));
  const shown = await shop.visit(BROWSER);
  const paid = await shop.pay((await chargeFor42(await shop.purse())).header);
  const passed = await shop.visit({ Cookie: cookieOf(paid) });
  shop.world.price = 'free';
  for (const answer of [shown, paid, passed, await shop.visit()]) {
    expect(CDN_HEADERS.filter((name) => answer.headers.has(name))).toEqual([]);
    expect(answer.headers.get('Cache-Control')).toBe('private');
    expect(answer.headers.get('Vary')).toBe('Accept, Authorization, Cookie');
  }
});

it('an address that is too long to be an item cannot be bought, and opens nothing', async () => {
  const shop = await openShop();
  const answer = await shop.visit({}, `${URL_42}?q=${'x'.repeat(512)}`);
  expect(answer.status).toBe(400);
  expect(shop.world.answers).toBe(0);
});

it('the origin option stands in for what a proxy hides', async () => {
  const shop = await openShop({}, { origin: 'https://news.example' });
  const inside = 'http://10.0.0.7:3000/articles/42';
  expect(challengeIn(await shop.visit({}, inside)).realm).toBe('news.example');
  const paid = await shop.pay((await chargeFor42(await shop.purse())).header, inside);
  expect((await shop.visit({ Cookie: cookieOf(paid) }, inside)).status).toBe(200);
});

it('a path that looks like another host stays a path of the origin', async () => {
  const shop = await openShop({}, { origin: 'https://news.example' });
  const odd = 'http://10.0.0.7:3000//evil.example/articles/42';
  const challenge = challengeIn(await shop.visit({}, odd));
  expect(challenge.realm).toBe('news.example');
  expect(decodeTerms(challenge.request).item).toBe('//evil.example/articles/42');
  expect((await shop.visit({}, 'http://10.0.0.7:3000//')).status).toBe(402);
});

async function honoShop() {
  const shop = await openShop();
  const app = new Hono();
  app.onError((error, c) => c.text(`our own page: ${error.message}`, 200));
  app.use('/articles/*', shop.seller.hono({ price: '0.02 USD' }));
  const site = { isUp: true };
  app.get('/articles/42', (c) => {
    if (!site.isUp) throw new Error('it is being rewritten');
    return c.text('the article', 200, { 'Cache-Control': 'max-age=5' });
  });
  app.get('/articles/broken', () => {
    throw new Error('the database is away');
  });
  app.get('/articles/forgotten', (() => undefined) as unknown as Handler);
  return { ...shop, app, site };
}

it('Hono: offer, payment, pass', async () => {
  const { app, purse, site } = await honoShop();
  expect((await app.request(URL_42)).status).toBe(402);
  const { header } = await chargeFor42(await purse());
  const paid = await app.request(URL_42, { headers: { Authorization: header } });
  expect(await paid.text()).toBe('the article');
  expect(paid.headers.get('Cache-Control')).toBe('private, max-age=5');
  expect(receiptOf(paid).claims.seq).toBe(1);
  const again = () => app.request(URL_42, { headers: { Cookie: cookieOf(paid) } });
  expect(await (await again()).text()).toBe('the article');
  // Nothing is at stake: what the app says of its fault is for whoever has a pass, too.
  site.isUp = false;
  const failed = await again();
  const said = [failed.status, await failed.text()];
  expect(said).toEqual([200, 'our own page: it is being rewritten']);
});

it.each(['broken', 'missing', 'forgotten'])('Hono: a %s page costs nothing', async (page) => {
  const shop = await honoShop();
  const url = `https://news.example/articles/${page}`;
  const terms = termsFor({ payto: TERMS_42.payto, item: `/articles/${page}` });
  const purse = await shop.purse();
  const charge = await payChallenge(purse, await pageChallenge(url, terms));
  const answer = await shop.app.request(url, { headers: { Authorization: charge.header } });
  expect(await codeOf(answer)).toBe('not_delivered');
  expect(await rowOf(shop, purse)).toMatchObject({ seq: 0 });
});

it('the module serves its proof of origin and the style of prices', async () => {
  const { seller } = await openShop();
  const proof = await (await seller.proof()).json();
  expect(proof).toMatchObject({ paytos: [TERMS_42.payto], keys: [{ crv: 'P-256' }] });
  expect(Object.keys(proof.keys[0])).toEqual(['crv', 'kty', 'x', 'y']);
  expect((await (await seller.stylesheet()).text()).length).toBeLessThan(400);
});
