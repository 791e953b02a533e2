/** Plays the journal again from its first entry, and checks it on the way (trust T1, T2, T8). */
import type { Books } from '../database.ts';
import { LEDGER_SIDES, type LedgerKind, sideOf } from '../ledger/chart.ts';
import { lesser } from '../ledger/fee.ts';
import { entryHash, FIRST_HASH, readJournal, type WrittenEntry } from '../ledger/journal.ts';
import type { Report } from './finding.ts';

/** What the journal says happened to one purse. */
export interface PurseFlow {
  setAsideMicros: bigint;
  capturedMicros: bigint;
  releasedMicros: bigint;
  /** The part of what is left that is starter credit. */
  starterMicros: bigint;
  /** The part of what was captured that was. */
  capturedStarterMicros: bigint;
  /** Readers' accounts that gave to it or got back from it. */
  readonly readers: Set<string>;
}

/** What the journal adds up to. */
export interface Replay {
  entryCount: number;
  /** On each account's own side. */
  readonly balances: Map<string, bigint>;
  readonly purses: Map<string, PurseFlow>;
  /** What each capture took out of its purse, by the entry's id. */
  readonly captures: Map<string, bigint>;
  /** What each refund gave to its reader, by the entry's id. */
  readonly refunds: Map<string, bigint>;
}

/** An account's name taken apart; undefined for one that the chart does not have. */
export function readLedgerAccountId(
  id: string,
): { kind: LedgerKind; owner: string; currency: string } | undefined {
  const [kind = '', ...rest] = id.split(':');
  const [owner, currency] = rest.length === 1 ? ['', rest[0]] : rest;
  if (!Object.hasOwn(LEDGER_SIDES, kind) || owner === undefined || !currency) return undefined;
  return { kind: kind as LedgerKind, owner, currency };
}

function checkChain(
  entry: WrittenEntry & { previousHash: string; hash: string },
  before: { number: number; hash: string },
  report: Report,
): void {
  const row = `ledger_transaction ${entry.number}`;
  if (entry.number !== before.number + 1)
    report({ invariant: 'T8', row, detail: `follows ${before.number}: a number is missing` });
  if (entry.previousHash !== before.hash)
    report({ invariant: 'T8', row, detail: 'does not carry the hash of the entry before it' });
  const { number, id, kind, at, postings } = entry;
  if (entryHash(entry.previousHash, { number, id, kind, at, postings }) !== entry.hash)
    report({ invariant: 'T8', row, detail: 'its content does not give its hash' });
}

function checkSums(entry: WrittenEntry, report: Report): void {
  const sums = new Map<string, bigint>();
  for (const { account, amount } of entry.postings) {
    const currency = account.slice(account.lastIndexOf(':') + 1);
    sums.set(currency, (sums.get(currency) ?? 0n) + amount);
  }
  const row = `ledger_transaction ${entry.number}`;
  if (entry.postings.length === 0) report({ invariant: 'T1', row, detail: 'has no postings' });
  for (const [currency, sum] of sums)
    if (sum !== 0n) report({ invariant: 'T1', row, detail: `sums to ${sum} micros ${currency}` });
}

function moveBalances(entry: WrittenEntry, balances: Map<string, bigint>, report: Report): void {
  for (const [index, { account, amount }] of entry.postings.entries()) {
    const row = `posting ${entry.number}/${index + 1}`;
    const parts = readLedgerAccountId(account);
    if (!parts) {
      report({ invariant: 'T1', row, detail: `the chart has no account ${account}` });
      continue;
    }
    const balance = (balances.get(account) ?? 0n) + sideOf(parts.kind) * amount;
    balances.set(account, balance);
    if (balance < 0n)
      report({ invariant: 'T2', row, detail: `leaves ${account} at ${balance} micros` });
  }
}

function flowOf(replay: Replay, purse: string): PurseFlow {
  const known = replay.purses.get(purse);
  if (known) return known;
  const flow = {
    setAsideMicros: 0n,
    capturedMicros: 0n,
    releasedMicros: 0n,
    starterMicros: 0n,
    capturedStarterMicros: 0n,
    readers: new Set<string>(),
  };
  replay.purses.set(purse, flow);
  return flow;
}

/** SPEC 10.3: starter credit goes in and out first. */
function followPurse(entry: WrittenEntry, replay: Replay): void {
  const lines = entry.postings.map((posting) => ({
    ...posting,
    parts: readLedgerAccountId(posting.account),
  }));
  const line = lines.find(({ parts }) => parts?.kind === 'purse');
  if (!line?.parts) return;
  const flow = flowOf(replay, line.parts.owner);
  for (const { parts } of lines)
    if (parts?.kind === 'reader available' || parts?.kind === 'reader starter')
      flow.readers.add(parts.owner);
  const starter = lines.find(({ parts }) => parts?.kind === 'reader starter')?.amount ?? 0n;
  if (entry.kind === 'capture') {
    const takenMicros = -line.amount;
    flow.capturedMicros += takenMicros;
    const starterTaken = lesser(takenMicros, flow.starterMicros);
    flow.starterMicros -= starterTaken;
    flow.capturedStarterMicros += starterTaken;
    replay.captures.set(entry.id, takenMicros);
    return;
  }
  flow.starterMicros -= starter;
  if (entry.kind === 'release') flow.releasedMicros -= line.amount;
  else flow.setAsideMicros += line.amount;
}

/** What a refund gave to readers: all of what it moved. */
function followRefund(entry: WrittenEntry, replay: Replay): void {
  if (entry.kind !== 'refund') return;
  const given = entry.postings.filter(({ account }) => account.startsWith('reader '));
  replay.refunds.set(
    entry.id,
    given.reduce((sum, { amount }) => sum + amount, 0n),
  );
}

/** Checks every entry of the journal; answers what they add up to. */
export async function replayJournal(books: Books, report: Report): Promise<Replay> {
  const replay: Replay = {
    entryCount: 0,
    balances: new Map(),
    purses: new Map(),
    captures: new Map(),
    refunds: new Map(),
  };
  let before = { number: 0, hash: FIRST_HASH };
  for await (const entry of readJournal(books)) {
    checkChain(entry, before, report);
    checkSums(entry, report);
    moveBalances(entry, replay.balances, report);
    followPurse(entry, replay);
    followRefund(entry, replay);
    replay.entryCount += 1;
    before = { number: entry.number, hash: entry.hash };
  }
  return replay;
}
