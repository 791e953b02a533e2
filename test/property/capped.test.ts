/**
 * Requests of one reader at one moment, in any order of their calls of the store: what is counted
 * under a cap is what is owed, whoever was first.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatPrice, type Micros } from '../../src/protocol/money.ts';
import { parseReceiptHeader } from '../../src/protocol/receipt.ts';
import { countedMicros, readCount } from '../../src/seller/charges/counts.ts';
import { readPurse } from '../../src/seller/charges/purses.ts';
import { createSeller, memoryStore } from '../../src/seller/index.ts';
import { makeSecret } from '../../src/seller/secret.ts';
import { openBank } from '../support/bank.ts';
import {
  makeProvider,
  makePurse,
  pageChallenge,
  payChallenge,
  randomId,
  START_MS,
  settlePurse,
  termsFor,
  undoHeader,
} from '../support/payer.ts';
import { openSchedule } from '../support/schedule.ts';

const PAYTO = 'daily@pay.example';
const URL_1 = 'https://news.example/articles/1';
const RUN_COUNT = 150;
const secret = await makeSecret();
const provider = await makeProvider(PAYTO);

/** Two purses of one reader; the first has bought something that can be undone. */
async function openGame(turns: Iterator<number>, capMicros: Micros) {
  const keys = new Set<string>();
  const inner = memoryStore();
  const schedule = openSchedule(turns);
  const store = schedule.storeOf(inner, ({ key }) => keys.add(key));
  const { fetchPort } = openBank(provider);
  const now = () => START_MS;
  const seller = createSeller({ payto: PAYTO, secret, store, fetch: fetchPort, now });
  const serve = seller.fetch(
    { price: '0.02 USD', cap: `${formatPrice({ amountMicros: capMicros, currency: 'USD' })}/P1D` },
    async ({ headers }) => {
      await schedule.step();
      return new Response('…', { status: headers.has('X-Fails') ? 500 : 200 });
    },
  );
  const send = (header: string, headers: Record<string, string> = {}) =>
    serve(new Request(URL_1, { headers: { Authorization: header, ...headers } }));
  const cap = { amountMicros: capMicros, periodSec: 86_400 };
  const page = await pageChallenge(URL_1, termsFor({ payto: PAYTO, item: '/articles/1', cap }));
  const sub = randomId();
  const [first, second] = await Promise.all([
    makePurse(provider, PAYTO, { sub }),
    makePurse(provider, PAYTO, { sub }),
  ]);
  const charge = await payChallenge(first, page);
  const answer = await send(charge.header);
  const receipt = parseReceiptHeader(answer.headers.get('Payment-Receipt') ?? '').token;
  settlePurse(first, charge);
  const [a, b] = [await payChallenge(first, page), await payChallenge(second, page)];
  const rest = await payChallenge(second, page, { opening: { amt: 10_000n as Micros } });
  const undo = await undoHeader(first, { charge, receipt }, { url: URL_1 });
  const fails = { 'X-Fails': 'yes' };
  const menu: Record<string, () => Promise<unknown>> = {
    'the next charge': () => send(a.header),
    'the next charge, whose page fails': () => send(a.header, fails),
    'a charge of the other purse': () => send(b.header),
    'a charge of the other purse, whose page fails': () => send(b.header, fails),
    'what is missing to the cap': () => send(rest.header),
    'what is missing to the cap, for a page that fails': () => send(rest.header, fails),
    'the undo of the one before': () => send(undo),
    'a collection': () => seller.collect(),
  };
  const rows = async () => {
    const found = await Promise.all([...keys].map((key) => inner.get(key)));
    return found.flatMap((row) => row ?? []);
  };
  return { menu, rows, settle: schedule.settle };
}

const MENU = [
  'the next charge',
  'the next charge, whose page fails',
  'a charge of the other purse',
  'a charge of the other purse, whose page fails',
  'what is missing to the cap',
  'what is missing to the cap, for a page that fails',
  'the undo of the one before',
  'a collection',
];

it('what is counted under a cap is what was accepted and not undone', async () => {
  const chosen = fc.array(fc.constantFrom(...MENU), { minLength: 2, maxLength: 4 });
  const cap = fc.constantFrom(500_000n as Micros, 50_000n as Micros);
  const turns = fc.infiniteStream(fc.nat());
  await fc.assert(
    fc.asyncProperty(cap, chosen, turns, async (capMicros, names, stream) => {
      const game = await openGame(stream, capMicros);
      const starts = names.map((name) => game.menu[name] ?? (() => Promise.reject(name)));
      const outcomes = await game.settle(starts);
      expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
      let [owed, counted] = [0n, 0n];
      for (const row of await game.rows())
        if (row.key.startsWith('cap.')) counted += countedMicros(readCount(row));
        else {
          const { tot, refunds } = readPurse(row);
          owed += refunds.reduce((left, { amt }) => left - amt, tot as bigint);
        }
      expect(counted).toBe(owed);
    }),
    { numRuns: RUN_COUNT },
  );
}, 60_000);
