/** What the books say of one purse (SPEC 9.14), for the reader whose purse it is. */
import { FarthingError } from '../../protocol/errors.ts';
import { signStatement } from '../../protocol/statement.ts';
import { type Answer, answer } from '../api/writes.ts';
import { type Context, nowSec } from '../context.ts';
import { type Books, readBooks } from '../database/database.ts';
import { requireAccount } from './devices.ts';

/** The charge that was collected last; none where nothing was. */
async function lastCharge(books: Books, purse: string): Promise<string | undefined> {
  const row = await books
    .selectFrom('capture')
    .select('charge')
    .where('purse', '=', purse)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.charge;
}

/**
 * `GET /v1/purses/PURSE`.
 * @throws FarthingError `account_unknown`, `purse_not_found`
 */
export function readPurseStatement(context: Context, purse: string, kid: string): Promise<Answer> {
  return readBooks(context.database, async (books) => {
    const account = await requireAccount(books, kid);
    const row = await books
      .selectFrom('purse')
      .selectAll()
      .where('id', '=', purse)
      .where('account', '=', account)
      .executeTakeFirst();
    if (!row) throw new FarthingError('purse_not_found', 'this account has no such purse');
    const claims = {
      iss: context.issuer,
      sub: account,
      pur: row.id,
      aud: row.payto,
      cur: row.currency,
      state: row.state,
      seq: Number(row.last_seq),
      tot: row.captured_micros,
      lim: row.limit_micros,
      exp: Number(row.expires_at_sec),
      iat: nowSec(context),
    };
    const statement = await signStatement(claims, context.keys.signer());
    const last = await lastCharge(books, purse);
    return answer({ statement, certificate: row.certificate, ...(last && { last }) });
  });
}
