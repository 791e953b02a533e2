/**
 * Undo where the seller does not answer what its receipt promises (SPEC 7.8, 9.15): the provider's
 * clock decides, in the seller's name. It sees a receipt, which names no page.
 */
import type { UndoAnswer } from '../../protocol/api.ts';
import { type ErrorCode, FarthingError, refuseAs } from '../../protocol/errors.ts';
import { checkJws } from '../../protocol/jws.ts';
import { importPublicKey, type PublicJwk } from '../../protocol/key.ts';
import { addMicros } from '../../protocol/money.ts';
import { paytoMember } from '../../protocol/payto.ts';
import { type ReadReceipt, readReceipt } from '../../protocol/receipt.ts';
import { compact, id } from '../../protocol/shape.ts';
import { type ReadUndo, readRefundNote, readUndo, signRefundNote } from '../../protocol/undo.ts';
import { bodyOf } from '../api/schema.ts';
import {
  type Answer,
  answer,
  answeredBefore,
  type Call,
  type Writing,
  writeAsAccount,
  writeOf,
} from '../api/writes.ts';
import { type Fault, sellerFault } from '../collections/signatures.ts';
import type { Context } from '../context.ts';
import { receiptKeys } from '../sellers/sellers.ts';
import { bookedMicros, bookNotes, findRefund, undosLeft } from './refunds.ts';
import { noteUntold } from './untold.ts';

/** SPEC 7.8: for the minute that the seller has, for clocks, and for a wallet that was stopped. */
export const LENIENCE_SEC = 600;

function refuse(code: ErrorCode, detail: string): never {
  throw new FarthingError(code, detail);
}

/** What a reader hands in, with what was found before the transaction. */
interface Claim {
  readonly payto: string;
  readonly receipt: ReadReceipt;
  readonly undo: ReadUndo;
  readonly undoToken: string;
  readonly fault: Fault;
}

/** The reader's own purse at this seller, and the promise of its key. */
async function checkClaim(
  { books, account }: Writing,
  { payto, receipt, undo, fault }: Claim,
): Promise<void> {
  const { pur, seq, bnd } = receipt.claims;
  const purse = await books
    .selectFrom('purse')
    .select(['payto', 'key'])
    .where('id', '=', pur)
    .where('account', '=', account)
    .executeTakeFirst();
  if (!purse) return refuse('purse_not_found', 'this account has no such purse');
  if (purse.payto !== payto) refuse('purse_audience', `the purse is for ${purse.payto}`);
  if (fault) refuse(fault, 'the receipt proves nothing');
  const wished = undo.claims;
  const isSame = wished.pur === pur && wished.seq === seq && wished.bnd === bnd;
  if (!isSame || wished.aud !== payto) refuse('undo_mismatch', 'it is for another receipt');
  const key: PublicJwk = JSON.parse(purse.key);
  await checkJws(undo.jws, await importPublicKey(key));
}

async function checkMay(writing: Writing, { payto, receipt }: Claim): Promise<void> {
  const { at, undo: untilSec } = receipt.claims;
  if (untilSec <= at) refuse('undo_over', 'this receipt promises none');
  if (writing.atSec > untilSec + LENIENCE_SEC) refuse('undo_over', 'its time is over');
  if ((await undosLeft(writing, payto)) === 0) refuse('undo_quota', 'none is left at this seller');
}

async function grant(writing: Writing, { payto, receipt, undoToken }: Claim): Promise<void> {
  const { context, books, atSec } = writing;
  const { pur, seq, amt } = receipt.claims;
  const rtot = addMicros(await bookedMicros(books, pur), amt);
  const signer = context.keys.signer();
  const token = await signRefundNote({ aud: payto, pur, seq, amt, rtot }, signer);
  const note = { ...readRefundNote(token), fault: undefined, key: signer.jwk };
  const { results } = await bookNotes(writing, payto, [note]);
  const [result] = results;
  if (result?.code) refuse(result.code, 'nothing of this charge can be given back');
  await books
    .insertInto('judged_undo')
    .values({ purse: pur, seq, receipt: receipt.token, undo: undoToken, at_sec: atSec })
    .execute();
  await noteUntold(books, { purse: pur, seq, payto });
}

/** The note that is booked, the seller's or ours, and whether its money is back. */
async function judge(writing: Writing, claim: Claim): Promise<Answer> {
  await checkClaim(writing, claim);
  const { receipt } = claim;
  if (!(await findRefund(writing.books, receipt))) {
    await checkMay(writing, claim);
    await grant(writing, claim);
  }
  const booked = await findRefund(writing.books, receipt);
  if (!booked || booked.state === 'void') return refuse('refund_excess', 'nothing was collected');
  const state = booked.state === 'paid' ? 'paid' : 'pending';
  const told: UndoAnswer = { state, refund: booked.note };
  return answer(told);
}

/** `POST /v1/undos`. */
export const UNDO = bodyOf({ id, payto: paytoMember, receipt: compact, undo: compact });

/**
 * `POST /v1/undos`.
 * @throws FarthingError `body_malformed`, `account_unknown`, `purse_not_found`, `purse_audience`,
 *   `jws_key_unknown`, `jws_signature`, `undo_mismatch`, `undo_over`, `undo_quota`,
 *   `refund_excess`, `id_reused`
 */
export async function judgeUndo(context: Context, call: Call): Promise<Answer> {
  const body = UNDO.read(call.body);
  const { payto, undo: undoToken } = body;
  const { receipt, undo } = refuseAs('body_malformed', () => ({
    receipt: readReceipt(body.receipt),
    undo: readUndo(undoToken),
  }));
  const write = writeOf('undos', body.id, call.body);
  const before = await answeredBefore(context, call.kid, write);
  if (before) return before;
  const keys = await receiptKeys(context, payto);
  const fault = await sellerFault(keys?.byKid, receipt.jws);
  return writeAsAccount(context, call.kid, write, (writing) =>
    judge(writing, { payto, receipt, undo, undoToken, fault }),
  );
}
