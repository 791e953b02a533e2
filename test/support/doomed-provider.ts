/**
 * A provider in a process of its own that kills itself at a named moment of one write, on the books
 * that a sandbox has left.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { KyselyPlugin, RootOperationNode } from 'kysely';
import { createApp } from '../../src/provider/app.ts';
import { openContext } from '../../src/provider/context.ts';
import { openDatabase } from '../../src/provider/database.ts';
import { START_MS } from './payer.ts';

/**
 * `asked`: the request is here; `before TABLE`, `after TABLE`: inside the transaction, where a row
 * of that table is written; `committed`: before the answer leaves; `answered`: after it.
 */
export type Moment = 'asked' | `${'before' | 'after'} ${string}` | 'committed' | 'answered';

export interface DoomOrder {
  readonly file: string;
  readonly issuer: string;
  /** The address whose write is the last thing that it does. */
  readonly path: string;
  readonly moment: Moment;
}

const order = JSON.parse(process.argv[2] ?? '') as DoomOrder;
let isUnderWay = false;

function reach(moment: Moment): void {
  if (isUnderWay && moment === order.moment) process.kill(process.pid, 'SIGKILL');
}

function insertedInto(node: RootOperationNode): string | undefined {
  return node.kind === 'InsertQueryNode' ? node.into?.table.identifier.name : undefined;
}

/** Sees each statement before it runs, and after. */
function watchStatements(): KyselyPlugin {
  const running = new WeakMap<object, string>();
  return {
    transformQuery: ({ node, queryId }) => {
      const table = insertedInto(node);
      if (table === undefined) return node;
      reach(`before ${table}`);
      running.set(queryId, table);
      return node;
    },
    transformResult: async ({ result, queryId }) => {
      reach(`after ${running.get(queryId)}`);
      return result;
    },
  };
}

const context = await openContext({
  database: (await openDatabase(order.file, 'write')).withPlugin(watchStatements()),
  issuer: order.issuer,
  name: 'Test money',
  clock: () => START_MS,
  random: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
  readOrigin: () => Promise.reject(new TypeError('nobody registers here')),
  log: console.error,
});
const app = createApp(context);
const listener = getRequestListener(
  async (request) => {
    isUnderWay = new URL(request.url).pathname === order.path;
    reach('asked');
    const answer = await app.fetch(request);
    if (answer.ok) reach('committed');
    return answer;
  },
  { overrideGlobalObjects: false },
);
const server = createServer((request, response) => {
  response.once('finish', () => response.statusCode === 200 && reach('answered'));
  listener(request, response);
}).listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());
