/**
 * Reads a long answer of PostgreSQL piece by piece, by SQL's own cursors, which live as long as the
 * transaction; and has each connection parse a statement once.
 */
import type { PostgresCursor, PostgresPool, PostgresPoolClient } from 'kysely';
import type { Pool, PoolClient } from 'pg';

/** Statements that are kept parsed; a list of a thousand ids is a text of its own. */
const STATEMENT_COUNT_MAX = 256;

/** One cursor at the server; Kysely gives it the statement, the connection gives itself. */
export class Cursor<T> implements PostgresCursor<T> {
  readonly #text: string;
  readonly #values: unknown[];
  readonly #name = `cursor_${crypto.randomUUID().replaceAll('-', '')}`;
  #client: PoolClient | undefined;
  #isDeclared = false;

  constructor(text: string, values: unknown[]) {
    this.#text = text;
    this.#values = values;
  }

  on(client: PoolClient): this {
    this.#client = client;
    return this;
  }

  async read(rowCount: number): Promise<T[]> {
    if (!this.#client) throw new TypeError('A cursor reads on a connection');
    if (!this.#isDeclared) {
      await this.#client.query(`declare ${this.#name} cursor for ${this.#text}`, this.#values);
      this.#isDeclared = true;
    }
    const { rows } = await this.#client.query(`fetch ${rowCount} from ${this.#name}`);
    return rows;
  }

  async close(): Promise<void> {
    if (this.#isDeclared) await this.#client?.query(`close ${this.#name}`);
  }
}

function isCursor(asked: unknown): asked is Cursor<unknown> {
  return asked instanceof Cursor;
}

function wrap(client: PoolClient, names: Map<string, string>): PostgresPoolClient {
  const nameOf = (text: string) => {
    const name = names.get(text) ?? `statement_${names.size}`;
    if (names.has(text) || names.size >= STATEMENT_COUNT_MAX) return names.get(text);
    names.set(text, name);
    return name;
  };
  const query = (asked: unknown, values?: readonly unknown[]) => {
    if (isCursor(asked)) return asked.on(client);
    const text = String(asked);
    const name = nameOf(text);
    return client.query({ text, values: [...(values ?? [])], ...(name && { name }) });
  };
  return { query: query as PostgresPoolClient['query'], release: (it) => client.release(it) };
}

/** The pool as Kysely wants it. */
export function kyselyPool(pool: Pool): PostgresPool {
  const clients = new WeakMap<PoolClient, PostgresPoolClient>();
  const names = new Map<string, string>();
  return {
    options: pool.options,
    connect: async () => {
      const client = await pool.connect();
      const known = clients.get(client) ?? wrap(client, names);
      clients.set(client, known);
      return known;
    },
    end: () => pool.end(),
  };
}
