/**
 * Writes that happen once (SPEC 9.5). The record of the answer, the rows and the postings of a
 * write are one database transaction: whoever asks again, after whatever failed, gets the same
 * bytes.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { ERROR_KINDS, type ErrorCode } from '../protocol/codes.ts';
import { FarthingError } from '../protocol/errors.ts';
import { canonicalJson, type Json } from '../protocol/json.ts';
import { problemOf } from '../protocol/problem.ts';
import { type Context, nowSec } from './context.ts';
import type { Books, Reading } from './database.ts';
import { requireAccount } from './devices.ts';
import { RefusedForNow } from './limits.ts';

const DAY_SEC = 86_400;

/** An answer as it is sent, and stored. */
export interface Answer {
  readonly status: number;
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

/**
 * The answer that `write` got before, if it was here before.
 * @throws FarthingError `id_reused`
 */
export async function knownAnswer(
  reading: Reading,
  account: string,
  write: Write,
): Promise<Answer | undefined> {
  const row = await reading
    .selectFrom('answered_write')
    .select(['digest', 'status', 'body'])
    .where('account', '=', account)
    .where('id', '=', write.id)
    .executeTakeFirst();
  if (row && row.digest !== write.digest)
    throw new FarthingError('id_reused', 'make a new id for another request');
  return row && { status: Number(row.status), body: row.body };
}

async function answerOrRefusal(books: Books, work: () => Promise<Answer>): Promise<Answer> {
  await sql`savepoint work`.execute(books);
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FarthingError) || !FINAL_REFUSALS.includes(error.code)) throw error;
    await sql`rollback to savepoint work`.execute(books);
    const body = JSON.stringify(problemOf(error));
    return { status: ERROR_KINDS[error.code].status, body };
  }
}

/** What is kept for ever has a measure. */
async function checkQuota({ context, books, account, atSec }: Writing): Promise<void> {
  const { writeDayCount } = context.rules;
  const last = await books
    .selectFrom('answered_write')
    .select('at_sec')
    .where('account', '=', account)
    .orderBy('at_sec', 'desc')
    .offset(writeDayCount - 1)
    .limit(1)
    .executeTakeFirst();
  const retryAfterSec = Number(last?.at_sec ?? 0) + DAY_SEC - atSec;
  if (retryAfterSec <= 0) return;
  throw new RefusedForNow('write_quota', `${writeDayCount} in 24 hours`, retryAfterSec);
}

/**
 * Does `work` unless it was done; stores what is answered.
 * @throws FarthingError `id_reused`, `write_quota`, and what `work` refuses with
 */
export async function writeOnce(
  writing: Writing,
  write: Write,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const { books, account, atSec } = writing;
  const known = await knownAnswer(books, account, write);
  if (known) return known;
  await checkQuota(writing);
  const { status, body, kept } = await answerOrRefusal(books, work);
  if (kept === 'no') return { status, body };
  await books
    .insertInto('answered_write')
    .values({ account, ...write, status, body, at_sec: atSec })
    .execute();
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
    const account = await requireAccount(books, kid);
    const writing = { context, books, account, kid, atSec: nowSec(context) };
    return writeOnce(writing, write, () => work(writing));
  });
}
