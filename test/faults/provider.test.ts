/**
 * The provider is killed at any moment, as a real process: nothing is lost, nothing is done twice.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import { isPostgresAddress } from '../../src/provider/database/postgres.ts';
import {
  askForPurse,
  chargeOf,
  collect,
  makeAccount,
  openAccount,
  type Reply,
  raisePurse,
  type TestAccount,
  topUp,
} from '../support/account.ts';
import { booksOf } from '../support/books.ts';
import { makeKey, randomId } from '../support/payer.ts';
import { temporaryFolder } from '../support/sandbox.ts';

const COMMAND = resolve(import.meta.dirname, '../../src/cli/main.ts');
const KILL_COUNT = 6;
const READER_COUNT = 4;

interface Running {
  readonly child: ChildProcess;
  readonly issuer: string;
}

/** Starts the command on books in a file or in a database; `options` are Node's. */
function spawnOn(place: string, options: readonly string[] = []): ChildProcess {
  const books = isPostgresAddress(place) ? ['--database', place] : ['--data', dirname(place)];
  const child = spawn(process.execPath, [...options, COMMAND, 'provider', ...books], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

function linesOf({ stdout }: ChildProcess) {
  if (!stdout) throw new TypeError('its output is a pipe');
  return createInterface({ input: stdout });
}

async function start(place: string): Promise<Running> {
  const child = spawnOn(place);
  for await (const line of linesOf(child)) {
    const [issuer] = /http:\/\/localhost:\d+/.exec(line) ?? [];
    if (issuer) return { child, issuer };
  }
  throw new Error('the provider ended before it served');
}

async function kill({ child }: Running): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** An origin that serves what a seller's server would. */
async function serveOrigin(payto: string, seller: TestAccount): Promise<string> {
  const proof = JSON.stringify({
    account: seller.device.kid,
    paytos: [payto],
    keys: [seller.device.jwk],
  });
  const server = createServer((_, response) => response.end(proof)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://news.localhost:${(server.address() as AddressInfo).port}`;
}

async function registerSeller(issuer: string) {
  const account = await makeAccount(issuer, fetch);
  const payto = `news@${new URL(issuer).host}`;
  const origins = [await serveOrigin(payto, account)];
  const keys = [account.device.jwk];
  const body = { id: randomId(), handle: 'news', name: 'News', origins, keys };
  expect((await account.call('POST', '/v1/sellers', body)).status).toBe(200);
  return { account, payto };
}

/** A write with its own id, and the answer that it got, if it got one. */
interface Write {
  readonly send: () => Promise<Reply>;
  reply: Reply | undefined;
}

/** Everything that one reader does in a life, each step after the one before. */
async function plan(seller: { account: TestAccount; payto: string }): Promise<Write[]> {
  const reader = await makeAccount(seller.account.issuer, fetch);
  const { payto } = seller;
  const wish = { payto, amountMicros: 50_000n, id: randomId(), key: await makeKey() };
  const purse = { ...wish, purse: wish.id };
  const charges = [await chargeOf(purse, { seq: 1, tot: 30_000n })];
  const ids = Array.from({ length: 4 }, () => randomId());
  const sends = [
    () => openAccount(reader, ids[0]),
    () => topUp(reader, 1_000_000n, ids[1]),
    async () => (await askForPurse(reader, wish)).reply,
    () => raisePurse(reader, { purse: wish.id, amountMicros: 80_000n, id: ids[2] ?? '' }),
    () => collect(seller.account, { payto, charges, id: ids[3] ?? '' }),
  ];
  return sends.map((send) => ({ send, reply: undefined }));
}

/** Sends one reader's writes in turn; ends where the provider dies. */
async function live(writes: readonly Write[], answered: () => void): Promise<void> {
  for (const write of writes) {
    if (write.reply) continue;
    try {
      write.reply = await write.send();
    } catch (error) {
      if (error instanceof TypeError) return; // fetch failed: the provider is dead
      throw error;
    }
    answered();
  }
}

/**
 * All readers at once, until the n-th answer; then the provider is killed in the middle of the
 * rest.
 */
async function liveUntilKilled(lives: Write[][], running: Running, count: number): Promise<void> {
  let left = count;
  let killed: Promise<void> | undefined;
  const answered = () => {
    left -= 1;
    if (left === 0) killed = kill(running);
  };
  await Promise.all(lives.map((writes) => live(writes, answered)));
  await (killed ?? kill(running));
}

test('killed at any moment: every write ends once, and an answer stays what it was', async () => {
  const file = await booksOf(temporaryFolder());
  let running = await start(file);
  const seller = await registerSeller(running.issuer);
  const all: Write[] = [];
  const moments: number[] = [];
  for (let round = 0; round < KILL_COUNT; round++) {
    const lives = await Promise.all(Array.from({ length: READER_COUNT }, () => plan(seller)));
    const count = 1 + Math.floor(Math.random() * lives.flat().length);
    moments.push(count);
    await liveUntilKilled(lives, running, count);
    expect((await auditDatabase(file)).findings, `killed after ${moments}`).toEqual([]);
    running = await start(file);
    for (const write of lives.flat()) {
      const again = await write.send();
      expect([again.status, write.reply?.text ?? again.text]).toEqual([200, again.text]);
    }
    all.push(...lives.flat());
  }
  expect(all).toHaveLength(KILL_COUNT * READER_COUNT * 5);
  const { findings, accounts } = await auditDatabase(file);
  expect(findings, `killed after ${moments}`).toEqual([]);
  const readerCount = BigInt(KILL_COUNT * READER_COUNT);
  expect(
    Object.fromEntries(accounts.map(({ name, balanceMicros }) => [name, balanceMicros])),
  ).toMatchObject({
    'outside money:USD': readerCount * 1_000_000n,
    'provider expense:USD': readerCount * 250_000n,
    'seller earned starter:news:USD': (readerCount * 30_000n * 975n) / 1000n,
  });
}, 60_000);

test('told to stop, it ends what is under way and leaves with 0', async () => {
  const running = await start(await booksOf(temporaryFolder()));
  const account = await makeAccount(running.issuer, fetch);
  expect((await openAccount(account)).status).toBe(200);
  const exit = once(running.child, 'exit');
  running.child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
}, 20_000);

/** Sends itself the signal inside the call that says so, before anything else runs. */
const STOPS_ITSELF = `data:text/javascript,${encodeURIComponent(`
  const { log } = console;
  console.log = (line) => {
    log(line);
    if (line.includes('Ctrl-C stops')) process.kill(process.pid, 'SIGTERM');
  };`)}`;

test('told to stop as soon as it says how, it leaves with 0 all the same', async () => {
  const child = spawnOn(await booksOf(temporaryFolder()), ['--import', STOPS_ITSELF]);
  expect(await once(child, 'exit')).toEqual([0, null]);
}, 20_000);
