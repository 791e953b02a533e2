/** Each statement that goes to a database, SQLite or PostgreSQL, as its driver gets it. */
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';

/** Who is told of a statement. */
export interface Listener {
  before?(text: string): void;
  /** Once it is answered. */
  after?(text: string): void;
}

function listenToFiles({ before, after }: Listener): () => void {
  const { prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function (text) {
    const statement = prepare.call(this, text);
    const apply = <T>(target: (...values: never[]) => T, _: unknown, values: never[]) => {
      before?.(text);
      const answer = Reflect.apply(target, statement, values);
      after?.(text);
      return answer;
    };
    statement.run = new Proxy(statement.run, { apply });
    statement.all = new Proxy(statement.all, { apply });
    return statement;
  };
  return () => {
    DatabaseSync.prototype.prepare = prepare;
  };
}

function textOf(asked: unknown): string {
  return typeof asked === 'object' && asked && 'text' in asked ? String(asked.text) : String(asked);
}

function listenToServers({ before, after }: Listener): () => void {
  const { query } = Client.prototype;
  Client.prototype.query = new Proxy(query, {
    apply(target, client, values) {
      const text = textOf(values[0]);
      before?.(text);
      const answer: unknown = Reflect.apply(target, client, values);
      if (answer instanceof Promise) {
        const told = () => after?.(text);
        answer.then(told, told);
      }
      return answer;
    },
  });
  return () => {
    Client.prototype.query = query;
  };
}

/** Listens to databases that are opened from now on, until what it answers is called. */
export function listenToStatements(listener: Listener): () => void {
  const ends = [listenToFiles(listener), listenToServers(listener)];
  return () => {
    for (const end of ends) end();
  };
}
