/**
 * Origins are proven again each day (SPEC 2.3): one that is not, three times in a row, stands in
 * the seller's record no more until it is. A check is taken before it is made, so that several
 * processes share them; one that dies in the middle leaves it to the next.
 */
import { FarthingError } from '../../protocol/errors.ts';
import { type Context, nowSec, paytoOf } from '../context.ts';
import type { Books, Reading } from '../database/database.ts';
import { proveOrigin } from './origins.ts';

const DAY_SEC = 86_400;
/** Whoever takes a check has made it by then. */
const TAKEN_SEC = 600;
/** At a time: strangers may be slow. */
const CHECK_COUNT = 16;
const FAILURE_COUNT_MAX = 3;

interface OriginCheck {
  readonly handle: string;
  readonly origin: string;
}

/** Origins that were all proven just now are looked at tomorrow. */
export async function restartChecks(
  books: Books,
  { handle, origins }: { readonly handle: string; readonly origins: readonly string[] },
  atSec: number,
): Promise<void> {
  await books.deleteFrom('origin_check').where('handle', '=', handle).execute();
  const due_at_sec = atSec + DAY_SEC;
  await books
    .insertInto('origin_check')
    .values(origins.map((origin) => ({ handle, origin, failure_count: 0, due_at_sec })))
    .execute();
}

/** Sellers of books from before origins were looked at again. */
export async function beginChecks(context: Context): Promise<void> {
  await context.changeBooks(async (books) => {
    const sellers = await books
      .selectFrom('seller')
      .leftJoin('origin_check', 'origin_check.handle', 'seller.handle')
      .select(['seller.handle', 'seller.origins'])
      .where('origin_check.handle', 'is', null)
      .execute();
    for (const { handle, origins } of sellers)
      await restartChecks(books, { handle, origins: JSON.parse(origins) }, nowSec(context));
  });
}

/** The origins of a seller that are not in its record for now. */
export async function suspendedOrigins(reading: Reading, handle: string): Promise<Set<string>> {
  const rows = await reading
    .selectFrom('origin_check')
    .select('origin')
    .where('handle', '=', handle)
    .where('failure_count', '>=', BigInt(FAILURE_COUNT_MAX))
    .execute();
  return new Set(rows.map(({ origin }) => origin));
}

/** Takes the checks that are due longest. */
async function takeChecks(context: Context): Promise<OriginCheck[]> {
  return context.changeBooks(async (books) => {
    const atSec = nowSec(context);
    const checks = await books
      .selectFrom('origin_check')
      .select(['handle', 'origin'])
      .where('due_at_sec', '<=', BigInt(atSec))
      .orderBy('due_at_sec')
      .orderBy('handle')
      .limit(CHECK_COUNT)
      .execute();
    for (const check of checks) await noteCheck(books, check, { due_at_sec: atSec + TAKEN_SEC });
    return checks;
  });
}

function noteCheck(
  books: Books,
  { handle, origin }: OriginCheck,
  change: { readonly due_at_sec: number; readonly failure_count?: number },
) {
  return books
    .updateTable('origin_check')
    .set(change)
    .where('handle', '=', handle)
    .where('origin', '=', origin)
    .executeTakeFirst();
}

/** Why the origin is not proven; undefined where it is. */
async function faultOf(
  context: Context,
  { handle, origin }: OriginCheck,
): Promise<string | undefined> {
  const devices = await context.database
    .selectFrom('seller')
    .innerJoin('device', 'device.account', 'seller.account')
    .select('device.kid')
    .where('seller.handle', '=', handle)
    .where('device.revoked_at_sec', 'is', null)
    .execute();
  const accounts = devices.map(({ kid }) => kid);
  const payto = paytoOf(context, handle);
  try {
    await proveOrigin(context.readOrigin, { origin, payto, accounts });
    return undefined;
  } catch (error) {
    if (error instanceof FarthingError) return error.detail;
    throw error;
  }
}

async function checkOne(context: Context, check: OriginCheck): Promise<void> {
  const fault = await faultOf(context, check);
  const { handle, origin } = check;
  await context.changeBooks(async (books) => {
    const row = await books
      .selectFrom('origin_check')
      .select('failure_count')
      .where('handle', '=', handle)
      .where('origin', '=', origin)
      .executeTakeFirst();
    // Its seller has registered others meanwhile.
    if (!row) return;
    const before = Number(row.failure_count);
    const failures = fault === undefined ? 0 : before + 1;
    const due_at_sec = nowSec(context) + DAY_SEC;
    await noteCheck(books, check, { due_at_sec, failure_count: failures });
    if (failures === FAILURE_COUNT_MAX) context.log(`${handle}: ${origin} is suspended: ${fault}`);
    if (failures === 0 && before >= FAILURE_COUNT_MAX)
      context.log(`${handle}: ${origin} is proven again`);
  });
}

/** Makes the checks that are due. */
export async function checkOrigins(context: Context): Promise<void> {
  let count: number;
  do {
    const checks = await takeChecks(context);
    await Promise.all(checks.map((check) => checkOne(context, check)));
    count = checks.length;
  } while (count === CHECK_COUNT);
}
