/**
 * Top-ups (SPEC 9.8): the row first, then the payment, then what became of it. Whoever asks again,
 * after whatever failed, goes on where it was.
 */
import type { TopUpAnswer } from '../../protocol/api.ts';
import { FarthingError } from '../../protocol/errors.ts';
import {
  currencyMember,
  MICROS_PER_CENT,
  MICROS_PER_UNIT,
  microsMember,
} from '../../protocol/money.ts';
import { id, refuse } from '../../protocol/shape.ts';
import { bodyOf, described } from '../api/schema.ts';
import {
  type Answer,
  answer,
  type Call,
  checkQuota,
  knownAnswer,
  type Write,
  type Writing,
  writeOf,
  writeOnce,
} from '../api/writes.ts';
import { type Context, nowSec } from '../context.ts';
import { type Reading, readBooks } from '../database/database.ts';
import type { Begun, Place } from '../funding/funding.ts';
import { bookNotice, findTopUp, noteSilence, paymentOf, type TopUp } from '../funding/notices.ts';
import { CARD_WISHES, type CardWish, SANDBOX_CARD } from '../funding/sandboxcard.ts';
import { askAbout } from '../funding/settle.ts';
import { requireMayTopUp } from '../funding/standing.ts';
import { checkVelocity } from '../funding/velocity.ts';
import { requireCurrency } from '../ledger/currency.ts';
import { signBalance } from '../signing/documents.ts';
import { requireAccount } from './devices.ts';

/** Below a unit a real card costs more than it brings; above twenty a lost device hurts. */
const TOPUP_MICROS_MIN = MICROS_PER_UNIT;
const TOPUP_MICROS_MAX = 20n * MICROS_PER_UNIT;
/** A reader who waits asks often; the card's side is asked no oftener than this. */
const ASK_AGAIN_SEC = 5;

const cardMember = described(
  (value): CardWish =>
    CARD_WISHES.find((wish) => wish === value) ?? refuse(`not one of ${CARD_WISHES.join(', ')}`),
  { enum: CARD_WISHES },
);

/** `POST /v1/topups`. */
export const TOP_UP = bodyOf(
  { id, amount: microsMember, currency: currencyMember },
  { card: cardMember },
);
type TopUpBody = ReturnType<typeof TOP_UP.read>;

function readTopUpBody(context: Context, value: unknown): TopUpBody {
  const body = TOP_UP.read(value);
  requireCurrency(body.currency);
  if (body.amount < TOPUP_MICROS_MIN || body.amount > TOPUP_MICROS_MAX)
    throw new FarthingError('topup_refused', 'a card pays between 1 and 20 dollars');
  if (body.amount % MICROS_PER_CENT !== 0n)
    throw new FarthingError('topup_refused', 'a card pays whole cents');
  if (body.card !== undefined && context.funding.method !== SANDBOX_CARD)
    throw new FarthingError('topup_refused', 'wishes are for the sandbox card');
  return body;
}

async function answerOf(writing: Omit<Writing, 'kid'>, topUp: TopUp): Promise<Answer> {
  const { account } = writing;
  const { id: topup, state, amount_micros: amount, url } = topUp;
  const body: TopUpAnswer = {
    ...{ topup, state, amount: `${amount}`, account },
    balance: await signBalance(writing),
    ...(state === 'begun' && url !== null ? { url } : {}),
  };
  return answer(body);
}

/** The row of a top-up that is asked for: the one that is there, or a new one. */
async function begin(writing: Writing, write: Write, body: TopUpBody): Promise<TopUp> {
  const { context, books, account, atSec } = writing;
  const known = await findTopUp(books, { account, id: body.id });
  // Another card's side would call paid what was never paid there.
  if (known && known.method !== context.funding.method)
    throw new FarthingError('topup_refused', 'it was begun by another way; make a new id');
  if (known) return known;
  await checkQuota(writing);
  await requireMayTopUp(writing);
  await checkVelocity(writing, body.amount);
  return books
    .insertInto('topup')
    .values({
      ...{ account, ...write },
      amount_micros: body.amount,
      currency: body.currency,
      method: context.funding.method,
      name: context.name,
      reference: body.card ?? null,
      state: 'begun',
      begun_at_sec: atSec,
      asked_at_sec: atSec,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** What the write was answered before; or its row, which is on disk from then on. */
function beginOnce(context: Context, kid: string, write: Write, body: TopUpBody) {
  return context.changeBooks(async (books): Promise<{ answered: Answer } | { topUp: TopUp }> => {
    const account = await requireAccount(books, kid);
    const answered = await knownAnswer(books, account, write);
    if (answered) return { answered };
    const writing = { context, books, account, kid, atSec: nowSec(context) };
    return { topUp: await begin(writing, write, body) };
  });
}

/** Writes down what the funding answered, and answers by that; undefined: it was refused. */
function conclude(context: Context, asked: { kid: string; write: Write; topUp: TopUp }, it: Begun) {
  const { kid, write, topUp: place } = asked;
  const { account } = place;
  return context.changeBooks(async (books) => {
    const atSec = nowSec(context);
    await books
      .updateTable('topup')
      .set({ reference: it.reference, url: it.url ?? null })
      .where('account', '=', account)
      .where('id', '=', place.id)
      .execute();
    for (const notice of it.notices) await bookNotice(books, notice, { atSec, log: context.log });
    const topUp = await findTopUp(books, place);
    if (!topUp || topUp.state === 'failed') return undefined;
    const writing = { context, books, account, kid, atSec };
    return writeOnce(writing, write, () => answerOf(writing, topUp));
  });
}

/** Nothing is known, so the row stays: the same id goes on with it, and so does the next minute. */
function unreachable(context: Context, error: unknown): FarthingError {
  noteSilence(context, error);
  return new FarthingError('internal', 'the card’s side does not answer; try the same id again');
}

/**
 * `POST /v1/topups`.
 * @throws FarthingError `body_malformed`, `currency_unsupported`, `topup_refused`,
 *   `account_unknown`, `account_frozen`, `topup_limit`, `id_reused`, `write_quota`, `internal`
 */
export async function topUp(context: Context, call: Call): Promise<Answer> {
  const body = readTopUpBody(context, call.body);
  const write = writeOf('topups', body.id, call.body);
  const once = await beginOnce(context, call.kid, write, body);
  if ('answered' in once) return once.answered;
  const { topUp } = once;
  const begun = await context.funding.begin(paymentOf(topUp)).catch((error) => {
    throw unreachable(context, error);
  });
  const concluded = await conclude(context, { kid: call.kid, write, topUp }, begun);
  if (concluded) return concluded;
  throw new FarthingError('topup_refused', 'the card said no; nothing was taken');
}

/**
 * `GET /v1/topups/ID`: how it stands; asked at the card's side where nothing was heard yet.
 * @throws FarthingError `account_unknown`, `not_found`
 */
export async function readTopUp(context: Context, kid: string, id: string): Promise<Answer> {
  const account = await requireAccount(context.database, kid);
  const known = await requireTopUp(context.database, { account, id });
  const isOurs = known.method === context.funding.method;
  const mayAsk = isOurs && Number(known.asked_at_sec) + ASK_AGAIN_SEC <= nowSec(context);
  if (known.state === 'begun' && mayAsk) await askAbout(context, known);
  return readBooks(context.database, async (books) => {
    const topUp = await requireTopUp(books, { account, id });
    return answerOf({ context, books, account, atSec: nowSec(context) }, topUp);
  });
}

async function requireTopUp(reading: Reading, place: Place): Promise<TopUp> {
  const topUp = await findTopUp(reading, place);
  if (topUp) return topUp;
  throw new FarthingError('not_found', 'this account has no such top-up');
}
