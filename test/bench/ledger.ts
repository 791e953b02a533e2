/**
 * What purses and collections cost the provider, many at a time, as a share of the bare statements
 * on the same database in the same run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Micros } from '../../src/protocol/money.ts';
import type { Answer } from '../../src/provider/api/writes.ts';
import { collect } from '../../src/provider/collections/collections.ts';
import { type Context, openContext } from '../../src/provider/context.ts';
import { openDatabase } from '../../src/provider/database/database.ts';
import { issuePurse } from '../../src/provider/purses/purses.ts';
import { openAccount } from '../../src/provider/readers/accounts.ts';
import { registerSeller } from '../../src/provider/sellers/sellers.ts';
import { chargeOf } from '../support/account.ts';
import { newDatabase } from '../support/databases.ts';
import { makeKey, randomId, START_MS } from '../support/payer.ts';
import { startPostgres } from '../support/postgres.ts';
import { type BarePurse, bareCollection, bareIssue, bareReader, openBare } from './bare.ts';
import { type Timed, timeRounds } from './rounds.ts';

const AT_ONCE = 32;
const OPTIONS = { rounds: 15, calls: 3 };
const ISSUER = 'http://localhost:4270';
const PAYTO = 'news@localhost:4270';
const PLENTY = 10n ** 15n;
const KEY = await makeKey();
const SELLER = randomId(32);

/** How many a second, and which share of the bare statements that is. */
export interface LedgerTiming {
  readonly name: string;
  readonly perSecond: number;
  readonly barePerSecond: number;
  readonly share: number;
}

async function openBooks(place: string): Promise<Context> {
  const context = await openContext({
    database: await openDatabase(place, 'write'),
    issuer: ISSUER,
    name: 'Bench',
    clock: () => START_MS,
    random: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
    readOrigin: async () => ({ account: SELLER, paytos: [PAYTO], keys: [KEY.jwk] }),
    log: console.error,
    rules: { starterDayMicros: PLENTY as Micros, writeDayCount: 1_000_000 },
  });
  const origins = ['http://news.localhost:8080'];
  const body = { id: randomId(), handle: 'news', name: 'News', origins, keys: [KEY.jwk] };
  await registerSeller(context, { kid: SELLER, body });
  return context;
}

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

async function done(answers: readonly Promise<Answer>[]): Promise<void> {
  for (const { status, body } of await Promise.all(answers))
    if (status !== 200) throw new Error(`not done: ${body}`);
}

/** A new reader's wish for a purse. */
async function wish(context: Context) {
  const kid = randomId(32);
  await openAccount(context, { kid, body: { id: randomId() } });
  const id = randomId();
  return { kid, body: { id, payto: PAYTO, currency: 'USD', amount: '1000', key: KEY.jwk } };
}

const wishes = (context: Context) => Promise.all(many(AT_ONCE, () => wish(context)));

/** One group of each call after the other, made before the time begins. */
async function groups<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let index = 0; index < count; index++) made.push(await make());
  return made;
}

function issues(context: Context): Timed {
  return {
    name: 'purses',
    charges: AT_ONCE,
    prepare: async (count) =>
      (await groups(count, () => wishes(context))).map(
        (calls) => () => done(calls.map((call) => issuePurse(context, call))),
      ),
  };
}

function collections(context: Context): Timed {
  const filled = async () => {
    const calls = await wishes(context);
    await done(calls.map((call) => issuePurse(context, call)));
    return Promise.all(
      calls.map(async ({ body: { id } }) => {
        const purse = { id, payto: PAYTO, key: KEY };
        const charges = [await chargeOf(purse, { seq: 1, tot: 1000n })];
        return { kid: SELLER, body: { id: randomId(), payto: PAYTO, charges } };
      }),
    );
  };
  return {
    name: 'collections',
    charges: AT_ONCE,
    prepare: async (count) =>
      (await groups(count, filled)).map(
        (calls) => () => done(calls.map((call) => collect(context, call))),
      ),
  };
}

/** Numbers entries as the journal does, and gives each purse and each collection one of its own. */
function bareThings({ transact }: Awaited<ReturnType<typeof openBare>>): [Timed, Timed] {
  let number = 0;
  const wished: BarePurse[] = [];
  const issued: BarePurse[] = [];
  const next = (purses: BarePurse[]): BarePurse => {
    const purse = purses.pop();
    if (!purse) throw new TypeError('each is prepared');
    return purse;
  };
  const open = async () => {
    const wish = { purse: randomId(), account: randomId() };
    await transact(bareReader(wish));
    wished.push(wish);
  };
  const issue = async () => {
    number += 1;
    const purse = next(wished);
    await transact(bareIssue(number, purse));
    issued.push(purse);
  };
  const take = async () => {
    number += 1;
    await transact(bareCollection(number, next(issued)));
  };
  const fill = async () => {
    await open();
    await issue();
  };
  const repeat = (work: () => Promise<void>) => async () => {
    for (let index = 0; index < AT_ONCE; index++) await work();
  };
  const timed = (name: string, work: () => Promise<void>, before: () => Promise<void>): Timed => ({
    name,
    charges: AT_ONCE,
    prepare: async (count) => {
      for (let index = 0; index < count; index++) await before();
      return many(count, () => repeat(work));
    },
  });
  return [timed('bare purses', issue, repeat(open)), timed('bare', take, repeat(fill))];
}

async function timePlace(name: string, places: readonly [string, string]): Promise<LedgerTiming[]> {
  const context = await openBooks(places[0]);
  const bare = await openBare(places[1]);
  const [bareIssues, bareCollections] = bareThings(bare);
  const pairs = [
    [bareIssues, issues(context)],
    [bareCollections, collections(context)],
  ] as const;
  const timings: LedgerTiming[] = [];
  for (const pair of pairs) {
    const [least, ours] = await timeRounds(pair, OPTIONS);
    if (!least || !ours) throw new TypeError('both were timed');
    timings.push({
      name: `${ours.name}, ${AT_ONCE} at once (${name})`,
      perSecond: 1e6 / ours.medianUs,
      barePerSecond: 1e6 / least.medianUs,
      share: 1 / ours.ratio,
    });
  }
  await bare.close();
  await context.database.destroy();
  return timings;
}

/** For people. */
export function printLedger(timings: readonly LedgerTiming[]): void {
  console.log('\nWhat the provider does a second (bare statements with a commit each = 1)');
  for (const { name, perSecond, barePerSecond, share } of timings)
    console.log(
      `${share.toFixed(2).padStart(6)} × ${barePerSecond.toFixed(0).padStart(6)}/s  ` +
        `${name}: ${perSecond.toFixed(0)}/s`,
    );
}

/** Purses and collections on both databases. */
export async function timeLedger(): Promise<LedgerTiming[]> {
  const folder = mkdtempSync(join(tmpdir(), 'farthing-ledger-'));
  const inFolder = (name: string) => join(folder, `${name}.sqlite`);
  const files = await timePlace('SQLite', [inFolder('ours'), inFolder('bare')]);
  rmSync(folder, { recursive: true });
  const server = await startPostgres();
  const places = [await newDatabase(server.url), await newDatabase(server.url)] as const;
  const served = await timePlace('PostgreSQL', places);
  await server.stop();
  return [...files, ...served];
}
