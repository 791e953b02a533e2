/**
 * Readers' money that came in and was taken back by cards (trust T2, T5): every row against its
 * entries, and every account that is frozen against why.
 */
import type { Selectable } from 'kysely';
import type { Books } from '../database/database.ts';
import { moveEntryId } from '../funding/disputes.ts';
import { topUpEntryId } from '../funding/notices.ts';
import type { DisputeMoveRow, DisputeRow, TopUpRow } from '../funding/rows.ts';
import type { EntryKind } from '../ledger/journal.ts';
import { checkEntry } from './entries.ts';
import type { Found, Report } from './finding.ts';
import type { Replay } from './replay.ts';
import type { Movement } from './shapes.ts';

type TopUp = Selectable<TopUpRow>;
type Dispute = Selectable<DisputeRow>;
type Move = Selectable<DisputeMoveRow>;

interface Seen {
  readonly replay: Replay;
  readonly report: Report;
}

/** What a top-up or a dispute moves. */
const amountOf = ({ on }: Movement) => on('outside money');

function checkMoves(moves: readonly Move[], replay: Replay, found: Found): void {
  for (const [index, move] of moves.entries()) {
    const { number, amount_micros: amountMicros, at_sec: atSec } = move;
    if (number !== BigInt(index) + 1n) found(`has no move ${index + 1}`);
    checkEntry(moveEntryId(move), { amountMicros, atSec, amountOf }, replay, found);
  }
}

/** It has taken what its moves say, each of them booked. */
function checkDispute(dispute: Dispute, moves: readonly Move[], replay: Replay, found: Found) {
  const { account, amount_micros: amount, state, at_sec: at, ended_at_sec: end } = dispute;
  checkMoves(moves, replay, found);
  if (moves.some((move) => move.account !== account)) found('moves money of another account');
  if (moves[0]?.at_sec !== at) found(`began at ${at}, its first move was at ${moves[0]?.at_sec}`);
  const takenMicros = moves.reduce((sum, move) => sum + move.amount_micros, 0n);
  const dueMicros = state === 'won' ? 0n : amount;
  if (takenMicros !== dueMicros) found(`holds ${dueMicros}, its moves say ${takenMicros} micros`);
  if ((state === 'open') !== (end === null)) found(`is ${state} and ended at ${end}`);
}

/** What its disputes make of a payment. */
function stateBy(disputes: readonly Dispute[]): TopUp['state'] {
  if (disputes.some(({ state }) => state === 'open')) return 'disputed';
  return disputes.some(({ state }) => state === 'lost') ? 'charged back' : 'paid';
}

function checkTopUp(topUp: TopUp, disputes: readonly Dispute[], replay: Replay, found: Found) {
  const { amount_micros: amount, state, paid_at_sec: paid, charged_back_micros: back } = topUp;
  const isPaid = state !== 'begun' && state !== 'failed';
  const due = { amountMicros: -amount, atSec: isPaid ? paid : null, amountOf };
  checkEntry(topUpEntryId(topUp), due, replay, found);
  if (isPaid && (topUp.payment === null || paid === null)) found('was paid by nothing, or never');
  if (isPaid ? state !== stateBy(disputes) : disputes.length > 0)
    found(`is ${state}, its disputes say ${stateBy(disputes)}`);
  const backMicros = disputes
    .filter((dispute) => dispute.state !== 'won')
    .reduce((sum, dispute) => sum + dispute.amount_micros, 0n);
  if (back !== backMicros)
    found(`says that cards took ${back}, its disputes say ${backMicros} micros`);
}

/** Money goes back to the payment that it came by, so no two top-ups came by one. */
function checkPayment(topUp: TopUp, payments: Map<string, string>, found: Found): void {
  const { method, payment } = topUp;
  if (payment === null) return;
  const name = `${method} ${payment}`;
  const known = payments.get(name);
  if (known !== undefined) found(`was paid by what paid ${known}`);
  payments.set(name, `${topUp.account}/${topUp.id}`);
}

/** Frozen while a dispute is open or something is owed, and no longer. */
async function checkFrozen(books: Books, disputes: readonly Dispute[], seen: Seen): Promise<void> {
  const stopped = new Set(disputes.flatMap((it) => (it.state === 'open' ? [it.account] : [])));
  for (const [name, balance] of seen.replay.balances) {
    const [kind, owner = ''] = name.split(':');
    if (kind === 'chargeback receivable' && balance > 0n) stopped.add(owner);
  }
  const frozen = await books
    .selectFrom('account')
    .select('id')
    .where('frozen_at_sec', 'is not', null)
    .execute();
  const is = new Set(frozen.map(({ id }) => id));
  for (const id of new Set([...is, ...stopped])) {
    if (is.has(id) && stopped.has(id)) continue;
    const detail = is.has(id) ? 'is frozen for nothing' : 'has to be frozen, and is not';
    seen.report({ invariant: 'T2', row: `account ${id}`, detail });
  }
}

/** The answer that is out was to what the row says that was asked. */
async function checkAsked(books: Books, report: Report): Promise<void> {
  const rows = books
    .selectFrom('topup')
    .innerJoin('answered_write as answered', (join) =>
      join
        .onRef('answered.account', '=', 'topup.account')
        .onRef('answered.id', '=', 'topup.id')
        .onRef('answered.digest', '!=', 'topup.digest'),
    )
    .select(['topup.account', 'topup.id'])
    .stream();
  for await (const { account, id } of rows)
    report({
      invariant: 'T5',
      row: `topup ${account}/${id}`,
      detail: 'asks for something else than what was answered under its id',
    });
}

const KINDS: readonly EntryKind[] = ['topup', 'chargeback', 'chargeback won'];

function checkRest({ replay, report }: Seen): void {
  for (const { kind, reader, write, entry } of replay.movements.values()) {
    if (!KINDS.includes(kind)) continue;
    const row = `${kind === 'topup' ? 'topup' : 'dispute'} ${reader}/${write}`;
    report({ invariant: 'T5', row, detail: `is missing, and entry ${entry.number} was booked` });
  }
}

export async function checkTopUps(books: Books, seen: Seen): Promise<void> {
  const disputes = await books.selectFrom('dispute').selectAll().execute();
  const moves = await books.selectFrom('dispute_move').selectAll().orderBy('number').execute();
  const byDispute = Map.groupBy(moves, ({ reference }) => reference);
  const { replay, report } = seen;
  for (const dispute of disputes)
    checkDispute(dispute, byDispute.get(dispute.reference) ?? [], replay, (detail) =>
      report({ invariant: 'T2', row: `dispute ${dispute.account}/${dispute.reference}`, detail }),
    );
  const byTopUp = Map.groupBy(disputes, ({ account, topup }) => `${account}/${topup}`);
  const payments = new Map<string, string>();
  for await (const topUp of books.selectFrom('topup').selectAll().stream()) {
    const place = `${topUp.account}/${topUp.id}`;
    const found = (detail: string) => report({ invariant: 'T5', row: `topup ${place}`, detail });
    checkTopUp(topUp, byTopUp.get(place) ?? [], replay, found);
    byTopUp.delete(place);
    checkPayment(topUp, payments, found);
  }
  for (const { account, reference, topup } of [...byTopUp.values()].flat()) {
    const row = `dispute ${account}/${reference}`;
    report({ invariant: 'T5', row, detail: `is of top-up ${topup}, which is not there` });
  }
  await checkAsked(books, report);
  checkRest(seen);
  await checkFrozen(books, disputes, seen);
}
