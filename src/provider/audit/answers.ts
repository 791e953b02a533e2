/**
 * What was answered (trust T5): money moved because a write asked for it, and the answers that are
 * out say nothing that the books do not.
 */
import type { Selectable } from 'kysely';
import { readCertificate } from '../../protocol/certificate.ts';
import { readBalance, readSellerRecord } from '../../protocol/documents.ts';
import { isRecord } from '../../protocol/shape.ts';
import { writeOf } from '../api/writes.ts';
import type { Books } from '../database/database.ts';
import type { AnsweredWriteRow } from '../database/tables.ts';
import { readBankAccount, shortNumber } from '../payouts/bankaccount.ts';
import type { Facts } from './facts.ts';
import { type Found, guarded, type Report } from './finding.ts';
import type { Replay } from './replay.ts';
import type { Movement } from './shapes.ts';

type Answered = Selectable<AnsweredWriteRow>;

interface Asked {
  readonly number: number;
  readonly digest: string;
}

/** The write that must have asked for an entry: its place among the answers, and what it said. */
function askedBy(movement: Movement, limitMicros: bigint): [place: string, digest: string] {
  const { kind, reader, purse, write } = movement;
  const place = (id: string) => `${reader}/${id}`;
  if (kind === 'raise') {
    const body = { id: write, amount: `${limitMicros}` };
    return [place(write ?? ''), writeOf(`purses/${purse?.id}/raise`, '', body).digest];
  }
  const { id = '', payto, currency, key = '' } = purse ?? {};
  const body = { id, payto, currency, amount: `${limitMicros}`, key: JSON.parse(key) };
  return [place(id), writeOf('purses', '', body).digest];
}

/** All entries that a reader's write asked for at once, by its place among the answers. */
async function readAsked({ movements }: Replay, report: Report): Promise<Map<string, Asked>> {
  const asked = new Map<string, Asked>();
  const limits = new Map<string, bigint>();
  for (const movement of movements.values()) {
    const { kind, purse, entry } = movement;
    if (kind !== 'issue' && kind !== 'raise') continue;
    const limitMicros = (limits.get(purse?.id ?? '') ?? 0n) + movement.on('purse');
    if (purse) limits.set(purse.id, limitMicros);
    const row = `ledger_transaction ${entry.number}`;
    const found = (detail: string) => report({ invariant: 'T5', row, detail });
    await guarded(found, () => {
      const [place, digest] = askedBy(movement, limitMicros);
      asked.set(place, { number: entry.number, digest });
    });
  }
  return asked;
}

function checkAsked(row: Answered, asked: Map<string, Asked>, found: Found): void {
  const place = `${row.account}/${row.id}`;
  const entry = asked.get(place);
  if (!entry) return;
  asked.delete(place);
  if (entry.digest !== row.digest) found(`asked for something else than entry ${entry.number}`);
  if (row.status !== 200n) found(`was refused, and entry ${entry.number} was booked`);
}

interface Known {
  readonly replay: Replay;
  readonly facts: Facts;
  /** Of refunds, as `PURSE SEQ`. */
  readonly places: ReadonlySet<string>;
  /** Registrations, as `ACCOUNT PAYTO`. */
  readonly registered: Set<string>;
  /** Where accounts have said that they are paid, by what they were told of it. */
  readonly banks: Set<string>;
}

/** Of a number no more is told than its last characters. */
function bankName(account: string, name: unknown, number: unknown): string {
  return JSON.stringify([account, name, number]);
}

/** What became of a charge, a note or a purse, as it was told. */
function checkResult(result: unknown, { facts, places }: Known, found: Found): void {
  if (!isRecord(result) || result.state === 'refused') return;
  const { pur, seq, tot, state } = result;
  if (state === 'closed') {
    if (!facts.purses.get(String(pur))?.isReleased) found(`said that ${pur} is closed`);
    return;
  }
  if (typeof tot !== 'string') {
    if (!places.has(`${pur} ${seq}`)) found(`promised refund ${pur}/${seq}, which is not there`);
    return;
  }
  const purse = facts.purses.get(String(pur));
  if (!purse || purse.lastSeq < Number(seq) || purse.capturedMicros < BigInt(tot))
    found(`named ${tot} at ${seq} in ${pur}, which has less`);
}

/** Tokens and results in a kept answer. */
function checkBody({ account, body }: Answered, known: Known, found: Found): void {
  const answer: unknown = JSON.parse(body);
  if (!isRecord(answer)) throw new TypeError('it is not an object');
  const { balance, certificate, record, results, name, number } = answer;
  const { entryCount } = known.replay;
  if (typeof balance === 'string') {
    const { rev, sub } = readBalance(balance).claims;
    if (rev > entryCount) found(`named entry ${rev}, the journal ends at ${entryCount}`);
    if (sub !== account) found(`told the balance of ${sub}`);
  }
  if (typeof certificate === 'string') {
    const { jti, lim } = readCertificate(certificate).claims;
    const { limitMicros = 0n } = known.facts.purses.get(jti) ?? {};
    if (lim > limitMicros) found(`promised ${lim} in purse ${jti}, which has ${limitMicros}`);
  }
  if (typeof record === 'string')
    known.registered.add(`${account} ${readSellerRecord(record).claims.sub}`);
  if (number !== undefined) known.banks.add(bankName(account, name, number));
  if (Array.isArray(results)) for (const result of results) checkResult(result, known, found);
}

/**
 * A handle belongs to an account that registered it, and is paid where that has said; of closed
 * ones no answer is kept.
 */
async function checkSellers(books: Books, { facts, registered, banks }: Known, report: Report) {
  const handles = new Set(
    [...registered].map((text) => text.slice(0, text.indexOf('@', text.indexOf(' ')))),
  );
  const sellers = await books.selectFrom('seller').select(['handle', 'account', 'bank']).execute();
  for (const { handle, account, bank } of sellers) {
    if (facts.closed.has(account)) continue;
    const found = (detail: string) => report({ invariant: 'T5', row: `seller ${handle}`, detail });
    if (!handles.has(`${account} ${handle}`))
      found(`belongs to ${account}, which never registered it`);
    if (bank !== null)
      await guarded(found, () => {
        const to = readBankAccount(bank);
        const isSaid = banks.has(bankName(account, to.name, shortNumber(to)));
        if (!isSaid) found('is paid at an account that its own has never given');
      });
  }
}

export async function checkAnswers(
  books: Books,
  seen: { replay: Replay; facts: Facts; places: ReadonlySet<string>; report: Report },
): Promise<void> {
  const { report } = seen;
  const asked = await readAsked(seen.replay, report);
  const known = { ...seen, registered: new Set<string>(), banks: new Set<string>() };
  for await (const row of books.selectFrom('answered_write').selectAll().stream()) {
    const found = (detail: string) =>
      report({ invariant: 'T5', row: `answered_write ${row.account}/${row.id}`, detail });
    checkAsked(row, asked, found);
    if (row.status === 200n) await guarded(found, () => checkBody(row, known, found));
  }
  for (const [place, { number }] of asked) {
    const detail = `is missing, and entry ${number} was booked`;
    report({ invariant: 'T5', row: `answered_write ${place}`, detail });
  }
  await checkSellers(books, known, report);
}
