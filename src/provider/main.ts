/** Starts and stops the service: folder, database, port, app, sweep. Sandbox money only so far. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { FarthingError } from '../protocol/errors.ts';
import type { Micros } from '../protocol/money.ts';
import { createApp } from './app.ts';
import { type Context, checkRules, DEFAULT_RULES, openContext, type Rules } from './context.ts';
import { type Database, openDatabase, readSetting, settingOf } from './database.ts';
import { type Listeners, listen } from './listeners.ts';
import { readOriginOverHttp } from './origins.ts';
import { beginRun, keepRun, sweep } from './sweep.ts';

/** The database's name in the data folder. */
export const DATABASE_NAME = 'books.sqlite';
const SWEEP_PERIOD_MS = 60_000;

export interface ProviderOptions {
  /** Made when it is not there; everything that must be kept is in it. */
  readonly dataDir: string;
  /** 0 = any free, or the one that this folder was started with before. */
  readonly port: number;
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
  /** `http://localhost:PORT`. */
  readonly issuer: string;
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

function checkOptions({ port, mode }: ProviderOptions): void {
  if (mode === 'live')
    throw new FarthingError('option_invalid', 'real money comes later; run a sandbox');
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new FarthingError('option_invalid', 'a port is a number from 0 to 65535');
}

function prepareFolder(dataDir: string): string {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new FarthingError('option_invalid', `${dataDir} cannot be used as a folder`, {
      cause: error,
    });
  }
  return join(dataDir, DATABASE_NAME);
}

/** Certificates and paytos name the address, so one folder keeps one port. */
function portFor(wanted: number, storedIssuer: string | undefined): number {
  if (storedIssuer === undefined) return wanted;
  const stored = Number(new URL(storedIssuer).port || 80);
  if (wanted === 0 || wanted === stored) return stored;
  throw new FarthingError(
    'option_invalid',
    `this folder belongs to ${storedIssuer}: use that port, or another folder for ${wanted}`,
  );
}

/** The folder's own port: no other will do, so the usual advice to choose one would mislead. */
function ownPortTaken(storedIssuer: string, error: unknown): unknown {
  if (!(error instanceof FarthingError) || error.code !== 'port_taken') return error;
  const detail = `${storedIssuer} is this folder's own address: stop what runs there`;
  return new FarthingError('port_taken', `${detail}, perhaps this very service`);
}

async function listenAs(database: Database, options: ProviderOptions) {
  const stored = await readSetting(database, 'issuer');
  const port = portFor(options.port, stored);
  const listeners = await listen(options.host ?? '127.0.0.1', port).catch((error) => {
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
 * Starts a provider with the state of `dataDir`.
 * @throws FarthingError `port_taken`, `option_invalid` (a port that is not this folder's, a live
 *   mode, a folder that cannot be used), `database_foreign`, `database_newer`
 */
export async function startProvider(options: ProviderOptions): Promise<RunningProvider> {
  checkOptions(options);
  rulesOf(options);
  const databaseFile = prepareFolder(options.dataDir);
  const database = await openDatabase(databaseFile, 'write');
  let listeners: Listeners | undefined;
  try {
    const bound = await listenAs(database, options);
    listeners = bound.listeners;
    const close = await serve(options, { database, ...bound });
    return { issuer: bound.issuer, databaseFile, close };
  } catch (error) {
    await listeners?.close();
    await database.destroy();
    throw error;
  }
}
