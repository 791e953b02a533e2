/** Starts and stops the service: folder, database, port, app, sweep. Sandbox money only so far. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { FarthingError, refuseAs } from '../protocol/errors.ts';
import type { Micros } from '../protocol/money.ts';
import { originMember } from '../protocol/origin.ts';
import { isLoopbackHost } from '../protocol/payto.ts';
import { createApp } from './app.ts';
import { type Context, checkRules, DEFAULT_RULES, openContext, type Rules } from './context.ts';
import { type Database, openDatabase, readSetting, settingOf } from './database.ts';
import { isPostgresAddress } from './databases/postgres.ts';
import { type Listeners, listen } from './listeners.ts';
import { readOriginOverHttp } from './origins.ts';
import { beginRun, keepRun, sweep } from './sweep.ts';

/** The database's name in the data folder. */
export const DATABASE_NAME = 'books.sqlite';
const SWEEP_PERIOD_MS = 60_000;

export interface ProviderOptions {
  /** Made when it is not there; everything that must be kept is in it. */
  readonly dataDir?: string;
  /** In its place, for several processes: `postgres://…`, a database with nothing else in it. */
  readonly database?: string;
  /** 0 = any free, or the one that these books were started with before. */
  readonly port: number;
  /**
   * What readers and sellers call the service, where something stands before it: an origin. Without
   * it, `http://localhost:PORT`.
   */
  readonly address?: string;
  readonly name?: string;
  /** Only `sandbox` so far. */
  readonly mode?: 'sandbox' | 'live';
  readonly starterMicros?: Micros;
  readonly feeRateBasisPoints?: number;
  readonly asideLimitMicros?: Micros;
  /** What is given as starter credit in a rolling day, to all accounts together. */
  readonly starterDayMicros?: Micros;
  /** Where to listen; the address is `http://localhost:PORT` all the same. */
  readonly host?: string;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  readonly log?: (line: string) => void;
}

export interface RunningProvider {
  /** What certificates and accounts name: `http://localhost:PORT`, or the `address`. */
  readonly issuer: string;
  /** The port that it listens on. */
  readonly port: number;
  /** The file, or the address in PostgreSQL as it was given. */
  readonly databaseFile: string;
  close(): Promise<void>;
}

function rulesOf(options: ProviderOptions): Rules {
  const { starterMicros, feeRateBasisPoints, asideLimitMicros, starterDayMicros } = DEFAULT_RULES;
  const rules = {
    ...DEFAULT_RULES,
    starterMicros: options.starterMicros ?? starterMicros,
    feeRateBasisPoints: options.feeRateBasisPoints ?? feeRateBasisPoints,
    asideLimitMicros: options.asideLimitMicros ?? asideLimitMicros,
    starterDayMicros: options.starterDayMicros ?? starterDayMicros,
  };
  checkRules(rules);
  return rules;
}

function checkAddress(address: string): void {
  const { protocol, hostname } = new URL(refuseAs('option_invalid', () => originMember(address)));
  if (protocol !== 'https:' && !isLoopbackHost(hostname))
    throw new FarthingError('option_invalid', 'an address that others see begins with https://');
}

function checkOptions({ port, mode, address }: ProviderOptions): void {
  if (address !== undefined) checkAddress(address);
  if (mode === 'live')
    throw new FarthingError('option_invalid', 'real money comes later; run a sandbox');
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new FarthingError('option_invalid', 'a port is a number from 0 to 65535');
}

/** The file in the folder, or the database's address. */
function placeOf({ dataDir, database }: ProviderOptions): string {
  if (database !== undefined && dataDir === undefined) {
    if (isPostgresAddress(database)) return database;
    throw new FarthingError('option_invalid', 'a database is written postgres://HOST/NAME');
  }
  if (dataDir === undefined || database !== undefined)
    throw new FarthingError('option_invalid', 'the books are in a folder or in a database');
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new FarthingError('option_invalid', `${dataDir} cannot be used as a folder`, {
      cause: error,
    });
  }
  return join(dataDir, DATABASE_NAME);
}

/** Certificates and paytos name the address, so the same books keep the same port. */
function portFor(wanted: number, storedIssuer: string | undefined): number {
  if (storedIssuer === undefined) return wanted;
  const stored = Number(new URL(storedIssuer).port || 80);
  if (wanted === 0 || wanted === stored) return stored;
  throw new FarthingError(
    'option_invalid',
    `these books belong to ${storedIssuer}: use that port, or other books for ${wanted}`,
  );
}

/** The books' own port: no other will do, so the usual advice to choose one would mislead. */
function ownPortTaken(storedIssuer: string, error: unknown): unknown {
  if (!(error instanceof FarthingError) || error.code !== 'port_taken') return error;
  const detail = `${storedIssuer} is the address of these books: stop what runs there`;
  return new FarthingError('port_taken', `${detail}, perhaps this very service`);
}

const HOST = '127.0.0.1';

/** Under an address of its own the port is nobody's business. */
async function listenBehind(address: string, database: Database, options: ProviderOptions) {
  const issuer = await settingOf(database, 'issuer', () => address);
  if (issuer !== address)
    throw new FarthingError('option_invalid', `these books belong to ${issuer}`);
  return { issuer, listeners: await listen(options.host ?? HOST, options.port) };
}

async function listenAs(database: Database, options: ProviderOptions) {
  if (options.address !== undefined) return listenBehind(options.address, database, options);
  const stored = await readSetting(database, 'issuer');
  const port = portFor(options.port, stored);
  const listeners = await listen(options.host ?? HOST, port).catch((error) => {
    throw stored === undefined ? error : ownPortTaken(stored, error);
  });
  const issuer = new URL(`http://localhost:${listeners.port}`).origin;
  return { listeners, issuer: await settingOf(database, 'issuer', () => issuer) };
}

/** Notes every minute that collection is open, and releases what is due. */
async function startSweep(context: Context): Promise<() => Promise<void>> {
  let run = await beginRun(context);
  const turn = async () => {
    run = await keepRun(context, run);
    await sweep(context);
  };
  let last = Promise.resolve();
  const timer = setInterval(() => {
    last = last.then(turn).catch((error) => context.log(`internal: sweep: ${error}`));
  }, SWEEP_PERIOD_MS);
  return async () => {
    clearInterval(timer);
    await last;
    await keepRun(context, run);
  };
}

async function serve(
  options: ProviderOptions,
  { database, listeners, issuer }: { database: Database; listeners: Listeners; issuer: string },
): Promise<() => Promise<void>> {
  const context = await openContext({
    database,
    issuer,
    name: options.name ?? 'Farthing sandbox',
    rules: rulesOf(options),
    clock: options.clock ?? Date.now,
    random: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
    readOrigin: readOriginOverHttp,
    log: options.log ?? (() => undefined),
  });
  const stopSweep = await startSweep(context);
  const app = createApp(context);
  listeners.serve(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  return async () => {
    await listeners.close();
    await stopSweep();
    await database.destroy();
  };
}

/**
 * Starts a provider on the books in `dataDir` or `database`.
 * @throws FarthingError `port_taken`, `option_invalid` (a port or address that is not that of the
 *   books, a live mode, a folder or a database that cannot be used), `database_foreign`,
 *   `database_newer`
 */
export async function startProvider(options: ProviderOptions): Promise<RunningProvider> {
  checkOptions(options);
  rulesOf(options);
  const databaseFile = placeOf(options);
  const database = await openDatabase(databaseFile, 'write');
  let listeners: Listeners | undefined;
  try {
    const bound = await listenAs(database, options);
    listeners = bound.listeners;
    const close = await serve(options, { database, ...bound });
    const { port } = bound.listeners;
    return { issuer: bound.issuer, port, databaseFile, close };
  } catch (error) {
    await listeners?.close();
    await database.destroy();
    throw error;
  }
}
