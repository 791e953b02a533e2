/**
 * Collections (SPEC 9.11): a seller hands in the last charge of each purse. Signatures are checked
 * before the transaction, since they cost more than all the rest, and only for the seller whose
 * they are; everything else is checked in it.
 */
import type { CollectResult } from '../../protocol/api.ts';
import { type ReadCharge, readCharge } from '../../protocol/charge.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import { parsePayto, paytoMember } from '../../protocol/payto.ts';
import { id } from '../../protocol/shape.ts';
import { bodyOf, compactOf, listOf } from '../api/schema.ts';
import {
  type Answer,
  answer,
  answerAsked,
  answerIn,
  type Call,
  passingAnswer,
  type Writing,
  writeAsAccount,
  writeOf,
} from '../api/writes.ts';
import { type Context, CURRENCY } from '../context.ts';
import { askAll, askAllAfter, type Query } from '../database/queries.ts';
import { ASKED_BACK } from '../purses/recalls.ts';
import { requireAccount } from '../readers/devices.ts';
import { ANY_DUE, originsNow, payRefunds } from '../refunds/repayments.ts';
import { UNTOLD_NOTES } from '../refunds/untold.ts';
import { holdOf } from '../refunds/young.ts';
import { handleIn, requireAdmitted, requireOwn, SELLER_OF, sellerIn } from '../sellers/sellers.ts';
import {
  capture,
  PURSE_STATE,
  type Purse,
  purseIn,
  type Takings,
  takingsAsked,
  takingsIn,
  takingsWrite,
} from './captures.ts';
import { makeDue } from './dues.ts';
import { judge, type Verdict } from './judgement.ts';
import { checksBy, type Fault, keysAsked } from './signatures.ts';

/** SPEC 9.11. */
const CHARGE_COUNT_MAX = 1000;

/** `POST /v1/collections`. */
export const COLLECT = bodyOf({
  id,
  payto: paytoMember,
  charges: listOf(compactOf(readCharge, 'farthing-charge+jws'), { most: CHARGE_COUNT_MAX }),
});

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

/** What a collection comes to, purse by purse. */
interface Course {
  readonly results: Map<Presented, CollectResult>;
  readonly writes: Query<unknown>[];
  /** Purses with notes that may be due by what was captured now. */
  readonly noted: string[];
  takings: Takings;
}

/** All charges of one purse: the highest is captured, each gets its answer. */
async function collectPurse(
  writing: Writing,
  { payto, purse, charges }: Group,
  course: Course,
): Promise<void> {
  const faults = charges.map((charge) => faultOf(charge, purse, payto));
  const sound = charges.filter((_, index) => faults[index] === undefined);
  const { winner: charge, verdictOf } = await judge(writing.books, purse, sound);
  let after = purse;
  if (charge) {
    const captured = capture(writing, { purse, charge, takings: course.takings });
    course.writes.push(...captured.writes);
    course.takings = captured.takings;
    after = captured.purse;
    if (purse.earlyCount > 0) course.noted.push(purse.id);
  }
  for (const [index, charge] of charges.entries()) {
    const code = faults[index];
    const verdict = code ? ({ state: 'refused', code } as const) : verdictOf(charge);
    course.results.set(charge, resultOf(after, verdict));
  }
}

interface Group {
  readonly payto: string;
  readonly purse: Purse;
  readonly charges: readonly Presented[];
}

/** All that is looked at, at once: the seller, what it has collected, and the purses. */
async function openCourse(writing: Writing, payto: string, named: readonly string[]) {
  const { context, books, account } = writing;
  const seller = { handle: handleIn(context, payto), currency: CURRENCY };
  const [owner, earned, entry, ...purses] = await askAll(
    books,
    SELLER_OF(seller),
    ...takingsAsked(writing, seller),
    ...named.map((id) => PURSE_STATE({ id })),
  );
  requireOwn(sellerIn(owner.rows, seller.handle), { account, payto });
  requireAdmitted(context, seller.handle);
  const takings = takingsIn(seller, earned, entry);
  const course: Course = { results: new Map(), writes: [], noted: [], takings };
  return { course, purses: purses.map(({ rows }) => purseIn(rows)) };
}

/** Judges the charges of one purse after another. */
async function collectAll(
  writing: Writing,
  payto: string,
  charges: readonly Presented[],
): Promise<Course> {
  const groups = [...Map.groupBy(charges, ({ claims }) => claims.pur)];
  const named = groups.map(([pur]) => pur);
  const { course, purses } = await openCourse(writing, payto, named);
  for (const [index, [pur, group]] of groups.entries()) {
    const purse = purses[index];
    const code = purse ? 'purse_audience' : 'purse_not_found';
    if (purse?.payto === payto)
      await collectPurse(writing, { payto, purse, charges: group }, course);
    else for (const charge of group) course.results.set(charge, strangeResult(pur, code));
  }
  return course;
}

/** What else a seller is told, and whether it owes anything by now. */
const BESIDE = (payto: string) =>
  [ASKED_BACK({ payto }), UNTOLD_NOTES({ payto }), ANY_DUE({ payto })] as const;

/** Writes all at once, and gives back what is due by that; answers what else its seller is told. */
async function writeCourse(writing: Writing, payto: string, course: Course) {
  const { context, books, atSec } = writing;
  const { takings, noted } = course;
  if (course.writes.length === 0) return askAll(books, ...BESIDE(payto));
  const writes = [...course.writes, takingsWrite(writing, takings)];
  const beside = await askAllAfter(books, writes, BESIDE(payto));
  for (const purse of noted) await makeDue(books, purse);
  const { handle, currency } = takings;
  const hold = holdOf(context, atSec);
  if (noted.length > 0 || beside[2].rows.length > 0)
    await payRefunds(books, { handle, payto, currency }, hold, originsNow(hold));
  return beside;
}

async function collectBatch(
  writing: Writing,
  payto: string,
  charges: readonly Presented[],
): Promise<Answer> {
  const course = await collectAll(writing, payto, charges);
  const [back, untold] = await writeCourse(writing, payto, course);
  const asked = back.rows.map(({ certificate }) => certificate);
  const undone = untold.rows.map(({ note }) => note);
  const body = {
    results: charges.map((charge) => course.results.get(charge)),
    ...(asked.length > 0 ? { asked } : {}),
    ...(undone.length > 0 ? { undone } : {}),
  };
  return course.writes.length > 0 ? answer(body) : passingAnswer(body);
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
  const body = COLLECT.read(call.body);
  const { payto } = body;
  const write = writeOf('collections', body.id, call.body);
  const [before, seller, ...keys] = await askAll(
    database,
    answerAsked(account, write),
    SELLER_OF(parsePayto(payto)),
    ...keysAsked(body.charges),
  );
  const known = answerIn(before.rows, write);
  if (known) return known;
  requireOwn(sellerIn(seller.rows, handleIn(context, payto)), { account, payto });
  const check = checksBy(keys.flatMap(({ rows }) => rows));
  const charges = await Promise.all(
    body.charges.map(async (charge) => ({ ...charge, fault: await check(charge) })),
  );
  return writeAsAccount(context, call.kid, write, (writing) =>
    collectBatch(writing, payto, charges),
  );
}
