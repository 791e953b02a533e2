/**
 * Where the provider's books of a test are: in a file; or, in the project `postgres`, in a database
 * of their own on the one server that runs meanwhile.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/provider/database/database.ts';
import { isPostgresAddress } from '../../src/provider/database/postgres.ts';
import { databaseAt, newDatabase, order } from './databases.ts';
import { startPostgres } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server's address, in the project that has one. */
    readonly postgres: string;
  }
}

/** Books with nothing in them: a copy is there sooner than new ones. */
const TEMPLATE = 'empty_books';

/** Makes what new books are copies of. */
async function makeTemplate(server: string): Promise<void> {
  await order(server, `create database ${TEMPLATE}`);
  await (await openDatabase(databaseAt(server, TEMPLATE), 'write')).destroy();
}

/** Vitest calls this once for the project. These tests end processes, and never the machine. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres(['fsync=off', 'max_connections=300']);
  await makeTemplate(server.url);
  project.provide('postgres', server.url);
  return () => server.stop();
}

const places = new Map<string, string>();

/** A place for books: a file in `folder`, or its one database, which goes with the server. */
export async function booksOf(folder: string): Promise<string> {
  const server = inject('postgres');
  if (!server) return join(folder, 'books.sqlite');
  const known = places.get(folder);
  if (known !== undefined) return known;
  const place = await newDatabase(server, `template ${TEMPLATE} strategy file_copy`);
  places.set(folder, place);
  return place;
}

/** Changes books in PostgreSQL as nobody may who has not got the whole server. */
async function tamperServer(place: string, statement: string): Promise<void> {
  await order(
    place,
    `do $$ declare it record; begin
      for it in select conname as name, conrelid::regclass as owner from pg_constraint
        where contype = 'c' and connamespace = 'public'::regnamespace
      loop execute format('alter table %s drop constraint %I', it.owner, it.name); end loop;
    end $$;
    drop trigger ledger_transaction_update on ledger_transaction;
    drop trigger ledger_transaction_delete on ledger_transaction;
    drop trigger posting_update on posting; drop trigger posting_delete on posting;
    set session_replication_role = replica; ${statement}`,
  );
}

/** Changes books behind everybody's back. */
export async function tamper(place: string, statement: string): Promise<void> {
  if (isPostgresAddress(place)) return tamperServer(place, statement);
  const raw = new DatabaseSync(place, { enableForeignKeyConstraints: false });
  raw.exec(`pragma ignore_check_constraints = on;
drop trigger if exists ledger_transaction_update; drop trigger if exists ledger_transaction_delete;
drop trigger if exists posting_update; drop trigger if exists posting_delete; ${statement}`);
  raw.close();
}
