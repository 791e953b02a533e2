/**
 * Reads a long answer of PostgreSQL piece by piece, by SQL's own cursors, which live as long as the
 * transaction; and has each connection parse a statement once.
 */
import { nextTick } from 'node:process';
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

/** What is answered by what follows on the same connection: nobody waits for it. */
const UNAWAITED = /^(?:release )?savepoint \w+$/;
const ENDING = /^(?:commit|rollback)$/;
const NOTHING = Promise.resolve({ command: 'SAVEPOINT', rowCount: null, rows: [] });

function isCursor(asked: unknown): asked is Cursor<unknown> {
  return asked instanceof Cursor;
}

function wrap(client: PoolClient, names: Map<string, string>): PostgresPoolClient {
  const { stream } = client.connection;
  const nameOf = (text: string) => {
    const name = names.get(text) ?? `statement_${names.size}`;
    if (names.has(text) || names.size >= STATEMENT_COUNT_MAX) return names.get(text);
    names.set(text, name);
    return name;
  };
  // The last that nobody waits for, and all before it.
  let unawaited: Promise<unknown> = NOTHING;
  const send = (text: string, values: readonly unknown[] = []) => {
    const name = nameOf(text);
    // What is asked at one moment goes in one piece.
    stream.cork();
    nextTick(() => stream.uncork());
    return client.query({ text, values: [...values], ...(name && { name }) });
  };
  const query = (asked: unknown, values?: readonly unknown[]) => {
    if (isCursor(asked)) return asked.on(client);
    const text = String(asked);
    const before = unawaited;
    if (ENDING.test(text)) unawaited = NOTHING;
    // Its failure is that of the commit: what is told as done must not be undone with another's.
    if (text === 'commit') return before.then(() => send(text));
    const answer = send(text, values);
    if (!UNAWAITED.test(text)) return answer;
    unawaited = before.then(() => answer);
    for (const it of [answer, unawaited]) it.catch(() => undefined);
    return NOTHING;
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
