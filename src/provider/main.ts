/** Starts and stops the service: folder, database, port, app, sweep. Sandbox money only so far. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { FarthingError, refuseAs } from '../protocol/errors.ts';
import type { Micros } from '../protocol/money.ts';
import { originMember } from '../protocol/origin.ts';
import { isLoopbackHost, parsePayto } from '../protocol/payto.ts';
import { readMembers, text } from '../protocol/shape.ts';
import { type Listeners, listen } from './api/listeners.ts';
import { createApp } from './app.ts';
import { type Context, checkRules, DEFAULT_RULES, openContext, type Rules } from './context.ts';
import {
  type Database,
  openDatabase,
  readSetting,
  settingOf,
  writeBooks,
} from './database/database.ts';
import { isPostgresAddress } from './database/postgres.ts';
import { reportFloat } from './float.ts';
import { settleFunding } from './funding/settle.ts';
import { checkStripe, createStripe, type StripeOptions } from './funding/stripe.ts';
import { type Bank, createSandboxBank } from './payouts/bank.ts';
import { createFileBank } from './payouts/files.ts';
import { claimMethod } from './payouts/method.ts';
import { payOut } from './payouts/run.ts';
import { beginRun, keepRun, sweep } from './purses/sweep.ts';
import { beginChecks, checkOrigins } from './sellers/origincheck.ts';
import { readOriginOverHttp } from './sellers/origins.ts';

const DEFAULT_NAME = 'Farthing sandbox';
/** The database's name in the data folder. */
export const DATABASE_NAME = 'books.sqlite';
/** What a record takes (SPEC 2.5): wallets refuse all of it otherwise. */
const RECORD_NAME = { name: text(120) };
const MINUTE_MS = 60_000;
/** So long a process signs at most by a key that another one has revoked. */
const KEYS_PERIOD_MS = 10_000;

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
  /** A page for new readers to begin at (SPEC 2.5); asked for whenever the record is. */
  readonly firstPage?: () => string | undefined;
  /** Only `sandbox` so far. */
  readonly mode?: 'sandbox' | 'live';
  readonly starterMicros?: Micros;
  readonly feeRateBasisPoints?: number;
  readonly asideLimitMicros?: Micros;
  /** What is given as starter credit in a rolling day, to all accounts together. */
  readonly starterDayMicros?: Micros;
  /** The handles of the only sellers here; without it anybody may register one. */
  readonly ownShops?: readonly string[];
  /** Payouts as files in this folder, from this account, in the place of the sandbox's bank. */
  readonly payouts?: { readonly folder: string; readonly iban: string };
  /** Cards by Stripe's test keys in the place of the sandbox's card. */
  readonly stripe?: Pick<StripeOptions, 'secretKey' | 'webhookSecret' | 'api'>;
  /** Where to listen; the address is `http://localhost:PORT` all the same. */
  readonly host?: string;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  readonly log?: (line: string) => void;
}

export interface RunningProvider {
  /** What certificates and accounts name: `http://localhost:PORT`, or the `address`. */
  readonly issuer: string;
  /** What readers see. */
  readonly name: string;
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
    ownShops: options.ownShops,
  };
  checkRules(rules);
  return rules;
}

function checkAddress(address: string): void {
  const { protocol, hostname } = new URL(refuseAs('option_invalid', () => originMember(address)));
  if (protocol !== 'https:' && !isLoopbackHost(hostname))
    throw new FarthingError('option_invalid', 'an address that others see begins with https://');
}

function checkShop(handle: string): void {
  try {
    parsePayto(`${handle}@pay.example`);
  } catch (error) {
    const detail = `"${handle}" is no seller's handle: the own shops are written news,music`;
    throw new FarthingError('option_invalid', detail, { cause: error });
  }
}

/** All that can be said before anything is made: a start that is refused leaves no books behind. */
function checkOptions(options: ProviderOptions): void {
  const { port, mode, address, name, ownShops = [], stripe } = options;
  if (address !== undefined) checkAddress(address);
  if (name !== undefined) refuseAs('option_invalid', () => readMembers({ name }, RECORD_NAME));
  ownShops.forEach(checkShop);
  if (stripe) checkStripe(stripe);
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
  if (isPostgresAddress(dataDir))
    throw new FarthingError('option_invalid', 'a database is no folder: name it by --database');
  return join(dataDir, DATABASE_NAME);
}

function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const detail = `${dataDir} cannot be used as a folder: ${why}`;
    throw new FarthingError('option_invalid', detail, { cause: error });
  }
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

/**
 * The books' address, where something stands before the service: the one that is said, else the one
 * that they were begun with. Undefined where it is `localhost` and the port.
 */
function addressBehind(
  said: string | undefined,
  storedIssuer: string | undefined,
): string | undefined {
  if (storedIssuer === undefined || said === storedIssuer) return said;
  if (said !== undefined)
    throw new FarthingError(
      'option_invalid',
      `these books belong to ${storedIssuer}: use that address, or other books for ${said}`,
    );
  const { protocol, hostname } = new URL(storedIssuer);
  return protocol === 'http:' && hostname === 'localhost' ? undefined : storedIssuer;
}

/** Under an address of its own the port is nobody's business. */
async function listenAs(database: Database, options: ProviderOptions, early?: Listeners) {
  const stored = await readSetting(database, 'issuer');
  const address = addressBehind(options.address, stored);
  const isOwn = address === undefined && stored !== undefined;
  const port = isOwn ? portFor(options.port, stored) : options.port;
  const listening = early ?? listen(options.host ?? HOST, port);
  const listeners = await Promise.resolve(listening).catch((error) => {
    throw isOwn ? ownPortTaken(stored, error) : error;
  });
  return { listeners, issuer: address ?? new URL(`http://localhost:${listeners.port}`).origin };
}

/** @throws FarthingError `option_invalid`: another process has begun these books meanwhile */
async function claimIssuer(database: Database, issuer: string): Promise<void> {
  const kept = await settingOf(database, 'issuer', () => issuer);
  if (kept !== issuer)
    throw new FarthingError('option_invalid', `these books belong to ${kept}: start again`);
}

/** Does `turn` again and again, one after the other; answers how to end. */
function every(
  periodMs: number,
  { log }: Pick<Context, 'log'>,
  name: string,
  turn: () => Promise<void>,
): () => Promise<void> {
  let last = Promise.resolve();
  const timer = setInterval(() => {
    last = last.then(turn).catch((error) => log(`internal: ${name}: ${error}`));
  }, periodMs);
  return async () => {
    clearInterval(timer);
    await last;
  };
}

/**
 * Notes every minute that collection is open, releases what is due and reports on the float; pays
 * sellers out; asks after readers' payments; and looks at origins; more often looks at its keys.
 * Side by side: a bank, a card's side or a stranger may be slow, and readers wait for none of them.
 */
async function startJobs(context: Context): Promise<() => Promise<void>> {
  let run = await beginRun(context);
  await beginChecks(context);
  const stopSweep = every(MINUTE_MS, context, 'sweep', async () => {
    run = await keepRun(context, run);
    await sweep(context);
    await reportFloat(context);
  });
  const stopKeys = every(KEYS_PERIOD_MS, context, 'keys', () => context.keys.refresh());
  const stopPayouts = every(MINUTE_MS, context, 'payouts', () => payOut(context));
  const stopFunding = every(MINUTE_MS, context, 'funding', () => settleFunding(context));
  const stopChecks = every(MINUTE_MS, context, 'origins', () => checkOrigins(context));
  return async () => {
    await stopSweep();
    await stopKeys();
    await stopPayouts();
    await stopFunding();
    await stopChecks();
    await keepRun(context, run);
  };
}

interface Prepared extends Pick<RunningProvider, 'name'> {
  readonly bank: Bank;
}

async function serve(
  options: ProviderOptions & Prepared,
  { database, listeners, issuer }: { database: Database; listeners: Listeners; issuer: string },
): Promise<() => Promise<void>> {
  const { name, bank, stripe, clock = Date.now } = options;
  await writeBooks(database, (books) => claimMethod(books, bank.method));
  const context = await openContext({
    database,
    issuer,
    name,
    firstPage: options.firstPage,
    ...(stripe && { funding: await createStripe({ ...stripe, issuer, name, clock }) }),
    bank,
    rules: rulesOf(options),
    clock,
    random: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
    readOrigin: readOriginOverHttp,
    log: options.log ?? (() => undefined),
  });
  const stopJobs = await startJobs(context);
  const app = createApp(context);
  listeners.serve(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  return async () => {
    await listeners.close();
    await stopJobs();
    await database.destroy();
  };
}

/**
 * Starts a provider on the books in `dataDir` or `database`.
 * @throws FarthingError `port_taken`, `option_invalid` (a port, an address or a way to pay sellers
 *   that is not that of the books, a live mode, a folder or a database that cannot be used),
 *   `database_foreign`, `database_newer`
 */
export async function startProvider(options: ProviderOptions): Promise<RunningProvider> {
  checkOptions(options);
  rulesOf(options);
  const { name = DEFAULT_NAME, payouts, dataDir } = options;
  const bank = payouts ? createFileBank(payouts.folder, { ...payouts, name }) : createSandboxBank();
  const databaseFile = placeOf(options);
  const isBegun = dataDir === undefined || existsSync(databaseFile);
  // New books name no port yet, and are not made for one that is taken.
  let listeners = isBegun ? undefined : await listen(options.host ?? HOST, options.port);
  let database: Database | undefined;
  try {
    if (dataDir !== undefined) makeFolder(dataDir);
    database = await openDatabase(databaseFile, 'write');
    const bound = await listenAs(database, options, listeners);
    listeners = bound.listeners;
    await claimIssuer(database, bound.issuer);
    const close = await serve({ ...options, name, bank }, { database, ...bound });
    const { port } = bound.listeners;
    return { issuer: bound.issuer, name, port, databaseFile, close };
  } catch (error) {
    await listeners?.close();
    await database?.destroy();
    throw error;
  }
}
