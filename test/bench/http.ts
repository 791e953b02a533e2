/**
 * What a price costs a route over HTTP: the CPU that the server uses for a paid page, less what it
 * uses for the same page for nothing. The client's own work is in another process.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { bareCheck, chargesOfOnePurse, serverOrder } from './charges.ts';
import { median, type Timing } from './rounds.ts';

const OPTIONS = { rounds: 15, calls: 200 };
const SCRIPT = join(import.meta.dirname, 'server.ts');

interface Server {
  /** Asks for one page after the other; answers the CPU of each, in microseconds. */
  costOf(path: string, visits: readonly HeadersInit[]): Promise<number>;
  close(): void;
}

async function openServer(): Promise<Server> {
  const child = fork(SCRIPT, [JSON.stringify(await serverOrder())]);
  const [port] = await once(child, 'message');
  const ask = (path: string, headers: HeadersInit = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers });
  const usedUs = async () => (await (await ask('/used')).json()) as number;
  return {
    costOf: async (path, visits) => {
      const before = await usedUs();
      for (const headers of visits) {
        const answer = await ask(path, headers);
        if (answer.status !== 200) throw new Error(`not served: ${answer.status}`);
        await answer.text();
      }
      return ((await usedUs()) - before) / visits.length;
    },
    close: () => child.disconnect(),
  };
}

/** CPU of one call, in this process. */
async function ownCostOf(calls: readonly (() => unknown)[]): Promise<number> {
  const start = process.cpuUsage();
  for (const call of calls) await call();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / calls.length;
}

/** The median of rounds in which a bare check, a free page and a paid one take turns. */
export async function timeHttp(name: string): Promise<Timing> {
  const server = await openServer();
  const bare = await bareCheck();
  const nextCharges = await chargesOfOnePurse();
  const added: number[] = [];
  const ratios: number[] = [];
  // One round more: the first only warms up.
  for (let round = 0; round <= OPTIONS.rounds; round++) {
    const charges = await nextCharges(OPTIONS.calls);
    const checks = await bare.prepare(OPTIONS.calls);
    const checkUs = await ownCostOf(checks);
    const freeUs = await server.costOf('/free', Array(OPTIONS.calls).fill({}));
    const visits = charges.map(({ header }) => ({ Authorization: header }));
    const paidUs = await server.costOf('/articles/how-tides-work', visits);
    if (round === 0) continue;
    added.push(paidUs - freeUs);
    ratios.push((paidUs - freeUs) / checkUs);
  }
  server.close();
  return { name, medianUs: median(added), ratio: median(ratios) };
}
