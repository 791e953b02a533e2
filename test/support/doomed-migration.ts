/**
 * Opens books in a process of its own that kills itself before one of the statements by which it
 * brings them up to date: `doomed-migration.ts PLACE STEP COUNT`, counted from the beginning of a
 * step on.
 */
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { openDatabase } from '../../src/provider/database/database.ts';

const [place = '', step = '', count = ''] = process.argv.slice(2);
let begun = -1;
let left = Number(count);
/** What stands between them is no part of a step. */
let isInside = false;

/** Each step begins a transaction of its own. */
function reach(statement: unknown): void {
  if (typeof statement !== 'string') return;
  if (statement.startsWith('begin')) {
    begun += 1;
    isInside = true;
  }
  if (begun < Number(step) || !isInside) return;
  if (statement === 'commit') isInside = false;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (statements) {
  reach(statements);
  exec.call(this, statements);
};
const { query } = Client.prototype;
Client.prototype.query = function (this: Client, ...args: unknown[]) {
  reach(args[0]);
  return Reflect.apply(query, this, args);
};
await (await openDatabase(place, 'write')).destroy();
process.disconnect();
