/**
 * A seller that refuses, hides, keeps and reorders what it was sent: it gets what is owed and at
 * most one charge that it refused (trust T7). An honest one gets exactly what is owed, in whatever
 * order its evidence comes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import { continueRun, sweep } from '../../src/provider/purses/sweep.ts';
import {
  type AskedPurse,
  askForPurse,
  balanceIn,
  chargeOf,
  closePurse,
  collect,
  finalOf,
  giveBack,
  noteOf,
  type TestAccount,
  topUp,
} from '../support/account.ts';
import { openSandbox, type Sandbox } from '../support/sandbox.ts';

const LIMIT_MICROS = 200_000n;
const HOUR_MS = 3_600_000;
/** Past the purse's week, the grace, and the day in which collection has to be open. */
const UNTIL_RELEASED_MS = 12 * 24 * HOUR_MS;
const RUN_COUNT = 40;

/** A charge that was signed, and what the purse came to before it. */
interface Signed {
  readonly seq: number;
  readonly amt: bigint;
  readonly tot: bigint;
  readonly token: string;
}

/** What the reader knows, who behaves as SPEC 6.8 says, and what the seller has in hand. */
interface Game {
  readonly sandbox: Sandbox;
  readonly reader: TestAccount;
  readonly seller: TestAccount;
  readonly purse: AskedPurse;
  /** There is a receipt. */
  readonly accepted: Signed[];
  /** There is a refusal with a code. */
  readonly refused: Signed[];
  /** The one that was not answered: nothing else is signed until it is. */
  unanswered: Signed | undefined;
  /** The seller's notes, by the place of their charge. */
  readonly notes: Map<number, string>;
  final: string | undefined;
}

const amount = fc.bigInt({ min: 1n, max: 40_000n });
const index = fc.nat(100);
const picks = fc.array(index, { minLength: 1, maxLength: 2 });
/** More often than not. */
const granted = fc.integer({ min: 0, max: 3 }).map((it) => it > 0);

const buy = fc.record({
  do: fc.constant('buy'),
  amount,
  fate: fc.constantFrom('accepted', 'accepted', 'refused', 'unanswered'),
});
const undo = fc.record({ do: fc.constant('undo'), which: index, granted, isClaimed: granted });
const close = fc.record({ do: fc.constant('close'), granted: granted.map((it) => !it) });
const handIn = fc.record({
  do: fc.constant('hand in'),
  picks,
  from: fc.constantFrom('all', 'refused'),
});
const giveNotes = fc.record({ do: fc.constant('give notes'), picks });
const claim = fc.record({ do: fc.constant('claim') });
const rest = fc.record({ do: fc.constant('rest'), hours: fc.integer({ min: 1, max: 60 }) });
const step = fc.oneof(
  buy,
  buy,
  buy,
  undo,
  undo,
  undo,
  close,
  handIn,
  handIn,
  giveNotes,
  claim,
  rest,
);
const claimed = fc.constantFrom('before the end', 'after the end');
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function totalOf({ accepted }: Game): bigint {
  return accepted.at(-1)?.tot ?? 0n;
}

async function signNext(game: Game, amt: bigint): Promise<Signed | undefined> {
  const [seq, tot] = [game.accepted.length + 1, totalOf(game) + amt];
  if (game.final !== undefined || tot > LIMIT_MICROS) return undefined;
  return { seq, amt, tot, token: await chargeOf(game.purse, { seq, tot }) };
}

/** The same charge again where it was not answered; else the next one. */
async function take(game: Game, { amount: amt, fate }: Extract<Step, { do: 'buy' }>) {
  const charge = game.unanswered ?? (await signNext(game, amt));
  if (!charge) return;
  game.unanswered = fate === 'unanswered' ? charge : undefined;
  if (fate === 'accepted') game.accepted.push(charge);
  if (fate === 'refused') game.refused.push(charge);
}

async function noteFor(game: Game, charge: Signed | undefined): Promise<void> {
  if (!charge || game.notes.has(charge.seq)) return;
  const note = await noteOf(game.seller, game.purse, { seq: charge.seq, amt: charge.amt });
  game.notes.set(charge.seq, note);
}

/** Everything that the seller was ever sent, whatever it said to that. */
function hoardOf({ accepted, refused, unanswered }: Game): Signed[] {
  return [...accepted, ...refused, ...(unanswered ? [unanswered] : [])];
}

function pickFrom<T>(items: readonly T[], places: readonly number[]): T[] {
  return places.flatMap((place) => (items.length ? (items[place % items.length] as T) : []));
}

async function collectSome({ seller, purse }: Game, charges: readonly Signed[]): Promise<void> {
  const tokens = charges.map(({ token }) => token);
  const reply = await collect(seller, { payto: purse.payto, charges: tokens });
  expect(reply.status).toBe(200);
}

async function handNotes(account: TestAccount, { purse }: Game, notes: readonly string[]) {
  expect((await giveBack(account, { payto: purse.payto, notes })).status).toBe(200);
}

/** The reader hands in whatever it holds. */
async function claimAll(game: Game): Promise<void> {
  const { reader, purse, final, accepted } = game;
  await handNotes(reader, game, [...game.notes.values()]);
  if (final === undefined) return;
  const charge = accepted.at(-1)?.token;
  const body = charge === undefined ? { final } : { final, charge };
  expect([200, 409]).toContain((await closePurse(reader, { purse: purse.id, ...body })).status);
}

async function closeAt(game: Game): Promise<void> {
  const { seller, purse, accepted } = game;
  if (game.unanswered) return;
  game.final ??= await finalOf(seller, purse, { seq: accepted.length, tot: totalOf(game) });
}

async function pass({ sandbox }: Game, passesMs: number): Promise<void> {
  sandbox.time.nowMs += passesMs;
  await continueRun(sandbox.context, sandbox.run);
  await sweep(sandbox.context);
}

async function play(game: Game, doing: Step): Promise<void> {
  switch (doing.do) {
    case 'buy':
      return take(game, doing);
    case 'undo':
      if (doing.granted) await noteFor(game, pickFrom(game.accepted, [doing.which])[0]);
      return doing.isClaimed ? claimAll(game) : undefined;
    case 'close':
      return doing.granted ? closeAt(game) : undefined;
    case 'hand in':
      return collectSome(
        game,
        pickFrom(doing.from === 'all' ? hoardOf(game) : game.refused, doing.picks),
      );
    case 'give notes':
      return handNotes(game.seller, game, pickFrom([...game.notes.values()], doing.picks));
    case 'claim':
      return claimAll(game);
    case 'rest':
      return pass(game, doing.hours * HOUR_MS);
  }
}

async function openGame(folder: string): Promise<Game> {
  const sandbox = await openSandbox(folder);
  const { account: seller, payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  await topUp(reader, 1_000_000n);
  // A third of it is a gift: refunds and releases have to keep the two kinds apart.
  const purse = await askForPurse(reader, { payto, amountMicros: LIMIT_MICROS });
  const nothing = { unanswered: undefined, final: undefined, notes: new Map() };
  return { sandbox, reader, seller, purse, accepted: [], refused: [], ...nothing };
}

async function inGame(run: (game: Game) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'farthing-test-'));
  const game = await openGame(folder);
  try {
    await run(game);
    expect((await auditDatabase(game.sandbox.file)).findings).toEqual([]);
    expect(game.sandbox.log).toEqual([]);
  } finally {
    await game.sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the reader has less than at the start: all that it can see of what was taken. */
async function paidBy({ reader }: Game): Promise<bigint> {
  const { available, aside } = balanceIn(await reader.call('GET', '/v1/account'));
  return 1_250_000n - available - aside;
}

/** What there are receipts for and no notes. */
function owedIn({ accepted, notes }: Game): bigint {
  return accepted.reduce((sum, { seq, amt }) => (notes.has(seq) ? sum : sum + amt), 0n);
}

/** The charges that the provider has taken, in their order. */
function capturedIn({ sandbox }: Game): string[] {
  const raw = new DatabaseSync(sandbox.file, { readOnly: true });
  const rows = raw.prepare('select charge from capture order by seq').all();
  raw.close();
  return rows.map(({ charge }) => String(charge));
}

/** When the reader hands in what it holds. */
type Claims = 'before the end' | 'after the end';

/** Plays these steps to the purse's end, and holds what was paid against what is owed. */
async function playOut(game: Game, sequence: readonly Step[], claims: Claims): Promise<void> {
  for (const doing of sequence) await play(game, doing);
  if (claims === 'before the end') await claimAll(game);
  await pass(game, UNTIL_RELEASED_MS);
  if (claims === 'after the end') await claimAll(game);
  const [paid, owed] = [await paidBy(game), owedIn(game)];
  const unreceipted = hoardOf(game).filter((charge) => !game.accepted.includes(charge));
  const largest = unreceipted.reduce((most, { amt }) => (amt > most ? amt : most), 0n);
  expect(paid).toBeLessThanOrEqual(owed + largest);
  // What is above is there for all to see: a charge that its reader has no receipt for.
  const receipts = game.accepted.map(({ token }) => token);
  const strange = capturedIn(game).filter((token) => !receipts.includes(token));
  if (paid > owed) expect(strange.length).toBeGreaterThan(0);
}

test('a seller gets what is owed and at most one charge that it refused', async () => {
  const steps = fc.array(step, { minLength: 4, maxLength: 30 });
  const run = (sequence: readonly Step[], claims: Claims) =>
    inGame((game) => playOut(game, sequence, claims));
  await fc.assert(fc.asyncProperty(steps, claimed, run), { numRuns: RUN_COUNT });
}, 120_000);

test.for(['before the end', 'after the end'] as const)(
  'found by thought: notes for more than a refused charge has left room for, handed in %s',
  (claims) => {
    const isClaimed = claims === 'before the end';
    const sequence: Step[] = [
      { do: 'buy', amount: 40_000n, fate: 'accepted' },
      { do: 'buy', amount: 5_000n, fate: 'refused' },
      { do: 'buy', amount: 30_000n, fate: 'accepted' },
      { do: 'hand in', picks: [0], from: 'refused' },
      { do: 'undo', which: 1, granted: true, isClaimed },
      { do: 'undo', which: 0, granted: true, isClaimed },
    ];
    return inGame((game) => playOut(game, sequence, claims));
  },
);

/** What an honest shop sold, took back and closed, and in which order the provider hears of it. */
const history = fc.record({
  purchases: fc.array(
    fc.record({ amount: fc.bigInt({ min: 1n, max: 20_000n }), isUndone: granted, isKept: granted }),
    { minLength: 1, maxLength: 8 },
  ),
  isClosed: granted,
  order: fc.array(index, { minLength: 30, maxLength: 30 }),
  arrival: fc.constantFrom('one by one', 'all at once'),
});
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

/** Every piece of evidence as something to hand in: notes twice, by each who may. */
async function evidenceOf(game: Game, { purchases, isClosed }: History) {
  for (const { amount: amt, isUndone } of purchases) {
    await take(game, { do: 'buy', amount: amt, fate: 'accepted' });
    if (isUndone) await noteFor(game, game.accepted.at(-1));
  }
  if (isClosed) await closeAt(game);
  const { accepted, reader, seller } = game;
  // Of the earlier charges a collector hands in those that were the last one when it came by.
  const collected = accepted.filter((_, place) => purchases[place]?.isKept || !accepted[place + 1]);
  const notes = [...game.notes.values()];
  return [
    ...collected.map((charge) => () => collectSome(game, [charge])),
    ...[reader, seller].flatMap((who) => notes.map((note) => () => handNotes(who, game, [note]))),
    ...(isClosed ? [() => claimAll(game)] : []),
  ];
}

test('an honest seller gets exactly what is owed, in whatever order that is heard of', async () => {
  const run = (past: History) =>
    inGame(async (game) => {
      const evidence = await evidenceOf(game, past);
      const placed = evidence.map((hand, place) => ({ hand, rank: past.order[place] ?? 0 }));
      const arriving = placed.toSorted((a, b) => a.rank - b.rank).map(({ hand }) => hand);
      if (past.arrival === 'all at once') await Promise.all(arriving.map((hand) => hand()));
      else for (const hand of arriving) await hand();
      const owed = owedIn(game);
      expect(await paidBy(game)).toBe(owed);
      const { accounts, pendingRefunds } = await auditDatabase(game.sandbox.file);
      const sumOf = (kind: RegExp) =>
        accounts.reduce(
          (sum, { name, balanceMicros: it }) => (kind.test(name) ? sum + it : sum),
          0n,
        );
      const fee = (owed * 250n) / 10_000n;
      expect([sumOf(/^seller earned/), sumOf(/^provider fees/)]).toEqual([owed - fee, fee]);
      expect(pendingRefunds).toEqual([]);
    });
  await fc.assert(fc.asyncProperty(history, run), { numRuns: RUN_COUNT });
}, 120_000);
