/**
 * A provider in a process of its own that kills itself at a named moment of one write, on the books
 * that a sandbox has left.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { CompiledQuery, DatabaseConnection } from 'kysely';
import { createApp } from '../../src/provider/app.ts';
import { openContext } from '../../src/provider/context.ts';
import { openDatabase } from '../../src/provider/database/database.ts';
import type { Return } from '../../src/provider/funding/funding.ts';
import { giveUp } from '../../src/provider/funding/giveup.ts';
import { settleFunding } from '../../src/provider/funding/settle.ts';
import { createStripe, type StripeOptions } from '../../src/provider/funding/stripe.ts';
import type { Bank } from '../../src/provider/payouts/bank.ts';
import { createFileBank } from '../../src/provider/payouts/files.ts';
import { payOut } from '../../src/provider/payouts/run.ts';
import { sweep } from '../../src/provider/purses/sweep.ts';
import { START_MS } from './payer.ts';
import { IBAN, PAID_AT_ONCE } from './payoutrules.ts';
import { SECRET_KEY, WEBHOOK_SECRET } from './stripe.ts';

/**
 * `asked`: the request is here; `before TABLE`, `after TABLE`: inside the transaction, where a row
 * of that table is written; `committed`: before the answer leaves; `answered`: after it. Of
 * payouts and of what goes back to cards: `booked`: before the bank or the card's side has it, or
 * is asked about it, `told`: when it has; `committed`: all is done.
 */
export type Moment =
  | 'asked'
  | `${'before' | 'after'} ${string}`
  | 'booked'
  | 'told'
  | 'committed'
  | 'answered';

export interface DoomOrder {
  readonly file: string;
  readonly issuer: string;
  /** The address whose write is the last thing that it does. */
  readonly path: string;
  readonly moment: Moment;
  /** What `/.well-known/farthing.json` of an origin says. */
  readonly origins?: Readonly<Record<string, unknown>>;
  /** In the place of a write: payouts, as files in this folder, at this time. */
  readonly payouts?: { readonly folder: string; readonly atMs: number };
  /** Cards by a stand-in for Stripe; with `settle`, what waits for it in the place of a write. */
  readonly cards?: Pick<StripeOptions, 'api'> & { readonly settle?: boolean };
  /** Or what is due for release at this time. */
  readonly sweepAtMs?: number;
  /** Or what an operator does: gives up the part of this name, ten minutes later. */
  readonly giveUp?: string;
}

const order = JSON.parse(process.argv[2] ?? '') as DoomOrder;
let isUnderWay = false;

function reach(moment: Moment): void {
  if (isUnderWay && moment === order.moment) process.kill(process.pid, 'SIGKILL');
}

function insertedInto({ query }: CompiledQuery): string | undefined {
  return query.kind === 'InsertQueryNode' ? query.into?.table.identifier.name : undefined;
}

/** Sees each statement before it runs, and after. */
function watched(connection: DatabaseConnection): DatabaseConnection {
  const executeQuery = async <R>(query: CompiledQuery) => {
    const table = insertedInto(query);
    reach(`before ${table}`);
    const result = await connection.executeQuery<R>(query);
    reach(`after ${table}`);
    return result;
  };
  return new Proxy(connection, {
    get(target, name) {
      if (name === 'executeQuery') return executeQuery;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

/** Whoever asks the books does it by a connection that is watched. */
async function watchedBooks(place: string) {
  const database = await openDatabase(place, 'write');
  const executor = database.getExecutor();
  const provide = executor.provideConnection.bind(executor);
  executor.provideConnection = (consumer) => provide((connection) => consumer(watched(connection)));
  return database;
}

/** Cards that are told between two moments. */
async function doomedCards(api: StripeOptions['api']) {
  const options = { issuer: order.issuer, name: 'Test money', clock: () => START_MS };
  const keys = { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET };
  const cards = await createStripe({ ...options, ...keys, ...(api && { api }) });
  const sendBack = cards.sendBack.bind(cards);
  const seek = cards.seek.bind(cards);
  return Object.assign(cards, {
    seek: async (it: Return) => {
      reach('booked');
      const sought = await seek(it);
      reach('told');
      return sought;
    },
    sendBack: async (it: Return) => {
      reach('booked');
      const returning = await sendBack(it);
      reach('told');
      return returning;
    },
  });
}

const { cards } = order;
const context = await openContext({
  database: await watchedBooks(order.file),
  issuer: order.issuer,
  name: 'Test money',
  clock: () => order.payouts?.atMs ?? order.sweepAtMs ?? START_MS,
  random: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
  readOrigin: async (origin) => {
    const said = order.origins?.[origin];
    if (said === undefined) throw new TypeError(`${origin} does not answer`);
    return said;
  },
  log: console.error,
  ...(cards && { funding: await doomedCards(cards.api) }),
});
const app = createApp(context);
const listener = getRequestListener(
  async (request) => {
    isUnderWay = new URL(request.url).pathname === order.path;
    reach('asked');
    const answer = await app.fetch(request);
    if (answer.ok) reach('committed');
    return answer;
  },
  { overrideGlobalObjects: false },
);
const server = createServer((request, response) => {
  response.once('finish', () => response.statusCode === 200 && reach('answered'));
  listener(request, response);
}).listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());

/** Files that are there before their payouts are marked. */
async function payOutDoomed(folder: string): Promise<void> {
  const bank = createFileBank(folder, { name: 'Test money', iban: IBAN });
  const handOver: Bank['handOver'] = async (run) => {
    reach('booked');
    await bank.handOver(run);
    reach('told');
  };
  isUnderWay = true;
  reach('asked');
  await payOut({
    ...context,
    rules: { ...context.rules, ...PAID_AT_ONCE },
    bank: { ...bank, handOver },
  });
  reach('committed');
}

if (order.payouts) await payOutDoomed(order.payouts.folder);

if (cards?.settle) {
  isUnderWay = true;
  reach('asked');
  await settleFunding(context);
  reach('committed');
}

if (order.giveUp !== undefined) {
  isUnderWay = true;
  reach('asked');
  await giveUp({ ...context, atSec: START_MS / 1000 + 600 }, order.giveUp, undefined);
  reach('committed');
}

if (order.sweepAtMs !== undefined) {
  isUnderWay = true;
  reach('asked');
  await sweep(context);
  reach('committed');
}
