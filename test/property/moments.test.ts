/**
 * Charges, their doubles, rivals, undo, close, sync and collections of one purse at one moment, in
 * any order of their calls of the store: whatever anybody was told or given stands.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeOpaque, parseChallenges } from '../../src/protocol/challenge.ts';
import { readCharge } from '../../src/protocol/charge.ts';
import { readFinal } from '../../src/protocol/close.ts';
import type { Micros } from '../../src/protocol/money.ts';
import { parseReceiptHeader, readReceipt } from '../../src/protocol/receipt.ts';
import { type PurseRow, readPurse } from '../../src/seller/charges/purses.ts';
import { createSeller, memoryStore } from '../../src/seller/index.ts';
import { makeSecret } from '../../src/seller/secret.ts';
import { openBank } from '../support/bank.ts';
import {
  challengeIn,
  closeHeader,
  headerWithPrior,
  makeProvider,
  makePurse,
  pageChallenge,
  payChallenge,
  START_MS,
  settlePurse,
  syncHeader,
  type TestCharge,
  termsFor,
  undoHeader,
} from '../support/payer.ts';
import { openSchedule } from '../support/schedule.ts';

const PAYTO = 'daily@pay.example';
const URL_1 = 'https://news.example/articles/1';
const RUN_COUNT = 150;
const secret = await makeSecret();
const provider = await makeProvider(PAYTO);

/** The charges that stand, by their places, as the writes of the row made them. */
function chainOf(first: TestCharge, writes: readonly PurseRow[]): Map<number, string> {
  const chain = new Map([[first.claims.seq, first.token]]);
  for (const { seq, charge } of writes) {
    for (const place of chain.keys()) if (place > seq) chain.delete(place);
    if (charge !== undefined) chain.set(seq, charge);
  }
  return chain;
}

/** Two servers on one store, and a purse that has bought once there. */
async function openGame(turns: Iterator<number>) {
  const schedule = openSchedule(turns);
  const { handed, fetchPort } = openBank(provider, schedule.step);
  const inner = memoryStore();
  const writes: PurseRow[] = [];
  const store = schedule.storeOf(inner, (row) => writes.push(readPurse(row)));
  const common = { payto: PAYTO, secret, store, fetch: fetchPort, now: () => START_MS };
  const sellers = [0, 1].map(() => createSeller({ ...common, onError: () => {} }));
  const serves = sellers.map((seller) =>
    seller.fetch({ price: '0.02 USD' }, async ({ headers }) => {
      await schedule.step();
      return new Response('content', { status: headers.has('X-Fails') ? 500 : 200 });
    }),
  );
  const visit = async (server: number, headers: Record<string, string>) => {
    const answer = await serves[server]?.(new Request(URL_1, { headers }));
    if (!answer) throw new Error(`there is no server ${server}`);
    return answer;
  };
  const purse = await makePurse(provider, PAYTO, { lim: 1_000_000n as Micros });
  const page = await pageChallenge(URL_1, termsFor({ payto: PAYTO, item: '/articles/1' }));
  const fresh = challengeIn(await visit(0, {}));
  const first = await payChallenge(purse, page);
  const answer = await visit(0, { Authorization: first.header });
  const receipt = parseReceiptHeader(answer.headers.get('Payment-Receipt') ?? '').token;
  settlePurse(purse, first);
  writes.length = 0;
  const [next, rival] = [await payChallenge(purse, page), await payChallenge(purse, page)];
  const later = { ...purse, seq: 2, tot: 40_000n as Micros };
  const third = await payChallenge(later, page);
  const headers: Record<string, string> = {
    next: next.header,
    rival: rival.header,
    third: third.header,
    'third with prior': headerWithPrior(purse, third, next.token),
    undo: await undoHeader(purse, { charge: first, receipt }, { url: URL_1 }),
    close: await closeHeader(purse, page),
    'close after next': await closeHeader(later, page),
    sync: await syncHeader(purse, fresh),
    'sync with prior': await syncHeader(purse, fresh, { prior: first.token }),
  };
  const start =
    ({ what, server, fails }: Doing) =>
    async () => {
      if (what === 'collect') await sellers[server]?.collect();
      if (what === 'collect') return { what, answer: undefined };
      const Authorization = headers[what] ?? '';
      const failing = { 'X-Fails': 'yes' };
      return { what, answer: await visit(server, { Authorization, ...(fails ? failing : {}) }) };
    };
  const row = async () => readPurse((await inner.get(purse.id)) ?? { ...NO_ROW, key: purse.id });
  return { handed, start, row, settle: schedule.settle, chain: () => chainOf(first, writes) };
}
const NO_ROW = { rev: 0, isDue: false, text: '{}' };

const doing = fc.record({
  what: fc.constantFrom(
    ...['next', 'next', 'next', 'rival', 'third', 'third with prior', 'undo', 'close'],
    ...['close after next', 'sync', 'sync with prior', 'collect'],
  ),
  server: fc.nat(1),
  fails: fc.boolean(),
});
type Doing = typeof doing extends fc.Arbitrary<infer T> ? T : never;

interface Outcome {
  readonly what: string;
  readonly answer: Response | undefined;
}

/** Everything that answers promise: receipts, the charges that they name, notes and statements. */
async function promisesOf(outcomes: readonly Outcome[]) {
  const receipts = new Map<number, Set<string>>();
  const told: string[] = [];
  const notes = new Set<string>();
  const finals = new Set<string>();
  for (const { answer } of outcomes) {
    if (!answer) continue;
    const header = answer.headers.get('Payment-Receipt');
    if (header !== null) {
      const { claims, token } = parseReceiptHeader(header);
      receipts.set(claims.seq, (receipts.get(claims.seq) ?? new Set()).add(token));
    }
    const [challenge] = parseChallenges(answer.headers.get('WWW-Authenticate') ?? '');
    const hint = challenge?.opaque === undefined ? {} : decodeOpaque(challenge.opaque);
    if (hint.last) told.push(hint.last);
    if (answer.status !== 200 || header !== null) continue;
    const { refund, final, last } = (await answer.json()) as Record<string, string | undefined>;
    if (refund) notes.add(refund);
    if (final) finals.add(final);
    if (last) told.push(last);
  }
  return { receipts, told, notes, finals };
}

it('whatever anybody was told or given at one moment stands', async () => {
  const turns = fc.infiniteStream(fc.nat());
  const moment = fc.array(doing, { minLength: 2, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(moment, turns, async (doings, stream) => {
      const game = await openGame(stream);
      const settled = await game.settle(doings.map(game.start));
      const outcomes = settled.map((one) => {
        if (one.status === 'rejected') throw one.reason;
        return one.value;
      });
      const { receipts, told, notes, finals } = await promisesOf(outcomes);
      const chain = game.chain();
      const row = await game.row();
      for (const [seq, tokens] of receipts) {
        const [receipt = ''] = tokens;
        expect(tokens.size).toBe(1);
        const { bnd } = readCharge(chain.get(seq) ?? '').claims;
        expect(readReceipt(receipt).claims.bnd).toBe(bnd);
      }
      for (const token of [...told, ...game.handed.charges])
        expect(chain.get(readCharge(token).claims.seq)).toBe(token);
      expect(notes.size).toBeLessThanOrEqual(1);
      for (const note of [...notes, ...game.handed.notes])
        expect(row.refunds.map((refund) => refund.note)).toEqual([note]);
      expect(finals.size).toBeLessThanOrEqual(1);
      for (const final of finals)
        expect(readFinal(final).claims).toMatchObject({ seq: row.seq, tot: row.tot });
      expect(row.handedSeq).toBeLessThanOrEqual(row.seq);
    }),
    { numRuns: RUN_COUNT },
  );
}, 60_000);
