/**
 * A reader's name at one seller and nowhere else (SPEC 5.8): random, and the same in every purse.
 */
import { encodeBase64url } from '../../protocol/base64url.ts';
import type { Writing } from '../api/writes.ts';
import { insertionInto, type Query, queryOf } from '../database/queries.ts';

/** Asks how an account is called at a seller; its answer is for `pseudonymIn`. */
export const PSEUDONYM_OF = queryOf(
  (reading, of: { readonly account: string; readonly payto: string }) =>
    reading
      .selectFrom('pseudonym')
      .select('sub')
      .where('account', '=', of.account)
      .where('payto', '=', of.payto),
);

const GIVE = insertionInto('pseudonym');

/** The name that `PSEUDONYM_OF` has found; or a new one, and what is to be written for it. */
export function pseudonymIn(
  [row]: readonly { readonly sub: string }[],
  { context, account }: Writing,
  payto: string,
): { readonly sub: string; readonly writes: readonly Query<unknown>[] } {
  if (row) return { sub: row.sub, writes: [] };
  const sub = encodeBase64url(context.random(16));
  return { sub, writes: [GIVE({ account, payto, sub })] };
}
