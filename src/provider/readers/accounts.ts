/** Readers' accounts and what is in them (SPEC 9.6, 9.7). */
import { FarthingError } from '../../protocol/errors.ts';
import { id, literal } from '../../protocol/shape.ts';
import { bodyOf, described } from '../api/schema.ts';
import { type Answer, answer, type Call, type Writing, writeOf, writeOnce } from '../api/writes.ts';
import { type Context, nowSec } from '../context.ts';
import { readBooks } from '../database/database.ts';
import { signBalance } from '../signing/documents.ts';
import { findAccount, makeAccount, requireAccount } from './devices.ts';
import { giveStarter } from './starter.ts';

const noStarter = described(literal('none'), { const: 'none' });

/** `POST /v1/accounts`. */
export const OPEN_ACCOUNT = bodyOf({ id }, { starter: noStarter });

/** The account and its balance, as `{account, balance}`. */
export async function accountAnswer(writing: Omit<Writing, 'kid'>): Promise<Answer> {
  return answer({ account: writing.account, balance: await signBalance(writing) });
}

/**
 * `POST /v1/accounts` (SPEC 9.6): opens an account for the key, with starter credit.
 * @throws FarthingError `body_malformed`, `account_exists`, `device_revoked`, `starter_limit`,
 *   `id_reused`
 */
export async function openAccount(context: Context, { kid, body }: Call): Promise<Answer> {
  const wish = OPEN_ACCOUNT.read(body);
  const write = writeOf('accounts', wish.id, body);
  return context.changeBooks(async (books) => {
    const atSec = nowSec(context);
    const existing = await findAccount(books, kid);
    const account = existing ?? (await makeAccount(context, books, { kid, atSec }));
    const writing = { context, books, account, kid, atSec };
    return writeOnce(writing, write, async () => {
      if (existing !== undefined)
        throw new FarthingError('account_exists', 'read it with GET /v1/account');
      if (wish.starter === undefined) await giveStarter(writing);
      return accountAnswer(writing);
    });
  });
}

/** `GET /v1/account` (SPEC 9.7). @throws FarthingError `account_unknown` */
export async function readAccount(context: Context, kid: string): Promise<Answer> {
  return readBooks(context.database, async (books) => {
    const account = await requireAccount(books, kid);
    return accountAnswer({ context, books, account, atSec: nowSec(context) });
  });
}
