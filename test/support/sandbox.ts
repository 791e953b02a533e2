/**
 * A provider in this process for tests: a real database, a frozen clock, and origins that say what
 * they are told to.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { FarthingError } from '../../src/protocol/errors.ts';
import { createApp } from '../../src/provider/app.ts';
import { type Context, openContext, type Ports, type Rules } from '../../src/provider/context.ts';
import { openDatabase } from '../../src/provider/database/database.ts';
import type { Funding } from '../../src/provider/funding/funding.ts';
import { beginRun } from '../../src/provider/purses/sweep.ts';
import { makeAccount, openAccount, type Send, type TestAccount } from './account.ts';
import { booksOf } from './books.ts';
import { randomId, START_MS } from './payer.ts';

export const ISSUER = 'http://localhost:4270';
const NAME = 'Test money';

export interface Sandbox {
  readonly context: Context;
  /** Where the books are: a file, or an address of PostgreSQL. */
  readonly file: string;
  readonly send: Send;
  /** The stretch of time in which collection is open. */
  readonly run: bigint;
  /** Where the frozen clock stands. */
  readonly time: { nowMs: number };
  /** What `/.well-known/farthing.json` of an origin says. */
  readonly origins: Map<string, unknown>;
  /** Lines for the operator. */
  readonly log: string[];
  /** An opened account with its starter credit. */
  reader(): Promise<TestAccount>;
  /** An account with a registered seller. */
  seller(handle: string): Promise<{ account: TestAccount; payto: string }>;
  close(): Promise<void>;
}

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'farthing-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Registers `handle` with one origin that names it. */
export async function registerSeller(
  sandbox: Sandbox,
  account: TestAccount,
  handle: string,
  origin = `http://${handle}.localhost:8080`,
) {
  const payto = `${handle}@${new URL(ISSUER).host}`;
  const keys = [account.device.jwk];
  sandbox.origins.set(origin, { account: account.device.kid, paytos: [payto], keys });
  const name = `The ${handle}`;
  const body = { id: randomId(), handle, name, origins: [origin], keys };
  return { payto, reply: await account.call('POST', '/v1/sellers', body) };
}

type Outside = Pick<Sandbox, 'time' | 'origins' | 'log'>;

/** The provider's view of the outside, as the test has it. */
function portsOf({ time, origins, log }: Outside): Ports {
  return {
    clock: () => time.nowMs,
    random: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
    readOrigin: async (origin) => {
      if (origins.has(origin)) return origins.get(origin);
      throw new FarthingError('origin_unproven', `${origin} does not answer`);
    },
    log: (line) => log.push(line),
  };
}

/** Where readers' money comes from, by the test's own clock. */
type Fund = (ports: Pick<Ports, 'clock'>) => Promise<Funding>;

/** A provider with these rules. The caller closes it. */
export async function openSandbox(
  folder: string,
  rules: Partial<Rules> = {},
  fund?: Fund,
): Promise<Sandbox> {
  const file = await booksOf(folder);
  const outside: Outside = { time: { nowMs: START_MS }, origins: new Map(), log: [] };
  const database = await openDatabase(file, 'write');
  const ports = portsOf(outside);
  const chosen = { rules, ...(fund && { funding: await fund(ports) }) };
  const context = await openContext({ ...ports, database, issuer: ISSUER, name: NAME, ...chosen });
  const app = createApp(context);
  const newAccount = () => makeAccount(ISSUER, sandbox.send);
  const sandbox: Sandbox = {
    ...outside,
    context,
    file,
    run: await beginRun(context),
    send: async (url, init) => app.request(url, init),
    reader: async () => {
      const account = await newAccount();
      await openAccount(account);
      return account;
    },
    seller: async (handle) => {
      const account = await newAccount();
      const { payto } = await registerSeller(sandbox, account, handle);
      return { account, payto };
    },
    close: () => database.destroy(),
  };
  return sandbox;
}

/** A provider that ends with the test. */
export async function useSandbox(rules: Partial<Rules> = {}, fund?: Fund): Promise<Sandbox> {
  const sandbox = await openSandbox(temporaryFolder(), rules, fund);
  onTestFinished(() => sandbox.close());
  return sandbox;
}
