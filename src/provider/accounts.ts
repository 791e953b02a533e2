/** Readers' accounts and what is in them (SPEC 9.6, 9.7). */
import { FarthingError } from '../protocol/errors.ts';
import { MICROS_ZERO } from '../protocol/money.ts';
import { id } from '../protocol/shape.ts';
import { type Context, CURRENCY, nowSec } from './context.ts';
import { findAccount, makeAccount, requireAccount } from './devices.ts';
import { signBalance } from './documents.ts';
import { readBody } from './input.ts';
import { postEntry } from './ledger/journal.ts';
import { type Answer, answer, type Call, type Writing, writeOf, writeOnce } from './writes.ts';

async function giveStarter({ context, books, account, atSec }: Writing): Promise<void> {
  const { starterMicros } = context.rules;
  if (starterMicros === MICROS_ZERO) return;
  const expense = { kind: 'provider expense', owner: '', currency: CURRENCY } as const;
  const starter = { kind: 'reader starter', owner: account, currency: CURRENCY } as const;
  await postEntry(books, {
    id: `opening:${account}`,
    kind: 'opening',
    atSec,
    postings: [
      { account: expense, amountMicros: -starterMicros },
      { account: starter, amountMicros: starterMicros },
    ],
  });
}

/** The account and its balance, as `{account, balance}`. */
export async function accountAnswer(writing: Omit<Writing, 'atSec'>): Promise<Answer> {
  return answer({ account: writing.account, balance: await signBalance(writing) });
}

/**
 * `POST /v1/accounts` (SPEC 9.6): opens an account for the key, with starter credit.
 * @throws FarthingError `body_malformed`, `account_exists`, `id_reused`
 */
export async function openAccount(context: Context, { kid, body }: Call): Promise<Answer> {
  const write = writeOf('accounts', readBody(body, { id }).id, body);
  return context.database.transaction().execute(async (books) => {
    const existing = await findAccount(books, kid);
    const account = existing ?? (await makeAccount(context, books, kid));
    const writing = { context, books, account, atSec: nowSec(context) };
    return writeOnce(writing, write, async () => {
      if (existing !== undefined)
        throw new FarthingError('account_exists', 'read it with GET /v1/account');
      await giveStarter(writing);
      return accountAnswer(writing);
    });
  });
}

/** `GET /v1/account` (SPEC 9.7). @throws FarthingError `account_unknown` */
export async function readAccount(context: Context, kid: string): Promise<Answer> {
  return context.database.transaction().execute(async (books) => {
    const account = await requireAccount(books, kid);
    return accountAnswer({ context, books, account });
  });
}
