import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { provider } from '../../../src/cli/provider.ts';
import { readProviderRecord } from '../../../src/protocol/documents.ts';
import type { Micros } from '../../../src/protocol/money.ts';
import { openDatabase } from '../../../src/provider/database/database.ts';
import { journalRows } from '../../../src/provider/ledger/journal.ts';
import { DATABASE_NAME, startProvider } from '../../../src/provider/main.ts';
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

test('its record names a page to begin at, as soon as there is one', async () => {
  let page: string | undefined;
  const running = await startProvider({
    ...{ dataDir: temporaryFolder(), port: 0, firstPage: () => page },
  });
  onTestFinished(() => running.close());
  const first = async () => {
    const answer = await fetch(`${running.issuer}/.well-known/farthing-provider.json`);
    return readProviderRecord((await answer.json()).record).claims.first;
  };
  expect(await first()).toBeUndefined();
  page = 'http://news.localhost:4020/articles/tides';
  expect(await first()).toBe(page);
});

test('the command takes only a page that wallets would take', async () => {
  const args = ['--data', temporaryFolder(), '--first-page', 'http://news.example/'];
  await expect(provider(args)).rejects.toMatchObject({ code: 'option_invalid' });
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
  ['a port that is none', { port: 65_536 }],
  ['a fee above all', { feeRateBasisPoints: 10_001 }],
  ['credit below zero', { starterMicros: -1n as Micros }],
] as const)('%s is an invalid option', async ([, wrong]) => {
  const dataDir = temporaryFolder();
  const start = startProvider({ dataDir, port: 0, ...wrong });
  await expect(start).rejects.toMatchObject({ code: 'option_invalid' });
});

const IBAN = 'DE89370400440532013000';

test.for([
  ['real money', { mode: 'live' as const }],
  ['an account that is none', { payouts: { folder: '.', iban: 'DE00' } }],
  ['a file for payouts', { payouts: { folder: import.meta.filename, iban: IBAN } }],
  ['live keys', { stripe: { secretKey: 'sk_live_1', webhookSecret: 'whsec_1' } }],
  ['a handle that is none', { ownShops: ['news', 'my music'] }],
  ['a name that wallets refuse', { name: '' }],
] as const)('%s is refused before there are books', async ([, wrong]) => {
  const dataDir = join(temporaryFolder(), 'new');
  const start = startProvider({ dataDir, port: 0, ...wrong });
  await expect(start).rejects.toMatchObject({ code: 'option_invalid' });
  expect(existsSync(dataDir)).toBe(false);
});

test('new books are not made for a port that is taken', async () => {
  const dataDir = join(temporaryFolder(), 'new');
  const start = startProvider({ dataDir, port: await takenPort() });
  await expect(start).rejects.toMatchObject({ code: 'port_taken' });
  expect(existsSync(dataDir)).toBe(false);
});

test('books keep the address that they were begun with, whatever the port', async () => {
  const dataDir = temporaryFolder();
  const address = 'https://pay.example';
  const first = await startProvider({ dataDir, port: 0, address });
  await first.close();
  const { port } = first;
  const running = await startProvider({ dataDir, port });
  await running.close();
  expect(running).toMatchObject({ issuer: address, port });
  const other = startProvider({ dataDir, port, address: 'https://other.example' });
  await expect(other).rejects.toMatchObject({
    code: 'option_invalid',
    detail: expect.stringContaining(address),
  });
});

test('a start that is refused gives the books no address', async () => {
  const dataDir = temporaryFolder();
  await (await openDatabase(join(dataDir, DATABASE_NAME), 'write')).destroy();
  const wrong = { dataDir, address: 'https://typo.example' };
  await expect(startProvider({ ...wrong, port: await takenPort() })).rejects.toMatchObject({
    code: 'port_taken',
  });
  const running = await startProvider({ dataDir, port: 0, address: 'https://pay.example' });
  await running.close();
});

test('what cannot be opened as a file is named', async () => {
  const dataDir = temporaryFolder();
  const file = join(dataDir, DATABASE_NAME);
  mkdirSync(file);
  const said = { code: 'option_invalid', detail: expect.stringContaining(file) };
  await expect(startProvider({ dataDir, port: 0 })).rejects.toMatchObject(said);
  await expect(openDatabase(file, 'read')).rejects.toMatchObject(said);
});

test('a database is no folder', async () => {
  const start = startProvider({ dataDir: 'postgres://farthing@localhost/farthing', port: 0 });
  await expect(start).rejects.toMatchObject({ detail: expect.stringContaining('--database') });
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
