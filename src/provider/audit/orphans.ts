/** Rows that belong to nobody, and accounts that nobody can open. */
import { sql } from 'kysely';
import { type Books, triggerNames } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';
import type { Invariant, Report } from './finding.ts';
import type { Replay } from './replay.ts';

/** Who points to whom; a new reference is a new row here. */
const REFERENCES: readonly (readonly [
  invariant: Invariant,
  child: keyof Tables,
  column: string,
  parent: keyof Tables,
  key: string,
])[] = [
  ['T8', 'posting', 'number', 'ledger_transaction', 'number'],
  ['T1', 'posting', 'account', 'ledger_account', 'id'],
  ['T3', 'purse', 'account', 'account', 'id'],
  ['T3', 'set_aside', 'purse', 'purse', 'id'],
  ['T3', 'set_aside', 'account', 'account', 'id'],
  ['T4', 'capture', 'purse', 'purse', 'id'],
  ['T4', 'refund', 'purse', 'purse', 'id'],
  ['T4', 'earnings', 'handle', 'seller', 'handle'],
  ['T5', 'answered_write', 'account', 'account', 'id'],
  ['T5', 'pseudonym', 'account', 'account', 'id'],
  ['T5', 'seller', 'account', 'account', 'id'],
  ['T5', 'device', 'account', 'account', 'id'],
  ['T5', 'recovery_key', 'account', 'account', 'id'],
  ['T5', 'history_chunk', 'account', 'account', 'id'],
  ['T4', 'judged_undo', 'purse', 'purse', 'id'],
  ['T4', 'untold_undo', 'purse', 'purse', 'id'],
  ['T5', 'origin_check', 'handle', 'seller', 'handle'],
  ['T8', 'payout', 'handle', 'seller', 'handle'],
  ['T5', 'topup', 'account', 'account', 'id'],
  ['T5', 'dispute', 'account', 'account', 'id'],
  ['T2', 'dispute_move', 'reference', 'dispute', 'reference'],
  ['T5', 'withdrawal', 'account', 'account', 'id'],
  ['T5', 'withdrawal_part', 'withdrawal', 'withdrawal', 'id'],
];

/** The journal's own protection in the database (trust T8). */
const TRIGGERS = ['ledger_transaction', 'posting'].flatMap((table) =>
  ['update', 'delete'].map((verb) => `${table}_${verb}`),
);

async function checkReferences(books: Books, report: Report): Promise<void> {
  for (const [invariant, child, column, parent, key] of REFERENCES) {
    const pointer = sql.ref(`child.${column}`);
    const { rows } = await sql<{ lost: string | bigint }>`
      select distinct ${pointer} as lost from ${sql.table(child)} as child
      left join ${sql.table(parent)} as parent on ${sql.ref(`parent.${key}`)} = ${pointer}
      where ${sql.ref(`parent.${key}`)} is null`.execute(books);
    for (const { lost } of rows)
      report({ invariant, row: `${child} ${lost}`, detail: `there is no such ${parent}` });
  }
}

async function checkTriggers(books: Books, report: Report): Promise<void> {
  const names = await triggerNames(books);
  for (const name of TRIGGERS)
    if (!names.has(name))
      report({ invariant: 'T8', row: `trigger ${name}`, detail: 'the journal can be changed' });
}

/** An account has a key, and was given what the journal says. */
async function checkAccounts(books: Books, replay: Replay, report: Report): Promise<void> {
  const accounts = books
    .selectFrom('account')
    .leftJoin('device', 'device.account', 'account.id')
    .select(['account.id', 'account.opened_at_sec', 'account.starter_micros'])
    .select(({ fn }) => fn.count<bigint>('device.kid').as('devices'))
    .groupBy('account.id')
    .stream();
  for await (const { id, devices, opened_at_sec: opened, starter_micros: starter } of accounts) {
    const found = (detail: string) => report({ invariant: 'T5', row: `account ${id}`, detail });
    const opening = replay.movements.get(`opening:${id}`);
    const given = opening?.on('reader starter') ?? 0n;
    if (devices === 0n) found('has no key that opens it');
    if (given !== starter) found(`was given ${starter}, the journal says ${given} micros`);
    if (opening && BigInt(opening.entry.at) !== opened)
      found(`was opened at ${opened}, the journal says ${opening.entry.at}`);
  }
}

export async function checkOrphans(
  books: Books,
  { replay, report }: { replay: Replay; report: Report },
): Promise<void> {
  await checkReferences(books, report);
  await checkTriggers(books, report);
  await checkAccounts(books, replay, report);
}
