/**
 * The provider is killed inside each write of its API, and between its end and the answer, as a
 * real process: in the end the books are those of a day on which nothing was killed.
 */
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { type Receipt, signReceipt } from '../../src/protocol/receipt.ts';
import { signUndo } from '../../src/protocol/undo.ts';
import { CALLS } from '../../src/provider/api/calls.ts';
import { auditDatabase } from '../../src/provider/audit.ts';
import type { Database } from '../../src/provider/database/database.ts';
import {
  askForPurse,
  chargeOf,
  finalOf,
  makeAccount,
  openAccount,
  type Reply,
  type Send,
  type TestAccount,
  topUp,
} from '../support/account.ts';
import { addChunk, addDevice, revoke, SEALED } from '../support/devices.ts';
import { startDoomed } from '../support/doomed.ts';
import type { Moment } from '../support/doomed-provider.ts';
import { makeKey, randomId, START_MS } from '../support/payer.ts';
import { ISSUER, openSandbox, registerSeller, temporaryFolder } from '../support/sandbox.ts';
import { IBAN } from '../support/till.ts';

/** These are killed at more moments, and looked at more closely. */
const ELSEWHERE = ['/v1/purses/{purse}/close', '/v1/refunds', '/v1/withdrawals'];

/** How each process that runs is known, and the proofs that it was shown: they are no write's. */
const NOT_COUNTED = ['run', 'used_proof'];

/** A shop, and a reader with a dollar, a purse there and two more devices, of which one is lost. */
async function openScene() {
  const folder = temporaryFolder();
  const sandbox = await openSandbox(folder);
  let door: Send = sandbox.send;
  const send: Send = (url, init) => door(url, init);
  const newAccount = () => makeAccount(ISSUER, send);
  const through = { ...sandbox, send };
  const seller = await newAccount();
  const { payto } = await registerSeller(sandbox, seller, 'news');
  const reader = await newAccount();
  await openAccount(reader);
  await topUp(reader, 1_000_000n);
  const { device: other } = await addDevice(through, reader);
  const { device: lost } = await addDevice(through, reader);
  const amountMicros = 100_000n;
  const purse = await askForPurse(reader, { payto, amountMicros });
  const lostPurse = await askForPurse(lost, { payto, amountMicros });
  await revoke(reader, lost);
  await addChunk(other, { place: 1 });
  const guest = await newAccount();
  await openAccount(guest);
  const { file, origins } = sandbox;
  return {
    ...{ newAccount, seller, reader, other, guest, payto, purse, lostPurse, file, origins },
    countRows: () => countRows(sandbox.context.database),
    end: () => sandbox.close(),
    /** Somebody else has the books from here on. */
    goTo: (next: Send) => {
      door = next;
    },
    restart: async () => {
      const { context, send, close } = await openSandbox(folder);
      onTestFinished(close);
      door = send;
      return context.database;
    },
  };
}
type Scene = Awaited<ReturnType<typeof openScene>>;

async function countRows(database: Database): Promise<Record<string, number>> {
  const tables = (await database.introspection.getTables()).map(({ name }) => name);
  const counts: Record<string, number> = {};
  for (const name of tables.toSorted()) {
    if (NOT_COUNTED.includes(name)) continue;
    const { rows } = await sql<{
      count: bigint;
    }>`select count(*) as count from ${sql.table(name)}`.execute(database);
    counts[name] = Number(rows[0]?.count);
  }
  return counts;
}

/** What is asked by whom, without the id. */
interface Asked {
  readonly by: TestAccount;
  readonly body: object;
  /** What stands in the place of `{…}` in the path. */
  readonly named?: string;
}

/** The charge of a purse and what goes with it. */
async function boughtIn({ seller, purse }: Scene) {
  const bnd = randomId(32);
  const charge = await chargeOf(purse, { seq: 1, tot: 20_000n, bnd });
  const atSec = START_MS / 1000;
  const times = { at: atSec, until: atSec + 86_400, undo: atSec + 600 };
  const claims = { pur: purse.id, seq: 1, tot: 20_000n, bnd, amt: 20_000n, ...times };
  const receipt = await signReceipt(claims as Receipt, seller.device);
  const undo = await signUndo({ aud: purse.payto, pur: purse.id, seq: 1, bnd }, purse.key.key);
  return { charge, receipt, undo };
}

/** In the order in which they come. */
const WRITES: Record<string, (scene: Scene) => Asked | Promise<Asked>> = {
  '/v1/accounts': async ({ newAccount }) => ({ by: await newAccount(), body: {} }),
  '/v1/account/close': ({ guest }) => ({ by: guest, body: {} }),
  '/v1/topups': ({ reader }) => ({ by: reader, body: { amount: '1000000', currency: 'USD' } }),
  '/v1/purses': async ({ reader, payto }) => {
    const { jwk: key } = await makeKey();
    return { by: reader, body: { payto, currency: 'USD', amount: '50000', key } };
  },
  '/v1/purses/{purse}/raise': ({ reader, purse }) => ({
    ...{ by: reader, named: purse.id, body: { amount: '200000' } },
  }),
  '/v1/undos': async (scene) => {
    const { receipt, undo } = await boughtIn(scene);
    return { by: scene.reader, body: { payto: scene.payto, receipt, undo } };
  },
  '/v1/devices': async ({ reader }) => {
    const { jwk: key } = await makeKey();
    return { by: reader, body: { key, name: 'Laptop' } };
  },
  '/v1/devices/{kid}/name': ({ reader, other }) => ({
    ...{ by: reader, named: other.device.kid, body: { name: 'Tablet' } },
  }),
  '/v1/recovery': async ({ reader }) => {
    const { kid } = await makeKey();
    return { by: reader, body: { kind: 'words', kid, sealed: SEALED } };
  },
  '/v1/history': ({ other }) => ({ by: other, body: { place: 2, chunk: 'Zg' } }),
  '/v1/history/erase': ({ other }) => ({ by: other, body: {} }),
  '/v1/devices/{kid}/revoke': ({ reader, other }) => ({
    ...{ by: reader, named: other.device.kid, body: {} },
  }),
  '/v1/sellers': ({ seller, origins }) => ({
    by: seller,
    body: {
      ...{ handle: 'news', name: 'The new name', origins: [...origins.keys()] },
      keys: [seller.device.jwk],
    },
  }),
  '/v1/sellers/{handle}/bank': ({ seller }) => ({
    ...{ by: seller, named: 'news', body: { name: 'The Daily GmbH', iban: IBAN } },
  }),
  '/v1/collections': async (scene) => {
    const { charge } = await boughtIn(scene);
    return { by: scene.seller, body: { payto: scene.payto, charges: [charge] } };
  },
  '/v1/closings': async ({ seller, payto, lostPurse }) => {
    const end = { seq: 1, tot: 20_000n };
    const final = await finalOf(seller, lostPurse, end);
    const charge = await chargeOf(lostPurse, end);
    return { by: seller, body: { payto, closings: [{ final, charge }] } };
  },
};

test('there is no write that nobody kills', () => {
  const written = CALLS.filter(({ method }) => method === 'POST').map(({ path }) => path);
  expect([...Object.keys(WRITES), ...ELSEWHERE].toSorted()).toEqual(written.toSorted());
});

interface Write {
  readonly path: string;
  readonly send: () => Promise<Reply>;
}

async function plan(scene: Scene, path: string): Promise<Write> {
  const { by, body, named = '' } = (await WRITES[path]?.(scene)) ?? {};
  if (!by) throw new Error(path);
  const at = path.replace(/\{\w+\}/, named);
  const id = randomId();
  return { path: at, send: () => by.call('POST', at, { id, ...body }) };
}

/** It is answered, and answered the same again. */
async function ends({ path, send }: Write): Promise<void> {
  const reply = await send();
  expect([reply.status, reply.text], path).toEqual([200, (await send()).text]);
}

const PATHS = Object.keys(WRITES);

/** How many rows there are where nothing is killed. */
async function liveThrough(): Promise<Record<string, number>> {
  const scene = await openScene();
  for (const path of PATHS) await ends(await plan(scene, path));
  const counts = await scene.countRows();
  await scene.end();
  return counts;
}

const MOMENTS: readonly Moment[] = ['after answered_write', 'committed'];

test.for(MOMENTS)(
  'killed %s, in each write: it happens once, and the retry ends it',
  async (moment) => {
    const scene = await openScene();
    await scene.end();
    const { file } = scene;
    const origins = Object.fromEntries(scene.origins);
    let last: Write | undefined;
    for (const path of PATHS) {
      const write = await plan(scene, path);
      const { send, ended } = await startDoomed({ file, path: write.path, moment, origins });
      scene.goTo(send);
      // The process that dies of this write is the one that ends the write before.
      if (last) await ends(last);
      expect(await write.send().catch(() => undefined), path).toBeUndefined();
      expect(await ended, path).toEqual([null, 'SIGKILL']);
      expect((await auditDatabase(file)).findings, path).toEqual([]);
      last = write;
    }
    const database = await scene.restart();
    if (last) await ends(last);
    expect(await countRows(database)).toEqual(await liveThrough());
    expect((await auditDatabase(file)).findings).toEqual([]);
  },
);
