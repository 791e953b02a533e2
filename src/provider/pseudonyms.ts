/**
 * A reader's name at one seller and nowhere else (SPEC 5.8): random, and the same in every purse.
 */
import { encodeBase64url } from '../protocol/base64url.ts';
import type { Writing } from './writes.ts';

export async function pseudonymOf(
  { context, books, account }: Writing,
  payto: string,
): Promise<string> {
  const row = await books
    .selectFrom('pseudonym')
    .select('sub')
    .where('account', '=', account)
    .where('payto', '=', payto)
    .executeTakeFirst();
  if (row) return row.sub;
  const sub = encodeBase64url(context.random(16));
  await books.insertInto('pseudonym').values({ account, payto, sub }).execute();
  return sub;
}
