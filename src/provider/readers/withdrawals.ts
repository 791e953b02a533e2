/**
 * Withdrawals (SPEC 9.24): readers' money goes back to the cards it came from. The write books it;
 * it is sent by and by, and how it stands can be asked.
 */
import type { WithdrawalAnswer } from '../../protocol/api.ts';
import { FarthingError } from '../../protocol/errors.ts';
import {
  currencyMember,
  MICROS_ZERO,
  type Micros,
  microsMember,
  wholeCents,
} from '../../protocol/money.ts';
import { id } from '../../protocol/shape.ts';
import { bodyOf } from '../api/schema.ts';
import {
  type Answer,
  answer,
  type Call,
  type Writing,
  writeAsAccount,
  writeOf,
} from '../api/writes.ts';
import { type Context, nowSec } from '../context.ts';
import { readBooks } from '../database/database.ts';
import { type Part, partsOf } from '../funding/parts.ts';
import { requireThawed } from '../funding/standing.ts';
import { checkReturns } from '../funding/velocity.ts';
import { makeWithdrawal } from '../funding/withdrawals.ts';
import { requireCurrency } from '../ledger/currency.ts';
import { signBalance } from '../signing/documents.ts';
import { requireAccount } from './devices.ts';

/** `POST /v1/withdrawals`. */
export const WITHDRAW = bodyOf({ id, currency: currencyMember }, { amount: microsMember });

function readWithdrawBody(value: unknown) {
  const body = WITHDRAW.read(value);
  requireCurrency(body.currency);
  if (body.amount !== undefined && (body.amount === 0n || wholeCents(body.amount) !== body.amount))
    throw new FarthingError('withdrawal_refused', 'a card takes whole cents');
  return body;
}

function sumOf(parts: readonly Part[], isOne: (part: Part) => boolean): Micros {
  const sum = (micros: bigint, part: Part) => micros + (isOne(part) ? part.amount_micros : 0n);
  return parts.reduce(sum, MICROS_ZERO) as Micros;
}

async function answerOf(writing: Omit<Writing, 'kid'>, withdrawal: string): Promise<Answer> {
  const { books, account } = writing;
  const parts = await partsOf(books, { account, id: withdrawal });
  const body: WithdrawalAnswer = {
    withdrawal,
    amount: `${sumOf(parts, () => true)}`,
    withdrawn: `${sumOf(parts, ({ state }) => state === 'withdrawn')}`,
    failed: `${sumOf(parts, ({ state }) => state === 'failed')}`,
    account,
    balance: await signBalance(writing),
  };
  return answer(body);
}

/**
 * `POST /v1/withdrawals`: books it; nothing is sent yet.
 * @throws FarthingError `body_malformed`, `currency_unsupported`, `withdrawal_refused`,
 *   `account_unknown`, `account_frozen`, `withdrawal_limit`, `id_reused`, `write_quota`; answered
 *   and kept: `insufficient_funds`
 */
export function withdraw(context: Context, { kid, body: value }: Call): Promise<Answer> {
  const body = readWithdrawBody(value);
  const write = writeOf('withdrawals', body.id, value);
  return writeAsAccount(context, kid, write, async (writing) => {
    await requireThawed(writing);
    await checkReturns(writing);
    const { books, account, atSec } = writing;
    const { method } = context.funding;
    await makeWithdrawal(books, { account, ...write, method, amountMicros: body.amount, atSec });
    return answerOf(writing, body.id);
  });
}

/**
 * `GET /v1/withdrawals/ID`: how it stands.
 * @throws FarthingError `account_unknown`, `not_found`
 */
export async function readWithdrawal(context: Context, kid: string, id: string): Promise<Answer> {
  return readBooks(context.database, async (books) => {
    const account = await requireAccount(books, kid);
    if ((await partsOf(books, { account, id })).length === 0)
      throw new FarthingError('not_found', 'this account has no such withdrawal');
    return answerOf({ context, books, account, atSec: nowSec(context) }, id);
  });
}
