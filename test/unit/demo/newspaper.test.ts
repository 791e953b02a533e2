/** The example shop, from outside: what is free, what is sold and how, and that buying opens it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Window } from 'happy-dom';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Newspaper, startNewspaper } from '../../../src/demo/newspaper.ts';
import { linkFields, pageFields } from '../../../src/detect/page.ts';
import { readOffer, termsOf } from '../../../src/protocol/offer.ts';
import { makeSecret } from '../../../src/seller/secret.ts';
import {
  challengeIn,
  makeProvider,
  makePurse,
  pageChallenge,
  payChallenge,
  type TestProvider,
} from '../../support/payer.ts';

const folder = mkdtempSync(join(tmpdir(), 'farthing-newspaper-'));
const log: string[] = [];
const BROWSER = { Accept: 'text/html' };
let provider: TestProvider;
let payto: string;
let paper: Newspaper;
let here: string;

const keyServer = createServer((_, response) => {
  provider.fetch(`${provider.iss}/.well-known/jwks.json`).then(async (answer) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(await answer.text());
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => keyServer.listen(0, 'localhost', resolve));
  payto = `daily@localhost:${(keyServer.address() as AddressInfo).port}`;
  provider = await makeProvider(payto);
  const secret = await makeSecret();
  const write = (line: string) => log.push(line);
  paper = await startNewspaper({ port: 0, payto, secret, dataDir: folder, log: write });
  here = `http://127.0.0.1:${new URL(paper.origin).port}`;
});
afterAll(async () => {
  await paper.close();
  keyServer.close();
  rmSync(folder, { recursive: true, force: true });
});

async function documentAt(path: string): Promise<Document> {
  const window = new Window({ url: here + path });
  window.document.write(await (await fetch(here + path, { headers: BROWSER })).text());
  return window.document as unknown as Document;
}

/** What a wallet would pay for, by the markup. */
function requestOf(fields: Parameters<typeof readOffer>[0], url: string) {
  const offer = readOffer(fields, url, '');
  const [price] = offer.prices;
  if (!price) throw new Error('no price');
  return termsOf(offer, payto, price);
}

it('the front page has free articles, priced fee links and an ordinary link', async () => {
  const document = await documentAt('/');
  const links = [...document.querySelectorAll<HTMLAnchorElement>('main a')];
  const free = links.filter((link) => !link.dataset.feePrice && link.pathname !== '/weekend/paper');
  expect(free).toHaveLength(3);
  for (const link of free) expect((await fetch(here + link.pathname)).status).toBe(200);
  const labels = links.flatMap(({ dataset }) => dataset.feeLabel ?? []);
  expect(labels).toEqual(['2¢', '1¢', '¼¢']);
});

it('each fee link is offered on exactly the terms of its page’s challenge', async () => {
  const document = await documentAt('/');
  const links = [...document.querySelectorAll<HTMLAnchorElement>('a[data-fee-price]')];
  expect(links).toHaveLength(3);
  for (const link of links) {
    const answer = await fetch(link.href);
    expect(answer.status).toBe(402);
    const terms = requestOf(linkFields(link), link.href);
    const challenge = await pageChallenge(link.href, terms);
    expect(challengeIn(answer).request).toBe(challenge.request);
  }
});

it('the weekend page is sold by its own tags: a preview, or 402 for programs', async () => {
  const url = `${here}/weekend/paper`;
  expect((await fetch(url)).status).toBe(402);
  const shown = await fetch(url, { headers: BROWSER });
  expect(shown.status).toBe(200);
  const document = await documentAt('/weekend/paper');
  const challenge = await pageChallenge(url, requestOf(pageFields(document), url));
  expect(challengeIn(shown).request).toBe(challenge.request);
  expect(document.querySelector('[data-fee-price]')?.tagName).toBe('P');
  expect(document.querySelectorAll('.body p')).toHaveLength(1);
});

it.each(['/articles/tides', '/weekend/paper'])(
  'a charge opens %s, and the log tells',
  async (path) => {
    const challenge = challengeIn(await fetch(here + path));
    const claims = {
      exp: Math.floor(Date.now() / 1000) + 3600,
      iat: Math.floor(Date.now() / 1000),
    };
    const purse = await makePurse(provider, payto, claims);
    const { header } = await payChallenge(purse, challenge);
    const answer = await fetch(here + path, { headers: { ...BROWSER, Authorization: header } });
    expect(answer.status).toBe(200);
    const window = new Window();
    window.document.write(await answer.text());
    expect(window.document.querySelectorAll('.body p').length).toBeGreaterThan(2);
    expect(window.document.querySelector('[data-fee-price]')).toBeNull();
    expect(log.slice(-2)).toEqual([`GET ${path} 402`, `GET ${path} 200`]);
  },
);

it('another spelling of a sold article’s address opens nothing', async () => {
  const spelt = await fetch(`${here}/articles/%74ides`, { headers: BROWSER });
  expect(spelt.status).toBe(404);
  expect((await fetch(`${here}/weekend/%70aper`)).status).toBe(402);
});

it('it proves its origin, and says what is not there', async () => {
  const proof = await (await fetch(`${here}/.well-known/farthing.json`)).json();
  expect(proof.paytos).toEqual([payto]);
  expect((await fetch(`${here}/articles/none`)).status).toBe(404);
  expect(paper.origin).toMatch(/^http:\/\/news\.localhost:\d+$/);
});

it('a taken port is said, and nothing is left open', async () => {
  const port = Number(new URL(here).port);
  const options = { port, payto, secret: await makeSecret(), dataDir: join(folder, 'second') };
  await expect(startNewspaper(options)).rejects.toMatchObject({ code: 'port_taken' });
});

it('a missing secret is said before anything is served', async () => {
  const options = { port: 0, payto, secret: undefined, dataDir: join(folder, 'third') };
  await expect(startNewspaper(options)).rejects.toMatchObject({ code: 'secret_missing' });
});
