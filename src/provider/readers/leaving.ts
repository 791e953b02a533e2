/**
 * Closing an account (SPEC 9.26): once nothing is in it any more, whoever it was is forgotten. The
 * journal and what proves it stay, under a number that is nobody's.
 */
import { FarthingError } from '../../protocol/errors.ts';
import { MICROS_ZERO, type Micros, wholeCents } from '../../protocol/money.ts';
import { id } from '../../protocol/shape.ts';
import { bodyOf } from '../api/schema.ts';
import {
  type Answer,
  answer,
  type Call,
  knownAnswer,
  type Writing,
  writeOf,
  writeOnce,
} from '../api/writes.ts';
import { type Context, CURRENCY, nowSec, paytoOf } from '../context.ts';
import { type Books, indexed } from '../database/database.ts';
import { requireThawed } from '../funding/standing.ts';
import type { LedgerKind } from '../ledger/chart.ts';
import { balanceOf, postEntry } from '../ledger/journal.ts';
import { findOwner, requireAccount } from './devices.ts';

/** `POST /v1/account/close`. */
export const CLOSE_ACCOUNT = bodyOf({ id });

function refuse(wayOut: string): never {
  throw new FarthingError('account_not_empty', wayOut);
}

/** Less than a cent can be sent to nobody, and stays where it is. */
async function holds(books: Books, kind: LedgerKind, owner: string): Promise<boolean> {
  const micros = await balanceOf(books, { kind, owner, currency: CURRENCY });
  return wholeCents(micros) > MICROS_ZERO;
}

async function checkMoney({ books, account }: Writing): Promise<void> {
  if (await holds(books, 'reader available', account)) refuse('withdraw or spend what is there');
  if (await holds(books, 'withdrawal in transit', account))
    refuse('wait until what was withdrawn has arrived');
  const begun = await books
    .selectFrom('topup')
    .select('id')
    .where('account', '=', account)
    .where('state', '=', 'begun')
    .limit(1)
    .execute();
  if (begun.length > 0) refuse('wait until the payment that was begun has ended');
  const open = await books
    .selectFrom('purse')
    .select('id')
    .where('account', '=', account)
    .where('state', '=', 'open')
    .limit(1)
    .execute();
  if (open.length > 0) refuse('close each purse, or wait until it is released: ten days at most');
}

async function checkSeller({ context, books }: Writing, handle: string): Promise<void> {
  for (const kind of ['seller earned', 'seller earned starter', 'payout in transit'] as const)
    if (await holds(books, kind, handle)) refuse(`wait until ${handle} was paid what it earned`);
  const payto = paytoOf(context, handle);
  const open = await books
    .selectFrom('purse')
    .select('id')
    .where('payto', '=', payto)
    .where('state', '=', indexed('open'))
    .limit(1)
    .execute();
  if (open.length > 0) refuse(`readers still have money set aside for ${handle}`);
  const owed = await books
    .selectFrom('refund')
    .select('number')
    .where('payto', '=', payto)
    .where('state', '=', indexed('pending'))
    .limit(1)
    .execute();
  if (owed.length > 0) refuse(`${handle} owes readers what it has promised to give back`);
}

async function handlesOf({ books, account }: Writing): Promise<string[]> {
  const sellers = books.selectFrom('seller').select('handle').where('account', '=', account);
  return (await sellers.execute()).map(({ handle }) => handle);
}

/** @throws FarthingError `account_frozen`, `account_not_empty` */
async function checkEmpty(writing: Writing): Promise<void> {
  await requireThawed(writing);
  await checkMoney(writing);
  for (const handle of await handlesOf(writing)) await checkSeller(writing, handle);
}

/** What was a gift and is not used goes back to who gave it. */
async function returnStarter({ books, account, atSec }: Writing): Promise<void> {
  const starter = { kind: 'reader starter', owner: account, currency: CURRENCY } as const;
  const leftMicros: Micros = await balanceOf(books, starter);
  if (leftMicros === MICROS_ZERO) return;
  const expense = { kind: 'provider expense', owner: '', currency: CURRENCY } as const;
  await postEntry(books, {
    id: `closing:${account}`,
    kind: 'closing',
    atSec,
    postings: [
      { account: starter, amountMicros: -leftMicros },
      { account: expense, amountMicros: leftMicros },
    ],
  });
}

async function forgetSellers(writing: Writing): Promise<void> {
  const { books, account } = writing;
  for (const handle of await handlesOf(writing))
    await books.deleteFrom('origin_check').where('handle', '=', handle).execute();
  await books
    .updateTable('seller')
    .set({ name: '', origins: '[]', keys: '[]', bank: null })
    .where('account', '=', account)
    .execute();
}

/** All that says who it was, and which of its purses were whose at a seller. */
async function forget(writing: Writing): Promise<void> {
  const { books, account, atSec } = writing;
  const nothing = { country: null, history_length: 0, closed_at_sec: atSec };
  await books.updateTable('account').set(nothing).where('id', '=', account).execute();
  // The keys stay: none is ever given again, and the same write gets the same answer.
  await books.updateTable('device').set({ name: '' }).where('account', '=', account).execute();
  for (const table of ['recovery_key', 'history_chunk', 'pseudonym'] as const)
    await books.deleteFrom(table).where('account', '=', account).execute();
  await books
    .updateTable('purse')
    .set({ sub: '', certificate: '' })
    .where('account', '=', account)
    .execute();
  // What was asked for stays by its digest, for the audit; what was told does not.
  const untold = { body: '{}' };
  await books.updateTable('answered_write').set(untold).where('account', '=', account).execute();
  await forgetSellers(writing);
}

/**
 * `POST /v1/account/close`. The same write again is answered the same, though nobody is there.
 * @throws FarthingError `body_malformed`, `account_unknown`, `device_revoked`, `account_closed`,
 *   `account_frozen`, `account_not_empty`, `id_reused`
 */
export function closeAccount(context: Context, { kid, body }: Call): Promise<Answer> {
  const write = writeOf('account/close', CLOSE_ACCOUNT.read(body).id, body);
  return context.changeBooks(async (books) => {
    const owner = await findOwner(books, kid);
    const known = owner && (await knownAnswer(books, owner.account, write));
    if (known) return known;
    const account = await requireAccount(books, kid);
    const writing = { context, books, account, kid, atSec: nowSec(context) };
    return writeOnce(writing, write, async () => {
      await checkEmpty(writing);
      await returnStarter(writing);
      await forget(writing);
      return answer({});
    });
  });
}
