/** What every part of the provider works with; the outside comes in here. */
import { FarthingError } from '../protocol/errors.ts';
import type { Micros } from '../protocol/money.ts';
import { createGate, type Gate } from './api/gate.ts';
import { createLimit, type Limit } from './api/limits.ts';
import { createProofs, type Proofs } from './api/proofs.ts';
import { memoryOf } from './api/replays.ts';
import type { ChangeBooks } from './database/commits.ts';
import { type Database, settingOf, writeBooks } from './database/database.ts';
import type { Funding } from './funding/funding.ts';
import { createSandboxCard } from './funding/sandboxcard.ts';
import { signedChanges, signHead, storedHead } from './ledger/head.ts';
import { lastEntry } from './ledger/journal.ts';
import { type Bank, createSandboxBank } from './payouts/bank.ts';
import type { OriginReader } from './sellers/origins.ts';
import { type Keys, openKeys } from './signing/keys.ts';

/** What the operator decides. */
export interface Rules {
  /** Given once to an account that opens, in micros of `CURRENCY`; zero = none. */
  readonly starterMicros: Micros;
  /** The provider's share of what sellers earn, in hundredths of a percent. */
  readonly feeRateBasisPoints: number;
  /** What one account may set aside in a rolling day. */
  readonly asideLimitMicros: Micros;
  /** What is given as starter credit in a rolling day, to all accounts together. */
  readonly starterDayMicros: Micros;
  /** What one account may pay in in a rolling day, and how often it may try. */
  readonly topUpDayMicros: Micros;
  readonly topUpDayCount: number;
  /** How often one account may take money back in seven days. */
  readonly withdrawalWeekCount: number;
  /** Writes of one account in a rolling day that are kept. */
  readonly writeDayCount: number;
  /** Requests of one key, and of one network address, in a minute. */
  readonly keyMinuteCount: number;
  readonly addressMinuteCount: number;
  /** The handles of the only sellers that may register, be paid and collect; all without it. */
  readonly ownShops?: readonly string[] | undefined;
  /** Younger earnings are not paid out (SPEC 10.6): their readers may still undo and dispute. */
  readonly payoutHoldSec: number;
  /** A bank takes something for each transfer. */
  readonly payoutThresholdMicros: Micros;
  /** From one payout of a seller to its next. */
  readonly payoutPeriodSec: number;
  /** From a seller's registration to its first payout. */
  readonly firstPayoutHoldSec: number;
  /** From a new bank account to the first payout there: a stolen key must not empty the till. */
  readonly bankHoldSec: number;
}

const DAY_SEC = 86_400;

/**
 * A quarter for a start, to a thousand readers a day; a dollar a day is what readers are thought to
 * spend, twice that is set aside. A seller that collects every minute writes 3,000 times a day;
 * behind one address there may be many readers. In two weeks most undos are over and most stolen
 * cards are missed; who registers to take such money does not wait for a month.
 */
export const DEFAULT_RULES: Rules = {
  starterMicros: 250_000n as Micros,
  feeRateBasisPoints: 250,
  asideLimitMicros: 2_000_000n as Micros,
  starterDayMicros: 250_000_000n as Micros,
  topUpDayMicros: 60_000_000n as Micros,
  topUpDayCount: 10,
  withdrawalWeekCount: 5,
  writeDayCount: 5_000,
  keyMinuteCount: 600,
  addressMinuteCount: 1_200,
  payoutHoldSec: 14 * DAY_SEC,
  payoutThresholdMicros: 5_000_000n as Micros,
  payoutPeriodSec: 7 * DAY_SEC,
  firstPayoutHoldSec: 30 * DAY_SEC,
  bankHoldSec: 3 * DAY_SEC,
};

/** The one currency of this version. */
export const CURRENCY = 'USD';

/** What comes from outside the program. */
export interface Ports {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: (byteCount: number) => Uint8Array<ArrayBuffer>;
  readonly readOrigin: OriginReader;
  /** Takes one line for the operator; never a secret or a reader's address. */
  readonly log: (line: string) => void;
}

export interface Context extends Ports {
  readonly database: Database;
  readonly changeBooks: ChangeBooks;
  /** `http://localhost:PORT`: what certificates and proofs name. */
  readonly issuer: string;
  readonly name: string;
  /** What new readers begin at; undefined where there is no such page. */
  readonly firstPage?: (() => string | undefined) | undefined;
  readonly rules: Rules;
  readonly keys: Keys;
  readonly proofs: Proofs;
  /** Who pays sellers. */
  readonly bank: Bank;
  /** Where readers' money comes from. */
  readonly funding: Funding;
  readonly limits: { readonly key: Limit; readonly address: Limit };
  /** Registrations of sellers, whose origins are read meanwhile. */
  readonly registering: Gate;
}

/** SPEC 9.10: a registration makes us call strangers. */
const REGISTERING_COUNT_MAX = 8;

/** Seconds since 1970, rounded down. */
export function nowSec(ports: Pick<Ports, 'clock'>): number {
  return Math.floor(ports.clock() / 1000);
}

/** The payto of a handle at this provider. */
export function paytoOf(context: Pick<Context, 'issuer'>, handle: string): string {
  return `${handle}@${new URL(context.issuer).host}`;
}

/** @throws FarthingError `option_invalid` */
export function checkRules({ starterMicros, starterDayMicros, feeRateBasisPoints }: Rules): void {
  if (starterMicros < 0n || starterDayMicros < 0n)
    throw new FarthingError('option_invalid', 'starter credit below zero');
  const isRate = Number.isInteger(feeRateBasisPoints) && feeRateBasisPoints >= 0;
  if (!isRate || feeRateBasisPoints > 10_000)
    throw new FarthingError('option_invalid', 'the fee is 0 to 10000 hundredths of a percent');
}

/** Books of an earlier version have no signed end yet. */
async function beginHead(issuing: Pick<Context, 'issuer' | 'keys' | 'database'>): Promise<void> {
  await writeBooks(issuing.database, async (books) => {
    if ((await storedHead(books)) === undefined)
      await signHead(issuing, books, await lastEntry(books));
  });
}

function perMinute(clock: Ports['clock'], countMax: number, what: string): Limit {
  return createLimit({ clock, windowMs: 60_000, countMax, what });
}

/** What the operator may choose. */
interface Chosen {
  readonly rules?: Partial<Rules>;
  /** Without it the sandbox's. */
  readonly bank?: Bank;
  /** Without it the sandbox card. */
  readonly funding?: Funding;
}

/** Puts the parts together over an open database. */
export async function openContext(
  base: Ports & Pick<Context, 'database' | 'issuer' | 'name' | 'firstPage'> & Chosen,
): Promise<Context> {
  const { database, issuer, clock, random } = base;
  const rules = { ...DEFAULT_RULES, ...base.rules };
  checkRules(rules);
  const nonceKey = await settingOf(database, 'nonce_key', () =>
    Buffer.from(random(32)).toString('base64url'),
  );
  const proofs = createProofs({
    issuer,
    clock,
    nonceKey: Buffer.from(nonceKey, 'base64url'),
    remember: memoryOf(database),
  });
  const registering = createGate({ countMax: REGISTERING_COUNT_MAX, what: 'registration' });
  const keys = await openKeys(database, () => nowSec(base));
  await beginHead({ issuer, keys, database });
  const limits = {
    key: perMinute(clock, rules.keyMinuteCount, 'requests of one key'),
    address: perMinute(clock, rules.addressMinuteCount, 'requests of one address'),
  };
  const changeBooks = signedChanges({ issuer, keys, database });
  const bank = base.bank ?? createSandboxBank();
  const funding = base.funding ?? createSandboxCard();
  const made = { changeBooks, rules, proofs, limits, registering, keys };
  return { ...base, ...made, bank, funding };
}
