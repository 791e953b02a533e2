/**
 * What was given back (trust T4): each charge once, proven by a note that the seller signed for it,
 * and never more than was captured. Notes that wait move nothing.
 */
import type { Selectable } from 'kysely';
import { FarthingError } from '../../protocol/errors.ts';
import { readRefundNote } from '../../protocol/undo.ts';
import type { Books } from '../database.ts';
import { refundEntryId } from '../repayments.ts';
import type { RefundRow } from '../tables.ts';
import type { Report } from './finding.ts';
import type { Replay } from './replay.ts';

type Refund = Selectable<RefundRow>;

/** The note says what is booked; whose signature it bears was checked when it came in. */
function checkNote(refund: Refund, found: (detail: string) => void): void {
  try {
    const { pur, seq, amt, aud } = readRefundNote(refund.note).claims;
    const isSame = pur === refund.purse && BigInt(seq) === refund.seq && aud === refund.payto;
    if (!isSame || amt !== refund.amount_micros) found('its note says something else');
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    found(`its note proves nothing: ${error.message}`);
  }
}

function checkEntry(refund: Refund, replay: Replay, found: (detail: string) => void): void {
  const entryId = refundEntryId(refund.purse, refund.seq);
  const booked = replay.refunds.get(entryId);
  replay.refunds.delete(entryId);
  const said = refund.state === 'paid' ? refund.amount_micros : undefined;
  if (booked !== said)
    found(
      `is ${refund.state} with ${refund.amount_micros}, the journal says ${booked ?? 'nothing'}`,
    );
}

/** Checks every refund; answers what still waits. */
export async function checkRefunds(books: Books, replay: Replay, report: Report) {
  const paid = new Map<string, bigint>();
  const waiting: { readonly payto: string; readonly amountMicros: bigint }[] = [];
  for await (const refund of books.selectFrom('refund').selectAll().orderBy('number').stream()) {
    const { purse, seq, state, payto, amount_micros: amountMicros } = refund;
    const row = `refund ${purse}/${seq}`;
    const found = (detail: string) => report({ invariant: 'T4', row, detail });
    checkNote(refund, found);
    checkEntry(refund, replay, found);
    if (state === 'paid') paid.set(purse, (paid.get(purse) ?? 0n) + amountMicros);
    if (state === 'pending' || state === 'early') waiting.push({ payto, amountMicros });
  }
  for (const entryId of replay.refunds.keys())
    report({ invariant: 'T4', row: entryId, detail: 'is in the journal without a note' });
  const purses = await books
    .selectFrom('purse')
    .select(['id', 'captured_micros', 'refunded_micros'])
    .select(['captured_starter_micros', 'refunded_starter_micros'])
    .execute();
  for (const purse of purses) {
    const found = (detail: string) =>
      report({ invariant: 'T4', row: `purse ${purse.id}`, detail: `${detail} micros` });
    const { refunded_micros: refunded, captured_micros: captured } = purse;
    const sum = paid.get(purse.id) ?? 0n;
    if (refunded !== sum) found(`says ${refunded} went back, its notes ${sum}`);
    if (refunded > captured) found(`${refunded} went back of ${captured}`);
    const flow = replay.purses.get(purse.id);
    const starter = flow?.capturedStarterMicros ?? 0n;
    if (purse.captured_starter_micros !== starter)
      found(`says ${purse.captured_starter_micros} of it were a gift, the journal ${starter}`);
    if (purse.refunded_starter_micros > purse.captured_starter_micros)
      found(`${purse.refunded_starter_micros} of gifts went back`);
  }
  return waiting;
}
