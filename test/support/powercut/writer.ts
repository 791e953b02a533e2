/**
 * A wallet service that is asked for much at once, in a process whose writes are noted: it says in
 * a file beside its books what it has answered, each line after the answer.
 */
import { appendFileSync } from 'node:fs';
import { sql } from 'kysely';
import { createApp } from '../../../src/provider/app.ts';
import { openContext } from '../../../src/provider/context.ts';
import { openDatabase } from '../../../src/provider/database/database.ts';
import {
  askForPurse,
  chargeOf,
  collect,
  makeAccount,
  openAccount,
  type Reply,
  topUp,
} from '../account.ts';
import { randomId, START_MS } from '../payer.ts';
import type { Answered, PowercutOrder } from './powercut.ts';

const order = JSON.parse(process.argv[2] ?? '') as PowercutOrder;
const database = await openDatabase(order.file, 'write');
// What the test must find out: books that are not made sure to be on the disk.
if (order.isCareless) await sql`pragma synchronous = normal`.execute(database);
const origins = ['http://news.localhost:8080'];
const seller = await makeAccount(order.issuer, (url, init) => send(url, init));
const context = await openContext({
  database,
  issuer: order.issuer,
  name: 'Test money',
  clock: () => START_MS,
  random: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
  readOrigin: async () => ({
    account: seller.device.kid,
    paytos: [order.payto],
    keys: [seller.device.jwk],
  }),
  log: console.error,
});
const app = createApp(context);

async function send(url: string, init: RequestInit): Promise<Response> {
  return app.request(url, init);
}

/** The id of a write, and what it was answered: from here on it must not be lost. */
async function tell(id: string, asked: Promise<Reply>): Promise<void> {
  const { status, text } = await asked;
  if (status !== 200) throw new Error(`${status} ${text}`);
  appendFileSync(order.answers, `${JSON.stringify({ id, text } satisfies Answered)}\n`);
}

async function buy(): Promise<void> {
  const reader = await makeAccount(order.issuer, send);
  const opening = randomId();
  await tell(opening, openAccount(reader, opening));
  const money = randomId();
  await tell(money, topUp(reader, 2_000_000n, money));
  const purse = await askForPurse(reader, { payto: order.payto, amountMicros: 100_000n });
  await tell(purse.id, Promise.resolve(purse.reply));
  const charges = [await chargeOf(purse, { seq: 1, tot: 20_000n })];
  const collection = randomId();
  await tell(collection, collect(seller, { payto: order.payto, charges, id: collection }));
}

const keys = [seller.device.jwk];
const registration = { id: randomId(), handle: 'news', name: 'News', origins, keys };
await tell(registration.id, seller.call('POST', '/v1/sellers', registration));
for (let turn = 0; turn < order.turns; turn++) await Promise.all([buy(), buy(), buy(), buy()]);
