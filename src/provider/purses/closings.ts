/**
 * Closing a purse before its time (SPEC 5.12, 9.13): the seller has stated what it came to, so that
 * is captured and the rest goes back at once.
 */
import { type ReadCharge, readCharge } from '../../protocol/charge.ts';
import { type ReadPurseEnd, readFinal } from '../../protocol/close.ts';
import { type ErrorCode, FarthingError } from '../../protocol/errors.ts';
import { parsePayto } from '../../protocol/payto.ts';
import { id } from '../../protocol/shape.ts';
import { bodyOf, compactOf } from '../api/schema.ts';
import {
  type Answer,
  answer,
  answeredBefore,
  type Call,
  type Writing,
  writeAsAccount,
  writeOf,
} from '../api/writes.ts';
import { captureOne, PURSE_STATE, type Purse, purseIn } from '../collections/captures.ts';
import { judge } from '../collections/judgement.ts';
import { chargeChecks, type Fault, sellerFault } from '../collections/signatures.ts';
import type { Context } from '../context.ts';
import { ask } from '../database/queries.ts';
import { payRefunds } from '../refunds/repayments.ts';
import { holdOf } from '../refunds/young.ts';
import { receiptKeys, requireSeller } from '../sellers/sellers.ts';
import { signBalance } from '../signing/documents.ts';
import { release } from './releases.ts';

function refuse(code: ErrorCode, detail: string): never {
  throw new FarthingError(code, detail);
}

/** What was handed in, with what was found before the transaction. */
export interface Closing {
  readonly purse: string;
  readonly final: ReadPurseEnd;
  readonly charge: ReadCharge | undefined;
  readonly fault: Fault;
}

/** The charge is the one that the statement names, or both say that there was none. */
function checkCharge({ final, charge }: Closing): void {
  const { aud, pur, seq, tot } = final.claims;
  if (!charge) {
    if (seq !== 0 || tot !== 0n) refuse('final_mismatch', `charge ${seq} is missing`);
    return;
  }
  const { claims } = charge;
  const isNamed = claims.pur === pur && claims.seq === seq && claims.tot === tot;
  if (!isNamed || claims.aud !== aud) refuse('final_mismatch', 'it names another charge');
}

function checkPurse({ payto, currency, lastSeq, limitMicros }: Purse, closing: Closing): void {
  const { aud, seq, tot } = closing.final.claims;
  if (aud !== payto) refuse('purse_audience', `the purse is for ${payto}`);
  if (closing.fault) refuse(closing.fault, 'the statement or the charge proves nothing');
  checkCharge(closing);
  if (closing.charge && closing.charge.claims.cur !== currency)
    refuse('purse_currency', `the purse is in ${currency}`);
  if (tot > limitMicros) refuse('over_limit', 'more than was set aside');
  if (seq < lastSeq) refuse('final_mismatch', `charge ${lastSeq} was collected`);
}

async function captureLast(writing: Writing, purse: Purse, charge: ReadCharge): Promise<void> {
  const { books } = writing;
  const { handle } = await requireSeller(writing.context, books, purse.payto);
  const { winner, verdictOf } = await judge(books, purse, [charge]);
  const verdict = verdictOf(charge);
  if (verdict.state === 'refused') refuse(verdict.code, 'another charge has this place');
  if (!winner) return;
  await captureOne(writing, { purse, handle, charge: winner });
}

/**
 * Closes a purse that is the caller's business: captures what the statement names, releases the
 * rest, and pays what is due of it. @throws FarthingError see `closePurse`
 */
export async function closeOwned(writing: Writing, closing: Closing): Promise<void> {
  const { books, atSec } = writing;
  const purse = purseIn(await ask(books, PURSE_STATE({ id: closing.purse })));
  if (!purse || closing.final.claims.pur !== purse.id)
    return refuse('purse_not_found', 'there is no such purse');
  if (purse.state !== 'open') return;
  checkPurse(purse, closing);
  if (closing.charge) await captureLast(writing, purse, closing.charge);
  await release(books, purse.id, atSec);
  const { payto, currency } = purse;
  await payRefunds(
    books,
    { handle: parsePayto(payto).handle, payto, currency },
    holdOf(writing.context, atSec),
  );
}

async function close(writing: Writing, closing: Closing): Promise<Answer> {
  const { books, account } = writing;
  const owned = await books
    .selectFrom('purse')
    .select('id')
    .where('id', '=', closing.purse)
    .where('account', '=', account)
    .executeTakeFirst();
  if (!owned) return refuse('purse_not_found', 'this account has no such purse');
  await closeOwned(writing, closing);
  return answer({ balance: await signBalance(writing) });
}

/** Why a statement or its charge proves nothing; undefined where both do. */
export async function closingFault(
  context: Context,
  { final, charge }: Pick<Closing, 'final' | 'charge'>,
): Promise<Fault> {
  const keys = await receiptKeys(context, final.claims.aud);
  const fault = await sellerFault(keys?.byKid, final.jws);
  if (fault || !charge) return fault;
  return (await chargeChecks(context.database, [charge]))(charge);
}

/** A token that cannot be read names no purse, so that all of its body is malformed. */
export const FINAL = { final: compactOf(readFinal, 'farthing-final+jws') };
export const LAST_CHARGE = { charge: compactOf(readCharge, 'farthing-charge+jws') };

/** `POST /v1/purses/PURSE/close`. */
export const CLOSE_PURSE = bodyOf({ id, ...FINAL }, LAST_CHARGE);

/**
 * `POST /v1/purses/PURSE/close`. A purse that was released before stays as it is.
 * @throws FarthingError `body_malformed`, `account_unknown`, `purse_not_found`, `purse_audience`,
 *   `purse_currency`, `jws_key_unknown`, `jws_signature`, `over_limit`, `final_mismatch`,
 *   `charge_conflict`, `id_reused`
 */
export async function closePurse(context: Context, purse: string, call: Call): Promise<Answer> {
  const { id: writeId, final, charge } = CLOSE_PURSE.read(call.body);
  const write = writeOf(`purses/${purse}/close`, writeId, call.body);
  const before = await answeredBefore(context, call.kid, write);
  if (before) return before;
  const fault = await closingFault(context, { final, charge });
  return writeAsAccount(context, call.kid, write, (writing) =>
    close(writing, { purse, final, charge, fault }),
  );
}
