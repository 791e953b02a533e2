/** Ways to falsify books in a file, as cleverly as somebody could who has it and not the keys. */
import { copyFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import { openDatabase } from '../../src/provider/database/database.ts';
import type { LedgerAccount } from '../../src/provider/ledger/chart.ts';
import {
  type EntryKind,
  entryHash,
  FIRST_HASH,
  postEntry,
} from '../../src/provider/ledger/journal.ts';
import { tamper } from './books.ts';

/** What `{name}` stands for in ids and statements. */
export type Names = Readonly<Record<string, string>>;

/** Falsifies the books in `file`. */
export type Falsify = (file: string, names: Names) => Promise<void> | void;

/** `{a}` is what the name `a` stands for. */
export function filled(text: string, names: Names): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? '');
}

type AccountName = readonly [kind: LedgerAccount['kind'], owner?: string];

/** An entry that sums to zero, is chained and moves the balances: only it is none of ours. */
export function entry(
  [kind, id]: readonly [kind: string, id: string],
  from: AccountName,
  to: AccountName,
): Falsify {
  return async (file, names) => {
    const account = ([kind, owner = '']: AccountName): LedgerAccount => ({
      kind,
      owner: filled(owner, names),
      currency: 'USD',
    });
    const database = await openDatabase(file, 'write');
    await database.transaction().execute((books) =>
      postEntry(books, {
        id: filled(id, names),
        kind: kind as EntryKind,
        atSec: 1_800_000_100,
        postings: [
          { account: account(from), amountMicros: -5_000n },
          { account: account(to), amountMicros: 5_000n },
        ],
      }),
    );
    await database.destroy();
  };
}

/** One statement behind everybody's back. */
export function statement(text: string): Falsify {
  return (file, names) => tamper(file, filled(text, names));
}

/** Changes postings, and then makes hashes and stored balances fit again. */
export function rechained(text: string): Falsify {
  return async (file, names) => {
    await tamper(file, filled(text, names));
    const raw = new DatabaseSync(file, { enableForeignKeyConstraints: false, readBigInts: true });
    const lines = raw.prepare(
      'select account, amount_micros as amount from posting where number = ? order by line',
    );
    const chain = raw.prepare(
      'update ledger_transaction set previous_hash = ?, hash = ? where number = ?',
    );
    let previous = FIRST_HASH;
    for (const row of raw.prepare('select * from ledger_transaction order by number').all()) {
      const number = Number(row.number);
      const postings = lines.all(number).map((line) => ({
        account: String(line.account),
        amount: line.amount as bigint,
      }));
      const [id, kind, at] = [String(row.id), String(row.kind), Number(row.at_sec)];
      const hash = entryHash(previous, { number, id, kind, at, postings });
      chain.run(previous, hash, number);
      previous = hash;
    }
    raw.exec(`pragma ignore_check_constraints = on;
      update ledger_account set balance_micros = coalesce((
        select sum(amount_micros) from posting where account = ledger_account.id
      ), 0) * (case when kind in ('outside money', 'provider expense', 'chargeback receivable',
        'processing costs') then -1 else 1 end)`);
    raw.close();
  };
}

let copyCount = 0;

/** A copy of the books in a file, beside it. */
export function copyOfBooks(file: string): string {
  copyCount += 1;
  const copy = `${file}.copy-${copyCount}`;
  copyFileSync(file, copy);
  return copy;
}

/** The audit finds that the books are false, by the row whose name begins so. */
export async function expectFound(file: string, row: string): Promise<void> {
  const { holds, findings } = await auditDatabase(file);
  expect(holds).toBe(false);
  const isNamed = findings.some((finding) => finding.row.startsWith(row));
  expect(isNamed, JSON.stringify(findings, null, 1)).toBe(true);
}

/** A note of other content under the signature of the one that waits. */
export function forgedNote(claims: object, write: string): Falsify {
  return (file) => {
    const raw = new DatabaseSync(file);
    const row = raw.prepare("select * from refund where state = 'early'").get();
    const [header, payload = '', signature] = String(row?.note).split('.');
    const content = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...content, ...claims })).toString('base64url');
    raw.prepare(write).run({ $note: `${header}.${forged}.${signature}` });
    raw.close();
  };
}
