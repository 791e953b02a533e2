/**
 * Queries of the hot path: each is made and compiled once, for each kind of database, and those
 * that need nothing of each other's answers are asked together, which to PostgreSQL is one way
 * there and back for all of them.
 */
import { type Compilable, CompiledQuery, type Insertable, type QueryResult } from 'kysely';
import { type Books, isShared, type Reading } from './database.ts';
import type { Tables } from './tables.ts';

/** A query with its values. */
export interface Query<O> {
  compile(reading: Reading): CompiledQuery<O>;
  /** What it means that it has changed no row, where it has to. */
  readonly unless?: string;
}

/** Holds the place of a value in a query that is made once. */
class Place {
  readonly row: number;
  readonly name: string;

  constructor(row: number, name: string) {
    this.row = row;
    this.name = name;
  }
}

function valueAt(parameter: unknown, rows: readonly object[]): unknown {
  if (!(parameter instanceof Place)) return parameter;
  const value: unknown = Reflect.get(rows[parameter.row] ?? {}, parameter.name);
  if (value === undefined) throw new TypeError(`A query without its ${parameter.name}`);
  return value;
}

/** Compiles what `make` makes, once for each kind of database. */
function compiledOnce<O>(make: (reading: Reading) => Compilable<O>) {
  const made = new Map<boolean, CompiledQuery<O>>();
  return (reading: Reading, values: readonly object[]): CompiledQuery<O> => {
    const known = made.get(isShared(reading)) ?? make(reading).compile();
    made.set(isShared(reading), known);
    return { ...known, parameters: known.parameters.map((value) => valueAt(value, values)) };
  };
}

/** A query whose text is always the same: `make` may hand its values on, and look at none. */
export function queryOf<V extends object, O>(
  make: (reading: Reading, values: V) => Compilable<O>,
): (values: V) => Query<O> {
  // It answers each name with a place, of whatever type its value will be.
  const places = new Proxy({} as V, { get: (_, name) => new Place(0, String(name)) });
  const compile = compiledOnce((reading) => make(reading, places));
  return (values) => ({ compile: (reading) => compile(reading, [values]) });
}

/** New rows of a table, which all have the same columns. */
export function insertionInto<T extends keyof Tables>(
  table: T,
): (...rows: readonly Insertable<Tables[T]>[]) => Query<unknown> {
  const known = new Map<string, ReturnType<typeof compiledOnce>>();
  const make = (rows: readonly object[]) => {
    const places = rows.map((row, index) =>
      Object.fromEntries(Object.keys(row).map((name) => [name, new Place(index, name)])),
    ) as unknown as Insertable<Tables[T]>[];
    return compiledOnce((reading) => reading.insertInto(table).values(places));
  };
  return (...rows) => {
    const shape = `${rows.length} ${Object.keys(rows[0] ?? {})}`;
    const compile = known.get(shape) ?? make(rows);
    known.set(shape, compile);
    return { compile: (reading) => compile(reading, rows) };
  };
}

/** A statement without values. */
export function statementOf(text: string): Query<unknown> {
  const compiled = CompiledQuery.raw(text);
  return { compile: () => compiled };
}

/** `query`, which has to change something. @param unless what it means that it does not */
export function changing<O>(query: Query<O>, unless: string): Query<O> {
  return { ...query, unless };
}

async function answersTo(
  reading: Reading,
  queries: readonly Query<unknown>[],
): Promise<QueryResult<unknown>[]> {
  const compiled = queries.map((query) => query.compile(reading));
  const answers = await reading.getExecutor().provideConnection(async (connection) => {
    if (isShared(reading)) {
      const asked = compiled.map((query) => connection.executeQuery(query));
      // All have been answered before anybody goes on, the failed ones as well.
      await Promise.allSettled(asked);
      return Promise.all(asked);
    }
    const results: QueryResult<unknown>[] = [];
    for (const query of compiled) results.push(await connection.executeQuery(query));
    return results;
  });
  for (const [index, { unless }] of queries.entries())
    if (unless !== undefined && !answers[index]?.numAffectedRows) throw new TypeError(unless);
  return answers;
}

/** What each of some queries answers. */
type Answers<Q extends readonly Query<unknown>[]> = {
  [I in keyof Q]: Q[I] extends Query<infer O> ? QueryResult<O> : never;
};

/**
 * Asks all of them, in their order. Where one fails, those behind it do nothing: in a transaction
 * of PostgreSQL by themselves, and SQLite is asked no more.
 * @throws what the first of them failed with; TypeError where one changed nothing that has to
 */
export async function askAll<const Q extends readonly Query<unknown>[]>(
  reading: Reading,
  ...queries: Q
): Promise<Answers<Q>> {
  return (await answersTo(reading, queries)) as Answers<Q>;
}

/** Asks `queries` after some writes that go the same way. @throws as `askAll` */
export async function askAllAfter<const Q extends readonly Query<unknown>[]>(
  books: Books,
  writes: readonly Query<unknown>[],
  queries: Q,
): Promise<Answers<Q>> {
  const answers = await answersTo(books, [...writes, ...queries]);
  return answers.slice(writes.length) as unknown as Answers<Q>;
}

/** The rows that `query` answers, after some writes. @throws as `askAll` */
export async function askAfter<O>(
  books: Books,
  writes: readonly Query<unknown>[],
  query: Query<O>,
): Promise<readonly O[]> {
  const [{ rows }] = await askAllAfter(books, writes, [query]);
  return rows;
}

/** The rows that one query answers. */
export async function ask<O>(reading: Reading, query: Query<O>): Promise<readonly O[]> {
  const [{ rows }] = await askAll(reading, query);
  return rows;
}
