import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Micros } from '../../../src/protocol/money.ts';
import { journalRows } from '../../../src/provider/ledger/journal.ts';
import { startProvider } from '../../../src/provider/main.ts';
import { makeAccount, openAccount, topUp } from '../../support/account.ts';
import { START_MS } from '../../support/payer.ts';
import { temporaryFolder } from '../../support/sandbox.ts';

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test('a provider serves under localhost, and keeps accounts over a restart', async () => {
  const dataDir = temporaryFolder();
  const options = { dataDir, port: 0, clock: () => START_MS };
  const first = await startProvider(options);
  const account = await makeAccount(first.issuer, fetch);
  const opened = await openAccount(account);
  expect(opened.status).toBe(200);
  await first.close();
  const second = await startProvider(options);
  onTestFinished(() => second.close());
  expect(second.issuer).toBe(first.issuer);
  const again = await account.call('GET', '/v1/account');
  expect(again.body.account).toBe(opened.body.account);
  expect((await topUp(account, 2_000_000n)).status).toBe(200);
  expect(await journalRows(second.databaseFile)).toEqual([
    {
      number: 1,
      kind: 'opening',
      at: START_MS / 1000,
      postings: [
        { account: 'provider expense:USD', amountMicros: -250_000n },
        { account: `reader starter:${opened.body.account}:USD`, amountMicros: 250_000n },
      ],
    },
    {
      number: 2,
      kind: 'topup',
      at: START_MS / 1000,
      postings: [
        { account: 'outside money:USD', amountMicros: -2_000_000n },
        { account: `reader available:${opened.body.account}:USD`, amountMicros: 2_000_000n },
      ],
    },
  ]);
});

test('a folder keeps its address: another port is refused, the right one named', async () => {
  const dataDir = temporaryFolder();
  const running = await startProvider({ dataDir, port: 0 });
  await running.close();
  const { port } = new URL(running.issuer);
  await expect(startProvider({ dataDir, port: Number(port) - 1 })).rejects.toMatchObject({
    code: 'option_invalid',
    detail: expect.stringContaining(`localhost:${port}`),
  });
});

test('a taken port is refused by its number; the folder is free to use another', async () => {
  const dataDir = temporaryFolder();
  const port = await takenPort();
  await expect(startProvider({ dataDir, port })).rejects.toMatchObject({
    code: 'port_taken',
    detail: expect.stringContaining(String(port)),
  });
  const running = await startProvider({ dataDir, port: 0 });
  await running.close();
});

test('a second service on one folder is told to stop the first, which goes on', async () => {
  const dataDir = temporaryFolder();
  const first = await startProvider({ dataDir, port: 0 });
  onTestFinished(() => first.close());
  await expect(startProvider({ dataDir, port: 0 })).rejects.toMatchObject({
    code: 'port_taken',
    detail: expect.stringContaining(`${first.issuer} is the address of these books`),
  });
  expect((await fetch(`${first.issuer}/.well-known/jwks.json`)).status).toBe(200);
});

test.for([
  ['real money', { mode: 'live' as const }],
  ['a port that is none', { port: 65_536 }],
  ['a fee above all', { feeRateBasisPoints: 10_001 }],
  ['credit below zero', { starterMicros: -1n as Micros }],
] as const)('%s is an invalid option', async ([, wrong]) => {
  const dataDir = temporaryFolder();
  const start = startProvider({ dataDir, port: 0, ...wrong });
  await expect(start).rejects.toMatchObject({ code: 'option_invalid' });
});

test('a folder that is a file, or holds a stranger’s books, is refused', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'books.sqlite');
  writeFileSync(file, 'Dear reader, '.repeat(500));
  await expect(startProvider({ dataDir: file, port: 0 })).rejects.toMatchObject({
    code: 'option_invalid',
  });
  await expect(startProvider({ dataDir: folder, port: 0 })).rejects.toMatchObject({
    code: 'database_foreign',
  });
});
