/** A process dies while it brings older books up to date: nobody has to mend anything. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, inject, test } from 'vitest';
import { openDatabase } from '../../src/provider/database/database.ts';
import { MIGRATIONS } from '../../src/provider/database/migrations.ts';
import { newDatabase, order } from '../support/databases.ts';
import { temporaryFolder } from '../support/sandbox.ts';

const SCRIPT = new URL('../support/doomed-migration.ts', import.meta.url);
/** So many steps are missing in the older books. */
const STEP_COUNT = 2;
const OLD_SHAPE = MIGRATIONS.length - STEP_COUNT;

const server = inject('postgres');
/** What is said in a step: its beginning, itself, its mark and its end; and whose turn it is. */
const STATEMENT_COUNT = server ? 6 : 4;

/** Brings books up to date, until the `count`th statement after `OLD_SHAPE`. */
async function update(place: string, count: number): Promise<unknown> {
  const child = fork(SCRIPT, [place, `${OLD_SHAPE}`, `${count}`]);
  const [status, signal] = await once(child, 'exit');
  return signal ?? status;
}

function newPlace(): Promise<string> | string {
  return server ? newDatabase(server) : join(temporaryFolder(), 'books.sqlite');
}

async function copy(place: string): Promise<string> {
  if (server) return newDatabase(server, `template ${new URL(place).pathname.slice(1)}`);
  const copied = await newPlace();
  copyFileSync(place, copied);
  return copied;
}

const PAYMENT = `insert into account (id, opened_at_sec) values ('a', 1);
insert into topup (account, id, digest, amount_micros, currency, method, state, begun_at_sec,
  asked_at_sec) values ('a', 't', 'd', 7, 'USD', 'sandbox card', 'begun', 5, 5)`;

/** Books of some versions ago, with a payment in them: nobody got further. */
async function makeOldBooks(): Promise<string> {
  const place = await newPlace();
  expect(await update(place, 1)).toBe('SIGKILL');
  if (server) {
    await order(place, PAYMENT);
    return place;
  }
  const raw = new DatabaseSync(place);
  raw.exec(PAYMENT);
  raw.close();
  return place;
}

test('older books whose update is killed at any of its statements are whole', async () => {
  const old = await makeOldBooks();
  let deaths = 0;
  for (let count = 1, isDead = true; isDead; count++) {
    const place = await copy(old);
    const end = await update(place, count);
    isDead = end === 'SIGKILL';
    if (isDead) deaths += 1;
    else expect(end).toBe(0);
    const database = await openDatabase(place, 'write');
    const rows = await database.selectFrom('topup').select(['id', 'withdrawn_micros']).execute();
    expect(rows).toEqual([{ id: 't', withdrawn_micros: 0n }]);
    await database.destroy();
  }
  expect(deaths).toBe(STATEMENT_COUNT * STEP_COUNT);
}, 60_000);
