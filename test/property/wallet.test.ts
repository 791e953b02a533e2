/**
 * Any order of yeses, lost and lying answers, deaths, restored sellers and days: nothing is paid
 * twice, what was ever promised is known, and everything comes to an end.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readCharge } from '../../src/protocol/charge.ts';
import { parseCredential } from '../../src/protocol/credential.ts';
import { decodeTerms } from '../../src/protocol/request.ts';
import { auditDatabase } from '../../src/provider/audit.ts';
import { continueRun, sweep } from '../../src/provider/purses/sweep.ts';
import { getPurse } from '../../src/seller/charges/purses.ts';
import { createSeller, memoryStore, type Row, type Store } from '../../src/seller/index.ts';
import { makeSecret } from '../../src/seller/secret.ts';
import type { PagePress } from '../../src/wallet/payment/pagepress.ts';
import type { WalletPorts } from '../../src/wallet/ports.ts';
import { createWallet, type Wallet } from '../../src/wallet/wallet.ts';
import { memoryWalletStore } from '../support/memory-wallet.ts';
import { mortal } from '../support/mortal.ts';
import { ISSUER, type Sandbox, useSandbox } from '../support/sandbox.ts';

const RUN_COUNT = 60;
const ITEM_COUNT = 4;
/** What each reader has: a top-up and the starter credit. */
const GIVEN_MICROS = 2_250_000n;
const secret = await makeSecret();

/** What happens to a request with a charge: on its way, at the seller, on its way back. */
const fault = fc.constantFrom('none', 'lost', 'reply-lost', 'refused', 'refused-in-words', 'html');
type Fault = typeof fault extends fc.Arbitrary<infer T> ? T : never;

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('buy'),
      item: fc.nat(ITEM_COUNT - 1),
      faults: fc.array(fault, { maxLength: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('die'),
      item: fc.nat(ITEM_COUNT - 1),
      at: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait'),
      seconds: fc.integer({ min: 1, max: 200_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('take-back') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('collect') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('restore'),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Doing<K extends Step['do']> = Extract<Step, { do: K }>;

/** A seller's store that can go back to what it held. */
function forgetful() {
  let written: Row[] = [];
  let rows = memoryStore();
  const store: Store = {
    get: (key) => rows.get(key),
    due: (page) => rows.due(page),
    put: async (row) => {
      const isDone = await rows.put(row);
      if (isDone) written.push(row);
      return isDone;
    },
  };
  const backTo = async (share: number) => {
    const kept = written.slice(0, Math.floor(written.length * share));
    written = [];
    rows = memoryStore();
    for (const row of kept) await store.put(row);
  };
  return { store, backTo };
}

const refusal = () =>
  new Response('{"farthing":"not_delivered","detail":""}', {
    status: 402,
    headers: { 'Content-Type': 'application/problem+json' },
  });

let shops = 0;

async function openShop(sandbox: Sandbox) {
  const handle = `shop-${++shops}`;
  const payto = `${handle}@${new URL(ISSUER).host}`;
  const origin = `http://${handle}.localhost:8080`;
  const { store, backTo } = forgetful();
  const seller = createSeller({
    payto,
    secret,
    store,
    name: 'The Daily',
    allowInsecureLoopback: true,
    fetch: (input, init) => sandbox.send(String(input), init ?? {}),
    now: () => sandbox.time.nowMs,
  });
  sandbox.origins.set(origin, await (await seller.proof()).json());
  await seller.register({ name: 'The Daily', origins: [origin] });
  const serve = seller.fetch({ price: '0.02 USD' }, () => new Response('content'));
  return { seller, serve, store, backTo, payto, origin };
}
type Shop = Awaited<ReturnType<typeof openShop>>;

interface Game {
  readonly sandbox: Sandbox;
  readonly shop: Shop;
  readonly ports: WalletPorts;
  wallet: Wallet;
  /** Stops the worker that `wallet` is. */
  kill: () => void;
  faults: Fault[];
  /** The highest total that each purse ever promised, and each charge's item by its binding. */
  readonly promised: Map<string, bigint>;
  readonly items: Map<string, string>;
}

/** Everything that leaves the wallet with a signature under it. */
function note({ promised, items }: Game, init: RequestInit): void {
  const header = new Headers(init.headers).get('Authorization') ?? '';
  const payload = parseCredential(header)?.payload;
  if (payload?.action !== 'charge') return;
  const { pur, tot, bnd } = readCharge(payload.charge).claims;
  if (tot > (promised.get(pur) ?? 0n)) promised.set(pur, tot);
  items.set(bnd, decodeTerms(payload.opening.request).item);
}

async function toShop(game: Game, url: string, init: RequestInit): Promise<Response> {
  note(game, init);
  const hasCharge = new Headers(init.headers).has('Authorization');
  const fault = hasCharge ? game.faults.shift() : undefined;
  if (fault === 'lost') throw new TypeError('lost');
  if (fault === 'refused') return refusal();
  const { signal: _, ...request } = init;
  const answer = await game.shop.serve(new Request(url, request));
  if (fault === 'reply-lost') throw new TypeError('lost');
  if (fault === 'html') return new Response('<h1>Hello</h1>');
  return fault === 'refused-in-words' ? refusal() : answer;
}

/** A worker: there is one at a time. */
function workerOn(base: WalletPorts, dieAt = Number.POSITIVE_INFINITY) {
  const { ports, death } = mortal(base, dieAt);
  return { wallet: createWallet(ports), kill: death.kill, came: death.came };
}

async function openGame(sandbox: Sandbox): Promise<Game> {
  const shop = await openShop(sandbox);
  const ports: WalletPorts = {
    store: memoryWalletStore(),
    fetch: (input, init = {}) => {
      const url = String(input);
      return url.startsWith(shop.origin) ? toShop(game, url, init) : sandbox.send(url, init);
    },
    now: () => sandbox.time.nowMs,
    random: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
    wait: () => new Promise(() => undefined),
    addressOf: async () => `${shop.origin}/`,
    open: async () => undefined,
    changed: () => undefined,
  };
  const game: Game = {
    ...{ sandbox, shop, ports, ...workerOn(ports), faults: [] },
    ...{ promised: new Map(), items: new Map() },
  };
  const { wallet } = game;
  await wallet.open(new URL(ISSUER).host);
  await wallet.topUp('2000000');
  return game;
}

const pressOn = ({ shop }: Game, item: number): PagePress => ({
  fields: { payto: shop.payto, price: '0.02 USD' },
  title: `Article ${item}`,
  href: `${shop.origin}/articles/${item}`,
  pageUrl: `${shop.origin}/`,
  tabId: 1,
  placement: 'same-tab',
  isVisible: true,
});

async function buy(game: Game, item: number, wallet = game.wallet): Promise<void> {
  const decision = await wallet.press(pressOn(game, item));
  if (decision.kind === 'ask') await wallet.pay({ askId: decision.ask.id, remember: false });
}

/** The worker is stopped at some step of a purchase; another one goes on. */
async function die(game: Game, { item, at }: Doing<'die'>): Promise<void> {
  game.kill();
  const doomed = workerOn(game.ports, at);
  await Promise.race([buy(game, item, doomed.wallet), doomed.came]);
  doomed.kill();
  Object.assign(game, workerOn(game.ports));
  await game.wallet.resume();
}

async function tryAll({ ports, wallet }: Game): Promise<void> {
  for (const { id } of await ports.store.payments.pending())
    if (await ports.store.payments.get(id)) await wallet.retry(id);
}

async function wait(game: Game, seconds: number): Promise<void> {
  game.sandbox.time.nowMs += seconds * 1000;
  await continueRun(game.sandbox.context, game.sandbox.run);
  await sweep(game.sandbox.context);
  await game.wallet.refresh();
  await tryAll(game);
  await game.wallet.tidy();
}

async function take(game: Game, doing: Step): Promise<void> {
  game.faults = [];
  if (doing.do === 'buy') {
    game.faults = [...doing.faults];
    await buy(game, doing.item);
  }
  if (doing.do === 'die') await die(game, doing);
  if (doing.do === 'wait') await wait(game, doing.seconds);
  if (doing.do === 'take-back') await game.wallet.takeBack(game.shop.payto);
  if (doing.do === 'collect') await game.shop.seller.collect();
  if (doing.do === 'restore') await game.shop.backTo(doing.share);
}

/** T7: of each purse, what was promised is what there are receipts for, and what is at risk. */
async function checkPurses({ ports, promised }: Game): Promise<void> {
  // At one moment: something may be going on behind.
  const { payments, purses } = await ports.store.transaction(async (tables) => ({
    payments: await tables.payments.all(),
    purses: await tables.purses.all(),
  }));
  for (const { id, state, totalMicros, riskMicros } of purses) {
    const own = payments.filter(({ charge }) => charge?.purse === id);
    const paid = own.filter(({ state }) => state === 'paid');
    const receipts = paid.reduce((sum, { charge }) => sum + (charge?.opening.amt ?? 0n), 0n);
    expect(totalMicros).toBe(receipts);
    // Of what was closed nothing more is collected, whatever was promised.
    if (state === 'closed') continue;
    const sending = own.find(({ state }) => state === 'sending');
    const open = sending?.charge?.opening.amt ?? 0n;
    const atRisk = open > riskMicros ? open : riskMicros;
    expect(promised.get(id) ?? 0n).toBeLessThanOrEqual(totalMicros + atRisk);
  }
}

/** Nobody has two payments for one item that was never undone. */
async function checkItems({ ports }: Game): Promise<void> {
  const bought = (await ports.store.payments.all()).filter(({ state }) => state === 'paid');
  expect(new Set(bought.map(({ itemKey }) => itemKey)).size).toBe(bought.length);
}

/** With all faults off everything ends, and the seller has what the reader has receipts for. */
async function checkEnd(game: Game): Promise<void> {
  game.faults = [];
  for (let round = 0; round < 3; round++) await tryAll(game);
  expect(await game.ports.store.payments.pending()).toEqual([]);
  for (const purse of await game.ports.store.purses.all()) {
    const row = await getPurse(game.shop.store, purse.id);
    const most = purse.totalMicros + purse.riskMicros;
    expect(row?.tot ?? 0n).toBeLessThanOrEqual(most);
  }
  await game.shop.seller.collect();
  await game.wallet.takeBack(game.shop.payto);
  await game.wallet.refresh();
  const purses = await game.ports.store.purses.all();
  const spentMicros = purses.reduce((sum, { totalMicros }) => sum + totalMicros, 0n);
  const riskMicros = purses.reduce((sum, purse) => sum + purse.riskMicros, 0n);
  const yours = BigInt((await game.wallet.view()).yours);
  expect(yours).toBeGreaterThanOrEqual(GIVEN_MICROS - spentMicros - riskMicros);
}

async function play(sandbox: Sandbox, steps: readonly Step[]): Promise<void> {
  const game = await openGame(sandbox);
  for (const doing of steps) {
    await take(game, doing);
    await checkPurses(game);
    await checkItems(game);
  }
  await checkEnd(game);
}

it('whatever happens nothing is paid twice, each promise is known, and all ends', async () => {
  const sandbox = await useSandbox({ asideLimitMicros: 1_000_000_000n as never });
  const steps = fc.array(step, { minLength: 1, maxLength: 16 });
  const played = fc.asyncProperty(steps, (some) => play(sandbox, some));
  await fc.assert(played, { numRuns: RUN_COUNT });
  expect(await auditDatabase(sandbox.file)).toMatchObject({ holds: true, findings: [] });
}, 120_000);
