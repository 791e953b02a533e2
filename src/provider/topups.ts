/** Top-ups (SPEC 9.8). In a sandbox the card is play money and pays at once. */
import { FarthingError } from '../protocol/errors.ts';
import { currencyMember, MICROS_PER_UNIT, microsMember } from '../protocol/money.ts';
import { id } from '../protocol/shape.ts';
import { accountAnswer } from './accounts.ts';
import { type Context, CURRENCY } from './context.ts';
import { readBody, requireCurrency } from './input.ts';
import { postEntry } from './ledger/journal.ts';
import { type Answer, type Call, type Writing, writeAsAccount, writeOf } from './writes.ts';

/** Below a unit a real card costs more than it brings; above twenty a lost device hurts. */
const TOPUP_MICROS_MIN = MICROS_PER_UNIT;
const TOPUP_MICROS_MAX = 20n * MICROS_PER_UNIT;

async function bookTopUp(writing: Writing, body: { id: string; amount: bigint }): Promise<Answer> {
  const { books, account, atSec } = writing;
  const outside = { kind: 'outside money', owner: '', currency: CURRENCY } as const;
  const available = { kind: 'reader available', owner: account, currency: CURRENCY } as const;
  await postEntry(books, {
    id: `topup:${account}:${body.id}`,
    kind: 'topup',
    atSec,
    postings: [
      { account: outside, amountMicros: -body.amount },
      { account: available, amountMicros: body.amount },
    ],
  });
  return accountAnswer(writing);
}

/**
 * `POST /v1/topups`.
 * @throws FarthingError `body_malformed`, `currency_unsupported`, `topup_refused`,
 *   `account_unknown`, `id_reused`
 */
export async function topUp(context: Context, call: Call): Promise<Answer> {
  const body = readBody(call.body, { id, amount: microsMember, currency: currencyMember });
  requireCurrency(body.currency);
  if (body.amount < TOPUP_MICROS_MIN || body.amount > TOPUP_MICROS_MAX)
    throw new FarthingError('topup_refused', 'the sandbox card pays between 1 and 20 dollars');
  const write = writeOf('topups', body.id, call.body);
  return writeAsAccount(context, call.kid, write, (writing) => bookTopUp(writing, body));
}
