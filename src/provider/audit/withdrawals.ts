/**
 * Readers' money that went back to their cards (trust T2, T5): every withdrawal and each part of it
 * against its entries, and what payments say that went back against the parts.
 */
import type { Selectable } from 'kysely';
import type { Books } from '../database/database.ts';
import { type Part, partEntryId, partNameOf } from '../funding/parts.ts';
import type { WithdrawalRow } from '../funding/rows.ts';
import { UNASKED, withdrawalEntryId } from '../funding/withdrawals.ts';
import { checkEntry } from './entries.ts';
import type { Facts } from './facts.ts';
import type { Found, Report } from './finding.ts';
import type { Replay } from './replay.ts';
import type { Movement } from './shapes.ts';

type Withdrawal = Selectable<WithdrawalRow>;

interface Seen {
  readonly facts: Facts;
  readonly replay: Replay;
  readonly report: Report;
}

function sumOf(parts: readonly Part[]): bigint {
  return parts.reduce((sum, part) => sum + part.amount_micros, 0n);
}

function checkPart(part: Part, replay: Replay, found: Found): void {
  const { state, amount_micros: amountMicros } = part;
  const { withdrawn_at_sec: withdrawn, failed_at_sec: failed } = part;
  checkEntry(
    partEntryId('withdrawn', part),
    { amountMicros, atSec: withdrawn, amountOf: ({ on }) => on('outside money') },
    replay,
    found,
  );
  const from = withdrawn === null ? 'withdrawal in transit' : 'outside money';
  checkEntry(
    partEntryId('withdrawal failed', part),
    { amountMicros, atSec: failed, amountOf: ({ on }) => -on(from) },
    replay,
    found,
  );
  if (state === 'sent' && part.reference === null) found('is sent, and nothing has its name');
  const isOver = state === 'withdrawn' || state === 'failed';
  const told = failed !== null ? 'failed' : withdrawn !== null ? 'withdrawn' : undefined;
  if (isOver ? state !== told : told !== undefined) found(`is ${state}, its times say ${told}`);
}

function checkWithdrawal(
  withdrawal: Withdrawal,
  parts: readonly Part[],
  { replay, report }: Seen,
): void {
  const place = `${withdrawal.account}/${withdrawal.id}`;
  const found = (detail: string) => report({ invariant: 'T5', row: `withdrawal ${place}`, detail });
  const { amount_micros: amountMicros, at_sec: atSec } = withdrawal;
  const amountOf = ({ on }: Movement) => on('withdrawal in transit');
  checkEntry(withdrawalEntryId(withdrawal), { amountMicros, atSec, amountOf }, replay, found);
  if (sumOf(parts) !== amountMicros)
    found(`is of ${amountMicros}, its parts of ${sumOf(parts)} micros`);
  for (const [index, part] of parts.entries()) {
    // The card's side knows a part by its number: under another one it would be sent once more.
    if (part.number !== BigInt(index) + 1n) found(`has no part ${index + 1}`);
    checkPart(part, replay, (detail) =>
      report({ invariant: 'T5', row: `withdrawal_part ${partNameOf(part)}`, detail }),
    );
  }
}

/** What of each payment went back is what its parts say. */
async function checkRooms(books: Books, parts: readonly Part[], report: Report): Promise<void> {
  const gone = Map.groupBy(
    parts.filter(({ state }) => state !== 'failed'),
    ({ account, topup }) => `${account}/${topup}`,
  );
  const topUps = books.selectFrom('topup').select(['account', 'id', 'withdrawn_micros']).stream();
  for await (const { account, id, withdrawn_micros: saidMicros } of topUps) {
    const dueMicros = sumOf(gone.get(`${account}/${id}`) ?? []);
    const detail = `says that ${saidMicros} went back, its parts say ${dueMicros} micros`;
    if (saidMicros !== dueMicros)
      report({ invariant: 'T2', row: `topup ${account}/${id}`, detail });
  }
}

/** A reader asked for it, in these words; for one who has left nobody asked (SPEC 10.12). */
async function checkAsked(books: Books, { facts, report }: Seen): Promise<void> {
  const rows = books
    .selectFrom('withdrawal')
    .leftJoin('answered_write as answered', (join) =>
      join
        .onRef('answered.account', '=', 'withdrawal.account')
        .onRef('answered.id', '=', 'withdrawal.id')
        .onRef('answered.digest', '=', 'withdrawal.digest')
        .on('answered.status', '=', 200n),
    )
    .select(['withdrawal.account', 'withdrawal.id', 'withdrawal.digest', 'withdrawal.at_sec'])
    .where('answered.id', 'is', null)
    .stream();
  for await (const { account, id, digest, at_sec: atSec } of rows) {
    const closedAtSec = facts.closed.get(account);
    const hadLeft = closedAtSec !== undefined && closedAtSec <= atSec;
    if (digest === UNASKED && hadLeft && id.startsWith(`${UNASKED}-`)) continue;
    const row = `withdrawal ${account}/${id}`;
    report({ invariant: 'T5', row, detail: 'was never answered in these words' });
  }
}

const KINDS = ['withdrawal', 'withdrawn', 'withdrawal failed'];

function checkRest({ replay, report }: Seen): void {
  for (const { kind, reader, write, entry } of replay.movements.values()) {
    if (!KINDS.includes(kind)) continue;
    const detail = `is missing, and entry ${entry.number} was booked`;
    report({ invariant: 'T5', row: `withdrawal ${reader}/${write}`, detail });
  }
}

export async function checkWithdrawals(books: Books, seen: Seen): Promise<void> {
  const parts = await books.selectFrom('withdrawal_part').selectAll().orderBy('number').execute();
  const byPlace = Map.groupBy(parts, ({ account, withdrawal }) => `${account}/${withdrawal}`);
  for await (const withdrawal of books.selectFrom('withdrawal').selectAll().stream()) {
    const place = `${withdrawal.account}/${withdrawal.id}`;
    checkWithdrawal(withdrawal, byPlace.get(place) ?? [], seen);
    byPlace.delete(place);
  }
  for (const part of [...byPlace.values()].flat()) {
    const row = `withdrawal_part ${partNameOf(part)}`;
    seen.report({ invariant: 'T5', row, detail: 'is of no withdrawal of its account' });
  }
  await checkRooms(books, parts, seen.report);
  await checkAsked(books, seen);
  checkRest(seen);
}
