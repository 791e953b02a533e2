/**
 * What reaches the provider names no page (SPEC 6.3): everything that a wallet and a shop send it
 * in a full life is handed to somebody with a crawl of the shop. The same attacker finds the page
 * wherever one leaks.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { encodeBase64url, sha256, utf8 } from '../../src/protocol/base64url.ts';
import { buildChallenge } from '../../src/protocol/challenge.ts';
import { thumbprint } from '../../src/protocol/key.ts';
import type { Micros } from '../../src/protocol/money.ts';
import { encodeTerms } from '../../src/protocol/terms.ts';
import { createSeller, memoryStore } from '../../src/seller/index.ts';
import { importSecret } from '../../src/seller/keys.ts';
import { makeSecret, readSecrets } from '../../src/seller/secret.ts';
import type { WalletPorts } from '../../src/wallet/ports.ts';
import {
  askForPurse,
  chargeOf,
  closePurse,
  collect,
  giveBack,
  held,
  makeAccount,
  noteOf,
  openAccount,
  type Send,
  type TestAccount,
} from '../support/account.ts';
import { type CrawledPage, pagesIn } from '../support/attacker.ts';
import {
  challengeIn,
  closeHeader,
  type HeldPurse,
  pageChallenge,
  payChallenge,
  randomId,
  START_MS,
  termsFor,
} from '../support/payer.ts';
import { ISSUER, useSandbox } from '../support/sandbox.ts';
import { makeReader, pressOn, type Reader } from '../support/wallet.ts';

const ORIGIN = 'http://news.localhost:8080';
const PAYTO = `news@${new URL(ISSUER).host}`;
const PAGE_COUNT = 2_000;
const BOUGHT_COUNT = 12;
const SUBJECTS = ['tides', 'reefs', 'kelp', 'dunes', 'mist', 'whales', 'ports', 'storms'];
const CENT = 10_000n;

function pageOf(place: number, amountMicros: bigint): CrawledPage {
  const subject = SUBJECTS[place % SUBJECTS.length];
  const item = `/articles/${subject}-${String(place).padStart(4, '0')}`;
  const amount = amountMicros as Micros;
  const terms = termsFor({ payto: PAYTO, item, origin: ORIGIN, amountMicros: amount });
  return { url: ORIGIN + item, title: `On ${subject}, part ${place + 10_000}`, terms };
}

/** Five prices: no amount says more than that it was one of four hundred pages. */
const CRAWL = Array.from({ length: PAGE_COUNT }, (_, place) =>
  pageOf(place, BigInt(1 + (place % 5)) * CENT),
);
const BOUGHT = Array.from({ length: BOUGHT_COUNT }, (_, count) => CRAWL[count * 161 + 7]).filter(
  (page) => page !== undefined,
);
const LEAKED = CRAWL[1234] as CrawledPage;
/** Enough to tell one page from others, where the whole shop would only take longer. */
const NEARBY = [...CRAWL.slice(1150, 1250), ...BOUGHT];

/** The provider's door: every byte that comes through it is written down. */
async function openDoor(send: Send, record: string[]): Promise<Send> {
  const server = createServer(async (request, response) => {
    const { method = '', url = '', rawHeaders } = request;
    const body = await buffer(request);
    record.push([method, url, ...rawHeaders, body.toString()].join('\n'));
    const headers = new Headers(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const answer = await send(ISSUER + url, { method, headers, body: body.length ? body : null });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(await answer.text());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return (url, init) => fetch(url.replace(ISSUER, `http://127.0.0.1:${port}`), init);
}

/** A provider behind its door, and a shop that sells the crawl. */
async function openWorld(crawl = CRAWL) {
  const sandbox = await useSandbox();
  const [atProvider, atShop]: [string[], string[]] = [[], []];
  const send = await openDoor(sandbox.send, atProvider);
  const secret = await makeSecret();
  const store = memoryStore();
  const seller = createSeller({
    payto: PAYTO,
    secret,
    store,
    allowInsecureLoopback: true,
    now: () => START_MS,
    fetch: (input, init = {}) => send(String(input), init),
  });
  const pages = new Map(crawl.map((page) => [page.url, page]));
  const pageAt = ({ url }: Request) => pages.get(url) ?? LEAKED;
  const price = (request: Request) => `0.0${pageAt(request).terms.amountMicros / CENT} USD`;
  const title = (request: Request) => pageAt(request).title;
  const serve = seller.fetch({ price, title }, () => new Response('the article'));
  const visit = (url: string, init: RequestInit = {}) => {
    atShop.push(...[...new Headers(init.headers)].map(([name, value]) => `${name}: ${value}`));
    return serve(new Request(url, init));
  };
  const proof: unknown = await (await seller.proof()).json();
  sandbox.origins.set(ORIGIN, proof);
  // What the provider fetches of the shop by itself.
  atProvider.push(JSON.stringify(proof));
  await seller.register({ name: 'News', origins: [ORIGIN] });
  const { account, receipt } = await importSecret(readSecrets(secret)[0]);
  const shop = { account: await makeAccount(ISSUER, send, account), receipt };
  return { atProvider, atShop, send, seller, visit, shop };
}
type World = Awaited<ReturnType<typeof openWorld>>;

function readerIn({ send, visit }: World): Reader {
  return makeReader(undefined, (ports: WalletPorts) => ({
    ...ports,
    now: () => START_MS,
    fetch: (input, init = {}) =>
      String(input).startsWith(ORIGIN) ? visit(String(input), init) : send(String(input), init),
  }));
}

async function buy({ wallet }: Reader, { url, terms }: CrawledPage): Promise<string> {
  const price = `0.0${terms.amountMicros / CENT} USD`;
  const fields = { payto: PAYTO, price, refund: 'PT10M' };
  const decision = await wallet.press(pressOn(ORIGIN, new URL(url).pathname, fields));
  const outcome =
    decision.kind === 'ask'
      ? await wallet.pay({ askId: decision.ask.id, remember: true })
      : decision;
  if (outcome.kind !== 'paid') throw new Error(`${url}: ${outcome.kind}`);
  return outcome.payment.id;
}

/** The wallet's own purse and account, for what its screens cannot do yet: to close. */
async function ownedBy({ ports }: Reader, send: Send) {
  const [row] = await ports.store.purses.all();
  const account = await ports.store.account.get('account');
  if (!row?.certificate || !account) throw new Error('something was bought');
  const keyOf = async ({ privateKey: key, jwk }: typeof account.device) => {
    return { key, jwk, kid: await thumbprint(jwk) };
  };
  const { id, payto, certificate, seq, totalMicros: tot } = row;
  const purse: HeldPurse = { id, payto, key: await keyOf(row.key), certificate, seq, tot };
  return { purse, account: await makeAccount(ISSUER, send, await keyOf(account.device)) };
}

async function close({ visit, send }: World, reader: Reader): Promise<void> {
  const { purse, account } = await ownedBy(reader, send);
  const { url } = BOUGHT[0] as CrawledPage;
  const Authorization = await closeHeader(purse, challengeIn(await visit(url)));
  const answer = await visit(url, { headers: { Authorization } });
  const { final } = (await answer.json()) as { final: string };
  const payments = await reader.ports.store.payments.latest(BOUGHT_COUNT);
  const last = payments.find(({ charge }) => charge?.seq === purse.seq)?.charge?.token ?? '';
  const reply = await closePurse(account, { purse: purse.id, final, charge: last });
  expect(reply.status).toBe(200);
}

/** From the first coin to the end of the purse. */
async function live(world: World): Promise<void> {
  const reader = readerIn(world);
  await reader.wallet.open(new URL(ISSUER).host);
  await reader.wallet.topUp('5000000');
  const ids: string[] = [];
  for (const page of BOUGHT) {
    ids.push(await buy(reader, page));
    if (ids.length === 5) await world.seller.collect();
  }
  for (const id of [ids[3], ids[8]]) await reader.wallet.undo(id ?? '');
  await world.seller.collect();
  await reader.wallet.refresh();
  await close(world, reader);
}

function pathsIn(record: readonly string[]): Set<string> {
  const paths = record.flatMap((entry) => /^(?:GET|POST)\n(\S+)/.exec(entry)?.[1] ?? []);
  return new Set(paths.map((path) => path.replace(/[A-Za-z0-9_-]{22}/, 'PURSE')));
}

test('of twelve bought pages the provider can find none, the shop knows all', async () => {
  const world = await openWorld();
  await live(world);
  expect(pathsIn(world.atProvider)).toEqual(
    new Set([
      ...['/v1/accounts', '/v1/account', '/v1/topups', '/v1/purses', '/v1/purses/PURSE/raise'],
      ...['/v1/purses/PURSE/close', '/v1/sellers', '/v1/sellers/news', '/v1/collections'],
      ...['/v1/refunds', '/.well-known/jwks.json', '/.well-known/farthing-provider.json'],
    ]),
  );
  expect(pagesIn(world.atProvider, CRAWL)).toEqual([]);
  expect(pagesIn(world.atShop, NEARBY)).toEqual(BOUGHT.map(({ url }) => url).sort());
}, 120_000);

/** A reader and a shop that are careless about one page. */
interface Careless {
  readonly world: World;
  readonly reader: TestAccount;
  readonly purse: HeldPurse;
}

async function idOf(text: string): Promise<string> {
  return encodeBase64url((await sha256(utf8(text))).slice(0, 16));
}

/** Nothing that a provider checks is wrong with it. */
async function handIn({ world: { shop } }: Careless, charge: string): Promise<void> {
  const reply = await collect(shop.account, { payto: PAYTO, charges: [charge] });
  expect(reply.body.results).toMatchObject([{ state: 'captured' }]);
}

const LEAKS: Record<string, (careless: Careless) => Promise<unknown>> = {
  'a commitment is salted with nothing': async (careless) => {
    const { purse } = careless;
    const challenge = await pageChallenge(LEAKED.url, LEAKED.terms);
    const salt = encodeBase64url(new Uint8Array(32));
    const charge = await payChallenge(purse, challenge, { salt, opening: { jti: purse.id } });
    await handIn(careless, charge.token);
  },
  'a commitment is salted with what everybody sees': async (careless) => {
    const { purse } = careless;
    const challenge = await pageChallenge(LEAKED.url, LEAKED.terms);
    const jti = encodeBase64url(new Uint8Array(16));
    const crooked = { salt: purse.key.jwk.x, opening: { jti } };
    await handIn(careless, (await payChallenge(purse, challenge, crooked)).token);
  },
  'a charge carries the id of a challenge that was made from the page': async (careless) => {
    const { id } = await buildChallenge({
      realm: new URL(LEAKED.url).hostname,
      request: encodeTerms(LEAKED.terms),
      expires: undefined,
      nonce: Buffer.from(careless.purse.id, 'base64url'),
    });
    const claims = { seq: 1, tot: CENT, bnd: id.replace('p.', '') };
    await handIn(careless, await chargeOf(careless.purse, claims));
  },
  'a purse is named after what is bought': async ({ reader }) =>
    askForPurse(reader, { payto: PAYTO, amountMicros: CENT, id: await idOf(LEAKED.url) }),
  'a batch is named after a purse and a page': async ({ world: { shop }, purse }) => {
    const id = await idOf(purse.id + new URL(LEAKED.url).pathname);
    return collect(shop.account, { payto: PAYTO, charges: [], id });
  },
  'a request says where the reader was': ({ world: { send } }) =>
    send(`${ISSUER}/.well-known/jwks.json`, { headers: { 'X-From': LEAKED.url } }),
};

async function openCareless(crawl = CRAWL): Promise<Careless> {
  const world = await openWorld(crawl);
  const reader = await makeAccount(ISSUER, world.send);
  await openAccount(reader);
  const asked = await askForPurse(reader, { payto: PAYTO, amountMicros: 100_000n });
  return { world, reader, purse: held(asked) };
}

test.for(Object.entries(LEAKS))('the page is found where %s', async ([, leak]) => {
  const careless = await openCareless();
  await leak(careless);
  expect(pagesIn(careless.world.atProvider, NEARBY)).toEqual([LEAKED.url]);
});

test('a price that no other page has names its page: no commitment hides an amount', async () => {
  const alone = pageOf(PAGE_COUNT, 7n * CENT);
  const crawl = [...NEARBY, alone];
  const { world, reader, purse } = await openCareless(crawl);
  const { account, receipt } = world.shop;
  await handIn({ world, reader, purse }, await chargeOf(purse, { seq: 1, tot: 3n * CENT }));
  const note = await noteOf({ ...account, device: receipt }, purse, { seq: 1, amt: 7n * CENT });
  await giveBack(reader, { payto: PAYTO, notes: [note], id: randomId() });
  expect(pagesIn(world.atProvider, crawl)).toEqual([alone.url]);
}, 60_000);
