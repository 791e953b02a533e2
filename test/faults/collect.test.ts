/** `farthing collect` is killed at any moment: nothing is lost, and nothing doubled. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { getRequestListener } from '@hono/node-server';
import { expect, it, onTestFinished } from 'vitest';
import type { Micros } from '../../src/protocol/money.ts';
import { createApp } from '../../src/provider/app.ts';
import { auditDatabase } from '../../src/provider/audit.ts';
import { openContext } from '../../src/provider/context.ts';
import { openDatabase } from '../../src/provider/database/database.ts';
import { NOTHING_ACCEPTED, type PurseRow, putPurse } from '../../src/seller/charges/purses.ts';
import { createSeller } from '../../src/seller/index.ts';
import { makeSecret } from '../../src/seller/secret.ts';
import { sqliteStore } from '../../src/seller/stores/sqlite.ts';
import { askForPurse, chargeOf, makeAccount, openAccount } from '../support/account.ts';
import { temporaryFolder } from '../support/sandbox.ts';
import { freePort } from '../support/server.ts';

const COMMAND = resolve(import.meta.dirname, '../../src/cli/main.ts');
const TOTAL = 20_000n as Micros;

/** Where a request for a collection is when the process that sent it dies. */
type Moment = 'asked' | 'proven' | 'booked' | 'answered';

/** A provider that stops at each moment of a collection. */
async function startProvider(stopAt: (moment: Moment) => Promise<void>) {
  const folder = temporaryFolder();
  const file = join(folder, 'books.sqlite');
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const database = await openDatabase(file, 'write');
  const origins = new Map<string, unknown>();
  const context = await openContext({
    database,
    issuer,
    name: 'Test money',
    rules: {},
    clock: Date.now,
    random: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
    readOrigin: async (origin) => origins.get(origin),
    log: () => {},
  });
  const app = createApp(context);
  let requests = 0;
  const listener = getRequestListener(
    async (request) => {
      if (!request.url.endsWith('/v1/collections')) return app.fetch(request);
      requests += 1;
      // The first one learns the nonce.
      await stopAt(requests === 1 ? 'asked' : 'proven');
      const answer = await app.fetch(request);
      if (answer.ok) await stopAt('booked');
      return answer;
    },
    { overrideGlobalObjects: false },
  );
  const server = createServer((request, response) => {
    if (request.url === '/v1/collections')
      response.once('finish', () => response.statusCode === 200 && stopAt('answered'));
    listener(request, response);
  }).listen(port, 'localhost');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await database.destroy();
  });
  return { issuer, file, origins };
}

async function startShop(issuer: string, origins: Map<string, unknown>, handle = 'daily') {
  const file = join(temporaryFolder(), 'seller.db');
  const payto = `${handle}@${new URL(issuer).host}`;
  const secret = await makeSecret();
  const store = sqliteStore(file);
  onTestFinished(() => store.close());
  const seller = createSeller({ payto, secret, store, allowInsecureLoopback: true });
  const origin = `http://${handle}.localhost:8080`;
  origins.set(origin, await (await seller.proof()).json());
  await seller.register({ name: 'The Daily', origins: [origin] });
  return { file, payto, secret, store };
}

async function sellTo(issuer: string, shop: Awaited<ReturnType<typeof startShop>>) {
  const reader = await makeAccount(issuer, fetch);
  await openAccount(reader);
  const purse = await askForPurse(reader, { payto: shop.payto, amountMicros: 50_000n });
  const row: PurseRow = {
    ...NOTHING_ACCEPTED,
    purse: purse.id,
    rev: 1,
    certificate: String(purse.reply.body.certificate),
    seq: 1,
    tot: TOTAL,
    charge: await chargeOf(purse, { seq: 1, tot: TOTAL }),
    receipt: 'not.looked.at',
  };
  expect(await putPurse(shop.store, row)).toBe(true);
}

function startCollect({ file, payto, secret }: Record<'file' | 'payto' | 'secret', string>) {
  const args = ['collect', '--payto', payto, '--store', file, '--allow-insecure-loopback'];
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: { ...process.env, FEE_SECRET: secret },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const heard = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = once(child, 'exit').then(async ([code]) => {
    const [said, complained] = await heard;
    return { code, said, complained };
  });
  return { child, ended };
}

it.each<Moment>(['asked', 'proven', 'booked', 'answered'])(
  'killed when its request was %s: the next one ends with the same books',
  async (moment) => {
    let victim: ChildProcess | undefined;
    const { issuer, file, origins } = await startProvider(async (now) => {
      if (now !== moment || !victim) return;
      const exit = once(victim, 'exit');
      victim.kill('SIGKILL');
      await exit;
      victim = undefined;
    });
    const shop = await startShop(issuer, origins);
    for (let count = 0; count < 3; count++) await sellTo(issuer, shop);
    const first = startCollect(shop);
    victim = first.child;
    expect((await first.ended).code).toBeNull();
    const second = await startCollect(shop).ended;
    expect(second.code).toBe(0);
    expect(second.said).toMatch(/^Handed in [0-3]: /);
    expect(await startCollect(shop).ended).toMatchObject({
      code: 0,
      said: 'Handed in 0: nothing new collected.\n',
    });
    expect(await shop.store.due({ limit: 10 })).toEqual([]);
    const { holds, accounts } = await auditDatabase(file);
    expect(holds).toBe(true);
    const earned = accounts.filter(({ name }) => /^(seller earned|provider fees)/.test(name));
    expect(earned.reduce((sum, { balanceMicros }) => sum + balanceMicros, 0n)).toBe(3n * TOTAL);
  },
  30_000,
);

it('a wallet service that does not answer: exit 1, and the next one hands in', async () => {
  let isUp = false;
  const { issuer, origins } = await startProvider(async () => {
    if (!isUp) throw new Error('down');
  });
  const shop = await startShop(issuer, origins);
  await sellTo(issuer, shop);
  const failed = await startCollect(shop).ended;
  expect(failed).toMatchObject({ code: 1, said: '' });
  expect(failed.complained).toContain('[provider_unreachable]');
  isUp = true;
  const said = 'Handed in 1: 2¢ collected.\n';
  expect(await startCollect(shop).ended).toEqual({ code: 0, said, complained: '' });
}, 30_000);

it('what a store has for another payto is named', async () => {
  const { issuer, origins } = await startProvider(async () => {});
  const daily = await startShop(issuer, origins);
  const weekly = await startShop(issuer, origins, 'weekly');
  await sellTo(issuer, daily);
  const { code, said, complained } = await startCollect({ ...weekly, file: daily.file }).ended;
  expect([code, said]).toEqual([0, 'Handed in 0: nothing new collected.\n']);
  expect(complained).toContain(`what this store has for ${daily.payto}`);
}, 30_000);

it('a file that is not there is misuse, and is not made', async () => {
  const file = join(temporaryFolder(), 'typo.db');
  const shop = { file, payto: 'daily@localhost', secret: await makeSecret() };
  const { code, complained } = await startCollect(shop).ended;
  expect(code).toBe(2);
  expect(complained).toContain('[option_invalid]');
  expect(existsSync(file)).toBe(false);
});
