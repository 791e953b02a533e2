/**
 * Collections (SPEC 9.11): a seller hands in the last charge of each purse. Signatures are checked
 * before the transaction, since they cost more than all the rest, and only for the seller whose
 * they are; everything else is checked in it.
 */
import type { CollectResult } from '../protocol/api.ts';
import { type ReadCharge, readCharge } from '../protocol/charge.ts';
import { type ErrorCode, FarthingError } from '../protocol/errors.ts';
import { paytoMember } from '../protocol/payto.ts';
import { compact, id, list } from '../protocol/shape.ts';
import { capture, type Purse, readPurse } from './captures.ts';
import { type Context, CURRENCY } from './context.ts';
import type { Reading } from './database.ts';
import { requireAccount } from './devices.ts';
import { readBody } from './input.ts';
import { judge, type Verdict } from './judgement.ts';
import { askedBack } from './recalls.ts';
import { payRefunds } from './repayments.ts';
import { requireSeller } from './sellers.ts';
import { chargeChecks, type Fault } from './signatures.ts';
import {
  type Answer,
  answer,
  type Call,
  knownAnswer,
  passingAnswer,
  type Writing,
  writeAsAccount,
  writeOf,
} from './writes.ts';

/** SPEC 9.11. */
const CHARGE_COUNT_MAX = 1000;

/** A charge with what was found before the transaction. */
interface Presented extends ReadCharge {
  readonly fault: Fault;
}

function faultOf(charge: Presented, purse: Purse, payto: string): Fault {
  if (charge.claims.aud !== payto || purse.payto !== payto) return 'purse_audience';
  if (charge.claims.cur !== purse.currency) return 'purse_currency';
  if (charge.fault) return charge.fault;
  return charge.claims.tot > purse.limitMicros ? 'over_limit' : undefined;
}

function resultOf(purse: Purse, verdict: Verdict): CollectResult {
  const place = { seq: purse.lastSeq, tot: purse.capturedMicros.toString() };
  return verdict.state === 'refused'
    ? { pur: purse.id, state: 'refused', code: verdict.code, ...place }
    : { pur: purse.id, state: verdict.state, ...place };
}

/** What another seller's purse, or none, has come to is nobody's business here. */
function strangeResult(pur: string, code: ErrorCode): CollectResult {
  return { pur, state: 'refused', code, seq: 0, tot: '0' };
}

interface Group {
  readonly payto: string;
  readonly handle: string;
  readonly charges: readonly Presented[];
}

/** All charges of one purse: the highest is captured, each gets its answer. */
async function collectPurse(writing: Writing, group: Group, pur: string): Promise<CollectResult[]> {
  const { payto, handle, charges } = group;
  const purse = await readPurse(writing.books, pur);
  if (!purse) return charges.map(() => strangeResult(pur, 'purse_not_found'));
  if (purse.payto !== payto) return charges.map(() => strangeResult(pur, 'purse_audience'));
  const faults = charges.map((charge) => faultOf(charge, purse, payto));
  const sound = charges.filter((_, index) => faults[index] === undefined);
  const judgement = await judge(writing.books, purse, sound);
  const after = judgement.winner
    ? await capture(writing, { purse, handle, charge: judgement.winner })
    : purse;
  return charges.map((charge, index) => {
    const code = faults[index];
    return resultOf(after, code ? { state: 'refused', code } : judgement.verdictOf(charge));
  });
}

/** @throws FarthingError `seller_unknown`, `handle_taken` */
async function requireOwnSeller(
  context: Context,
  reading: Reading,
  { payto, account }: { payto: string; account: string },
): Promise<{ handle: string }> {
  const seller = await requireSeller(context, reading, payto);
  if (seller.account !== account)
    throw new FarthingError('handle_taken', `${payto} is collected by its own account only`);
  return seller;
}

async function collectBatch(
  writing: Writing,
  payto: string,
  charges: readonly Presented[],
): Promise<Answer> {
  const { context, books, account, atSec } = writing;
  const seller = await requireOwnSeller(context, books, { payto, account });
  const results = new Map<Presented, CollectResult>();
  for (const [pur, group] of Map.groupBy(charges, ({ claims }) => claims.pur)) {
    const { handle } = seller;
    const answers = await collectPurse(writing, { payto, handle, charges: group }, pur);
    for (const [index, charge] of group.entries()) {
      const result = answers[index];
      if (result) results.set(charge, result);
    }
  }
  await payRefunds(books, { handle: seller.handle, payto, currency: CURRENCY }, atSec);
  const asked = await askedBack(books, payto);
  const body = {
    results: charges.map((charge) => results.get(charge)),
    ...(asked.length > 0 ? { asked } : {}),
  };
  const isCaptured = body.results.some((result) => result?.state === 'captured');
  return isCaptured ? answer(body) : passingAnswer(body);
}

/**
 * `POST /v1/collections`.
 * @throws FarthingError `body_malformed`, `account_unknown`, `seller_unknown`, `handle_taken`,
 *   `id_reused`; per charge, in the answer: `purse_not_found`, `purse_audience`, `purse_currency`,
 *   `jws_signature`, `over_limit`, `charge_conflict`, `purse_expired` (already released)
 */
export async function collect(context: Context, call: Call): Promise<Answer> {
  const { database } = context;
  const account = await requireAccount(database, call.kid);
  const body = readBody(call.body, {
    id,
    payto: paytoMember,
    charges: list((value) => readCharge(compact(value)), CHARGE_COUNT_MAX),
  });
  const write = writeOf('collections', body.id, call.body);
  const before = await knownAnswer(database, account, write);
  if (before) return before;
  await requireOwnSeller(context, database, { payto: body.payto, account });
  const check = await chargeChecks(database, body.charges);
  const charges = await Promise.all(
    body.charges.map(async (charge) => ({ ...charge, fault: await check(charge) })),
  );
  return writeAsAccount(context, call.kid, write, (writing) =>
    collectBatch(writing, body.payto, charges),
  );
}
