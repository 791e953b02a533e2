/**
 * Any order of visits, failures, lost replies and collections: nobody pays twice, nothing is given
 * away.
 */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CollectBody } from '../../src/protocol/api.ts';
import { readCharge } from '../../src/protocol/charge.ts';
import type { Micros } from '../../src/protocol/money.ts';
import { parseReceiptHeader } from '../../src/protocol/receipt.ts';
import { decodeTerms } from '../../src/protocol/request.ts';
import { getPurse } from '../../src/seller/charges/purses.ts';
import { createSeller, memoryStore } from '../../src/seller/index.ts';
import { makeSecret } from '../../src/seller/secret.ts';
import {
  headerFor,
  makeProvider,
  makePurse,
  pageChallenge,
  payChallenge,
  START_MS,
  settlePurse,
  type TestCharge,
  type TestPurse,
  termsFor,
  twinOf,
} from '../support/payer.ts';

const PAYTO = 'daily@pay.example';
const ORIGIN = 'https://news.example';
const LIMIT_MICROS = 60_000n as Micros;
const RUN_COUNT = 60;
const secret = await makeSecret();
const provider = await makeProvider(PAYTO);

const purse = fc.nat(1);
const step = fc.oneof(
  fc.record({
    do: fc.constant('buy'),
    purse,
    item: fc.nat(2),
    fails: fc.boolean(),
    isReplyLost: fc.boolean(),
  }),
  fc.record({
    do: fc.constant('resend'),
    purse,
    fails: fc.boolean(),
    times: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ do: fc.constant('hoard'), purse }),
  fc.record({ do: fc.constant('reprice'), cents: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('collect'), isAnswerLost: fc.boolean() }),
  fc.record({ do: fc.constant('restart') }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Doing<K extends Step['do']> = Extract<Step, { do: K }>;

/** A wallet's view of one purse: what it holds receipts for, and the charge it has not heard of. */
interface Wallet {
  readonly purse: TestPurse;
  paidMicros: bigint;
  unresolved: TestCharge | undefined;
  /** Every charge that was ever signed. */
  readonly signed: TestCharge[];
  readonly receipts: Map<number, string>;
}

async function openWallet(): Promise<Wallet> {
  const opened = await makePurse(provider, PAYTO, { lim: LIMIT_MICROS });
  const receipts = new Map();
  return { purse: opened, paidMicros: 0n, unresolved: undefined, signed: [], receipts };
}

/** SPEC 6.8: a receipt or a coded refusal resolves; all else leaves the charge as it is. */
function hear(wallet: Wallet, charge: TestCharge, answer: Response): void {
  const header = answer.headers.get('Payment-Receipt');
  if (header === null && answer.status !== 402) return;
  wallet.unresolved = undefined;
  if (header === null) return;
  const { claims, token } = parseReceiptHeader(header);
  const { seq, tot, bnd } = charge.claims;
  expect(claims).toMatchObject({ seq, tot, bnd, amt: charge.opening.amt });
  expect(wallet.receipts.get(seq) ?? token).toBe(token);
  wallet.receipts.set(seq, token);
  settlePurse(wallet.purse, charge);
  wallet.paidMicros = tot;
}

/** Books the highest total of each purse; may lose an answer on its way. */
function openBank() {
  const bank = { booked: new Map<string, bigint>(), isAnswerLost: false };
  const fetchPort: typeof fetch = async (input, init) => {
    if (!String(input).includes('/v1/')) return provider.fetch(input);
    const { charges }: CollectBody = JSON.parse(String(init?.body));
    const results = charges.map((token) => {
      const { pur, seq, tot } = readCharge(token).claims;
      const isMore = tot > (bank.booked.get(pur) ?? 0n);
      if (isMore) bank.booked.set(pur, tot);
      const state = isMore ? 'captured' : 'known';
      return { pur, state, seq, tot: `${bank.booked.get(pur)}` };
    });
    if (bank.isAnswerLost) throw new TypeError('connection reset');
    return Response.json({ results });
  };
  return { bank, fetchPort };
}

async function openGame() {
  const store = memoryStore();
  const { bank, fetchPort } = openBank();
  const wallets = [await openWallet(), await openWallet()] as const;
  const shop = { cents: 2, fails: false, reportedMicros: 0n };
  const open = () => {
    const seller = createSeller({
      payto: PAYTO,
      secret,
      store,
      fetch: fetchPort,
      now: () => START_MS,
    });
    const serve = seller.fetch({ price: () => `0.0${shop.cents} USD` }, () =>
      shop.fails ? new Response(null, { status: 500 }) : new Response('content'),
    );
    return { seller, serve };
  };
  return { store, bank, wallets, shop, open, now: open() };
}
type Game = Awaited<ReturnType<typeof openGame>>;

function send(game: Game, charge: TestCharge, header = charge.header): Promise<Response> {
  const { item } = decodeTerms(charge.opening.request);
  return game.now.serve(new Request(ORIGIN + item, { headers: { Authorization: header } }));
}

async function buy(game: Game, { item, purse: index, fails, isReplyLost }: Doing<'buy'>) {
  const wallet = game.wallets[index === 0 ? 0 : 1];
  if (wallet.unresolved) return;
  const amountMicros = BigInt(game.shop.cents * 10_000) as Micros;
  const terms = termsFor({ payto: PAYTO, item: `/items/${item}`, amountMicros });
  const charge = await payChallenge(wallet.purse, await pageChallenge(ORIGIN, terms));
  wallet.signed.push(charge);
  wallet.unresolved = charge;
  game.shop.fails = fails;
  const answer = await send(game, charge);
  if (!isReplyLost) hear(wallet, charge, answer);
}

/**
 * The charge in flight again, several times at one moment, also with the signature's other
 * spelling.
 */
async function resend(game: Game, { purse: index, fails, times }: Doing<'resend'>) {
  const wallet = game.wallets[index === 0 ? 0 : 1];
  const charge = wallet.unresolved;
  if (!charge) return;
  game.shop.fails = fails;
  const twin = headerFor(wallet.purse, { ...charge, token: twinOf(charge.token) });
  const headers = [charge.header, twin, charge.header].slice(0, times);
  const answers = await Promise.all(headers.map((header) => send(game, charge, header)));
  const best = answers.find((answer) => answer.headers.has('Payment-Receipt')) ?? answers[0];
  if (best) hear(wallet, charge, best);
}

/**
 * Somebody sends every charge again that was ever signed, but for those that still could be
 * accepted.
 */
async function hoard(game: Game, { purse: index }: Doing<'hoard'>) {
  const wallet = game.wallets[index === 0 ? 0 : 1];
  for (const charge of wallet.signed) {
    const row = await getPurse(game.store, wallet.purse.id);
    if (charge.claims.seq > (row?.seq ?? 0)) continue;
    await send(game, charge);
    const after = await getPurse(game.store, wallet.purse.id);
    expect([after?.seq, after?.tot]).toEqual([row?.seq, row?.tot]);
  }
}

async function collect({ bank, shop, now }: Game, isAnswerLost: boolean) {
  bank.isAnswerLost = isAnswerLost;
  const report = await now.seller.collect().catch((error) => {
    expect(error.code).toBe('provider_unreachable');
  });
  shop.reportedMicros += report?.captured[0]?.amountMicros ?? 0n;
}

async function take(game: Game, doing: Step): Promise<void> {
  game.shop.fails = false;
  if (doing.do === 'buy') await buy(game, doing);
  if (doing.do === 'resend') await resend(game, doing);
  if (doing.do === 'hoard') await hoard(game, doing);
  if (doing.do === 'collect') await collect(game, doing.isAnswerLost);
  if (doing.do === 'reprice') game.shop.cents = doing.cents;
  if (doing.do === 'restart') game.now = game.open();
}

/** T7: what the seller counts is what the reader has receipts for, or one charge in flight more. */
async function checkWallet({ store, bank }: Game, wallet: Wallet): Promise<void> {
  const row = await getPurse(store, wallet.purse.id);
  const accepted = row?.tot ?? 0n;
  const inFlight = wallet.unresolved?.opening.amt ?? 0n;
  expect([wallet.paidMicros, wallet.paidMicros + inFlight]).toContain(accepted);
  expect(accepted).toBeLessThanOrEqual(LIMIT_MICROS);
  expect(bank.booked.get(wallet.purse.id) ?? 0n).toBeLessThanOrEqual(accepted);
  if (!row?.charge) return;
  const { seq, tot } = row;
  expect(readCharge(row.charge).claims).toMatchObject({ seq, tot });
}

async function play(steps: readonly Step[]): Promise<void> {
  const game = await openGame();
  for (const doing of steps) {
    await take(game, doing);
    for (const wallet of game.wallets) await checkWallet(game, wallet);
  }
  await collect(game, false);
  const rows = await Promise.all(
    game.wallets.map((wallet) => getPurse(game.store, wallet.purse.id)),
  );
  const owedMicros = rows.reduce((sum, row) => sum + (row?.tot ?? 0n), 0n);
  const bookedMicros = [...game.bank.booked.values()].reduce((sum, tot) => sum + tot, 0n);
  expect(bookedMicros).toBe(owedMicros);
  expect(game.shop.reportedMicros).toBe(owedMicros);
}

it('whatever happens, seller, readers and provider agree on every total', async () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 25 });
  await fc.assert(fc.asyncProperty(steps, play), { numRuns: RUN_COUNT });
}, 60_000);
