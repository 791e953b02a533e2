/** Which account a device key belongs to. */
import { encodeBase64url } from '../protocol/base64url.ts';
import { FarthingError } from '../protocol/errors.ts';
import { MICROS_ZERO } from '../protocol/money.ts';
import { type Context, nowSec } from './context.ts';
import type { Books, Reading } from './database.ts';

/** The account of a device key, if it has one. */
export async function findAccount(reading: Reading, kid: string): Promise<string | undefined> {
  const row = await reading
    .selectFrom('device')
    .select('account')
    .where('kid', '=', kid)
    .executeTakeFirst();
  return row?.account;
}

/** @throws FarthingError `account_unknown` */
export async function requireAccount(reading: Reading, kid: string): Promise<string> {
  const account = await findAccount(reading, kid);
  if (account === undefined)
    throw new FarthingError('account_unknown', 'open one with POST /v1/accounts');
  return account;
}

/** Makes an account, without money, for a device key that has none. */
export async function makeAccount(context: Context, books: Books, kid: string): Promise<string> {
  const account = encodeBase64url(context.random(16));
  const atSec = nowSec(context);
  await books
    .insertInto('account')
    .values({ id: account, opened_at_sec: atSec, starter_micros: MICROS_ZERO })
    .execute();
  await books.insertInto('device').values({ kid, account, added_at_sec: atSec }).execute();
  return account;
}
