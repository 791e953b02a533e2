/**
 * Writes that happen once (SPEC 9.5). The record of the answer, the rows and the postings of a
 * write are one database transaction: whoever asks again, after whatever failed, gets the same
 * bytes.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { ERROR_STATUSES, type ErrorCode } from '../../protocol/codes.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { canonicalJson, type Json } from '../../protocol/json.ts';
import { problemOf } from '../../protocol/problem.ts';
import { type Context, nowSec } from '../context.ts';
import type { Books, Reading } from '../database/database.ts';
import {
  ask,
  askAll,
  insertionInto,
  type Query,
  queryOf,
  statementOf,
} from '../database/queries.ts';
import { accountIn, requireAccount } from '../readers/devices.ts';
import { RefusedForNow } from './limits.ts';

const DAY_SEC = 86_400;

/** An answer as it is sent. */
export interface Sent {
  readonly status: number;
  /** JSON. */
  readonly body: string | ReadableStream<Uint8Array>;
}

/** An answer that is stored as well. */
export interface Answer extends Sent {
  /** JSON. */
  readonly body: string;
  /** `no`: nothing was changed, so that it may be asked again. */
  readonly kept?: 'no';
}

/** A request whose key was proven. */
export interface Call {
  /** The thumbprint of the device key. */
  readonly kid: string;
  /** Parsed, not yet read. */
  readonly body: unknown;
}

/** One write: what is asked for, under the caller's id. */
export interface Write {
  readonly id: string;
  readonly digest: string;
}

/** Where a write happens. */
export interface Writing {
  readonly context: Context;
  readonly books: Books;
  readonly account: string;
  /** The key that asks. */
  readonly kid: string;
  readonly atSec: number;
}

/**
 * Refusals that a caller takes as the end of that id. Were they not kept, a duplicate of the
 * request that arrives after a top-up would set money aside of which the caller knows nothing.
 */
const FINAL_REFUSALS: readonly ErrorCode[] = ['insufficient_funds', 'aside_limit', 'purse_count'];

/** A write of `kind` (the path) with `body`, which has been read and found well-formed. */
export function writeOf(kind: string, id: string, body: unknown): Write {
  const asked = canonicalJson({ kind, body: body as Json });
  return { id, digest: createHash('sha256').update(asked).digest('base64url') };
}

/** A good answer. */
export function answer(body: object): Answer {
  return { status: 200, body: JSON.stringify(body) };
}

/** A good answer to a write that came to nothing: nobody has us keep what changes nothing. */
export function passingAnswer(body: object): Answer {
  return { ...answer(body), kept: 'no' };
}

function dayBefore(atSec: number): bigint {
  return BigInt(atSec - DAY_SEC);
}

/** What is made once for each count; the operator chooses one. */
function byCount<T>(make: (count: number) => T): (count: number) => T {
  const made = new Map<number, T>();
  return (count) => {
    const known = made.get(count) ?? make(count);
    made.set(count, known);
    return known;
  };
}

/**
 * Asks for the answer that a write got before; it is for `answerIn`. A top-up has its id from the
 * moment that it is begun, whatever it is answered.
 */
const ANSWERED = queryOf((reading, write: { readonly account: string; readonly id: string }) =>
  reading
    .selectFrom('answered_write')
    .select(['digest', sql<bigint | null>`status`.as('status')])
    .select(sql<string | null>`body`.as('body'))
    .where('account', '=', write.account)
    .where('id', '=', write.id)
    .unionAll(
      reading
        .selectFrom('topup')
        .select(['digest', sql<bigint | null>`null`.as('status')])
        .select(sql<string | null>`null`.as('body'))
        .where('account', '=', write.account)
        .where('id', '=', write.id),
    ),
);

/** When an account wrote what was its last but so many, if it was lately. */
function lastBut(reading: Reading, count: number) {
  return reading
    .selectFrom('answered_write as last')
    .select('last.at_sec')
    .orderBy('last.at_sec', 'desc')
    .offset(count)
    .limit(1);
}

/** Asks for the write that has to be a day old: no more are counted than are made in a day. */
const countedBy = byCount((count) =>
  queryOf((reading, of: { readonly account: string; readonly sinceSec: bigint }) =>
    lastBut(reading, count)
      .where('last.account', '=', of.account)
      .where('last.at_sec', '>', of.sinceSec),
  ),
);

/** Asks whose a key is, what a write of it was answered before, and the same in one look. */
const writerBy = byCount((count) =>
  queryOf((reading, by: { readonly kid: string; readonly id: string; readonly sinceSec: bigint }) =>
    reading
      .selectFrom('device')
      .innerJoin('account', 'account.id', 'device.account')
      .leftJoin('answered_write as known', (join) =>
        join.onRef('known.account', '=', 'device.account').on('known.id', '=', by.id),
      )
      .leftJoin('topup as begun', (join) =>
        join.onRef('begun.account', '=', 'device.account').on('begun.id', '=', by.id),
      )
      .select(['device.account', 'device.place', 'device.revoked_at_sec'])
      .select(['account.closed_at_sec', 'known.digest', 'known.status', 'known.body'])
      .select('begun.digest as begun_digest')
      .select(
        lastBut(reading, count)
          .where(sql<boolean>`last.account = device.account`)
          .where('last.at_sec', '>', by.sinceSec)
          .as('last_at_sec'),
      )
      .where('device.kid', '=', by.kid),
  ),
);

interface AnsweredRow {
  readonly digest: string;
  /** Null where the id is a top-up's, which is answered by another row. */
  readonly status: bigint | null;
  readonly body: string | null;
}

/** The answer that `answerAsked` has found. @throws FarthingError `id_reused` */
export function answerIn(rows: readonly AnsweredRow[], { digest }: Write): Answer | undefined {
  if (rows.some((row) => row.digest !== digest))
    throw new FarthingError('id_reused', 'make a new id for another request');
  for (const { status, body } of rows)
    if (status !== null && body !== null) return { status: Number(status), body };
  return undefined;
}

/** Asks for the answer that `write` got before; it is for `answerIn`. */
export function answerAsked(account: string, { id }: Write): Query<AnsweredRow> {
  return ANSWERED({ account, id });
}

/**
 * The answer that `write` got before, if it was here before.
 * @throws FarthingError `id_reused`
 */
export async function knownAnswer(
  reading: Reading,
  account: string,
  write: Write,
): Promise<Answer | undefined> {
  return answerIn(await ask(reading, answerAsked(account, write)), write);
}

const SAVE = statementOf('savepoint work');
const UNDO = statementOf('rollback to savepoint work');

async function answerOrRefusal(books: Books, work: () => Promise<Answer>): Promise<Answer> {
  await ask(books, SAVE);
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FarthingError) || !FINAL_REFUSALS.includes(error.code)) throw error;
    await ask(books, UNDO);
    const body = JSON.stringify(problemOf(error));
    return { status: ERROR_STATUSES[error.code], body };
  }
}

/** Asks for the write that has to be a day old. */
function lastCounted({ context, account, atSec }: Writing) {
  return countedBy(context.rules.writeDayCount - 1)({ account, sinceSec: dayBefore(atSec) });
}

/** @throws FarthingError `write_quota` */
function checkQuotaIn(
  [last]: readonly { readonly at_sec: bigint }[],
  { context, atSec }: Pick<Writing, 'context' | 'atSec'>,
): void {
  const retryAfterSec = Number(last?.at_sec ?? 0) + DAY_SEC - atSec;
  if (retryAfterSec <= 0) return;
  const { writeDayCount } = context.rules;
  throw new RefusedForNow('write_quota', `${writeDayCount} in 24 hours`, retryAfterSec);
}

/** What is kept for ever has a measure. @throws FarthingError `write_quota` */
export async function checkQuota(writing: Writing): Promise<void> {
  checkQuotaIn(await ask(writing.books, lastCounted(writing)), writing);
}

const KEEP = insertionInto('answered_write');

/**
 * Does `work` unless it was done; stores what is answered.
 * @throws FarthingError `id_reused`, `write_quota`, and what `work` refuses with
 */
export async function writeOnce(
  writing: Writing,
  write: Write,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const { books, account } = writing;
  const asked = [answerAsked(account, write), lastCounted(writing)] as const;
  const [before, last] = await askAll(books, ...asked);
  const known = answerIn(before.rows, write);
  if (known) return known;
  checkQuotaIn(last.rows, writing);
  return doAndKeep(writing, write, work);
}

async function doAndKeep(
  writing: Writing,
  write: Write,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const { books, account } = writing;
  const { status, body, kept } = await answerOrRefusal(books, work);
  if (kept === 'no') return { status, body };
  await ask(books, KEEP({ account, ...write, status, body, at_sec: writing.atSec }));
  return { status, body };
}

/**
 * What stands before the costly checks of a write: only who has an account makes us check
 * signatures, and nobody twice for one write. Answers what the write was answered before.
 * @throws FarthingError `account_unknown`, `id_reused`
 */
export async function answeredBefore(
  context: Context,
  kid: string,
  write: Write,
): Promise<Answer | undefined> {
  const account = await requireAccount(context.database, kid);
  return knownAnswer(context.database, account, write);
}

/**
 * One write of an account that exists: one database transaction around everything.
 * @throws FarthingError `account_unknown`, `device_revoked`, `id_reused`, and what `work` refuses
 *   with
 */
export function writeAsAccount(
  context: Context,
  kid: string,
  write: Write,
  work: (writing: Writing) => Promise<Answer>,
): Promise<Answer> {
  return context.changeBooks(async (books) => {
    const atSec = nowSec(context);
    const writer = writerBy(context.rules.writeDayCount - 1);
    const rows = await ask(books, writer({ kid, id: write.id, sinceSec: dayBefore(atSec) }));
    const writing = { context, books, account: accountIn(rows), kid, atSec };
    const before = rows.flatMap(({ digest, status, body, begun_digest: begun }) => [
      ...(digest === null ? [] : [{ digest, status, body }]),
      ...(begun === null ? [] : [{ digest: begun, status: null, body: null }]),
    ]);
    const known = answerIn(before, write);
    if (known) return known;
    const last = rows.flatMap(({ last_at_sec: at_sec }) => (at_sec === null ? [] : [{ at_sec }]));
    checkQuotaIn(last, writing);
    return doAndKeep(writing, write, () => work(writing));
  });
}
