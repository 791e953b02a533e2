/** New databases on a PostgreSQL of a test. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

/** One statement, or several, by whoever has the whole server. */
export async function order(server: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export function databaseAt(server: string, name: string): string {
  return Object.assign(new URL(server), { pathname: name }).href;
}

/** A new database on a server, with nothing in it unless `how` says so. */
export async function newDatabase(server: string, how = ''): Promise<string> {
  const name = `books_${randomUUID().replaceAll('-', '')}`;
  await order(server, `create database ${name} ${how}`);
  return databaseAt(server, name);
}
