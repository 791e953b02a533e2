/**
 * Plays the journal again from its first entry, and checks it on the way (trust T1, T2, T8): chain,
 * sums, balances, and that each entry is what its kind may be and split as the rules say.
 */
import type { Books } from '../database/database.ts';
import { readLedgerAccountId, sideOf } from '../ledger/chart.ts';
import { entryHash, FIRST_HASH, readJournal, type WrittenEntry } from '../ledger/journal.ts';
import type { Facts } from './facts.ts';
import { guarded, type Report } from './finding.ts';
import { type Flows, follow, type PurseFlow, type SellerFlow } from './flows.ts';
import { type Movement, readMovement } from './shapes.ts';

type ChainedEntry = WrittenEntry & { readonly previousHash: string; readonly hash: string };

/** What the journal adds up to. */
export interface Replay {
  entryCount: number;
  /** Of the last entry. */
  hash: string;
  /** On each account's own side. */
  readonly balances: Map<string, bigint>;
  readonly purses: ReadonlyMap<string, PurseFlow>;
  readonly sellers: ReadonlyMap<string, SellerFlow>;
  /** Entries of the right shape, by their ids; who has checked one takes it out. */
  readonly movements: Map<string, Movement>;
}

function checkChain(
  entry: ChainedEntry,
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
  if (sums.size > 1) report({ invariant: 'T1', row, detail: 'is in more than one currency' });
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

/** Checks every entry of the journal; answers what they add up to. */
export async function replayJournal(books: Books, facts: Facts, report: Report): Promise<Replay> {
  const balances = new Map<string, bigint>();
  const movements = new Map<string, Movement>();
  const flows: Flows = { purses: new Map(), sellers: new Map() };
  let before = { number: 0, hash: FIRST_HASH };
  let entryCount = 0;
  for await (const entry of readJournal(books)) {
    const row = `ledger_transaction ${entry.number}`;
    const found = (detail: string) => report({ invariant: 'T8', row, detail });
    await guarded(found, () => checkChain(entry, before, report));
    checkSums(entry, report);
    const movement = readMovement(entry, facts);
    if (typeof movement === 'string') found(movement);
    else {
      follow(flows, movement, { balances, report });
      movements.set(entry.id, movement);
    }
    moveBalances(entry, balances, report);
    entryCount += 1;
    before = { number: entry.number, hash: entry.hash };
  }
  const { purses, sellers } = flows;
  return { entryCount, hash: before.hash, balances, purses, sellers, movements };
}
