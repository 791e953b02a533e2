/**
 * What was paid out (SPEC 10.7): each payout is booked once, with what its bank said of it; and
 * none of it was a reader's money (trust T8).
 */
import type { Books } from '../database/database.ts';
import { LEDGER_SIDES, readLedgerAccountId } from '../ledger/chart.ts';
import { readBankAccount } from '../payouts/bankaccount.ts';
import { storedMethod } from '../payouts/method.ts';
import { type Payout, payoutEntryId, payoutIdOf } from '../payouts/payout.ts';
import { type Found, guarded, type Report } from './finding.ts';
import type { Replay } from './replay.ts';
import type { Movement } from './shapes.ts';

interface Due {
  readonly kind: 'payout' | 'paid' | 'bounced';
  readonly atSec: bigint | null;
  /** What the entry has to have moved, by the row. */
  amountOf(movement: Movement): bigint;
}

const DUES: readonly ((payout: Payout) => Due)[] = [
  ({ made_at_sec: atSec }) => ({
    kind: 'payout',
    atSec,
    amountOf: ({ on }) => on('payout in transit'),
  }),
  ({ paid_at_sec: atSec }) => ({
    kind: 'paid',
    atSec,
    amountOf: ({ on }) => on('outside money'),
  }),
  ({ bounced_at_sec: atSec, paid_at_sec: paidAtSec }) => ({
    kind: 'bounced',
    atSec,
    amountOf: ({ on }) => -on(paidAtSec === null ? 'payout in transit' : 'outside money'),
  }),
];

/** The entry is there if the row has its time, for this amount at this time. */
function checkEntry(payout: Payout, due: Due, replay: Replay, found: Found): void {
  const entryId = payoutEntryId(due.kind, payout.id);
  const movement = replay.movements.get(entryId);
  replay.movements.delete(entryId);
  const booked = movement && `${due.amountOf(movement)} at ${movement.entry.at}`;
  const said = due.atSec === null ? undefined : `${payout.amount_micros} at ${due.atSec}`;
  if (booked !== said)
    found(`is ${due.kind}: ${said ?? 'never'}, by the journal ${booked ?? 'never'}`);
  if (due.kind === 'payout' && movement && BigInt(movement.entry.number) !== payout.number)
    found(`is numbered ${payout.number}, its entry ${movement.entry.number}`);
}

/** The state is what the times say, and they follow each other. */
function checkState(payout: Payout, found: Found): void {
  const { state, made_at_sec: made, sent_at_sec: sent } = payout;
  const { paid_at_sec: paid, bounced_at_sec: bounced } = payout;
  const told = bounced !== null ? 'bounced' : paid !== null ? 'paid' : undefined;
  const timed = told ?? (sent !== null ? 'sent' : 'made');
  if (state !== timed) found(`is ${state}, its times say ${timed}`);
  if (told && sent === null) found(`is ${told} and was never sent`);
  const times = [made, sent, paid, bounced].filter((time) => time !== null);
  if (times.some((time, index) => index > 0 && time < (times[index - 1] ?? 0n)))
    found(`its times are ${times}`);
}

/** What belongs to nobody but the provider, or is a gift that was not paid out. */
const NOT_OWED: readonly string[] = [
  ...['provider fees', 'provider funds', 'starter paid out'],
  ...['reader starter', 'seller earned starter'],
];

/**
 * What is outside, what readers owe and what the card's side has kept for itself is at least what
 * readers and sellers are owed and the provider's own funds: starter credit that becomes money was
 * paid for by the provider.
 */
async function checkCover(books: Books, { balances }: Replay, report: Report): Promise<void> {
  const { gift } = await books
    .selectFrom('purse')
    .select(({ fn }) => fn.sum<bigint | null>('starter_micros').as('gift'))
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow();
  let leftMicros = gift ?? 0n;
  for (const [name, balanceMicros] of balances) {
    const { kind } = readLedgerAccountId(name) ?? {};
    if (!kind || kind === 'provider expense' || kind === 'provider fees') continue;
    if (LEDGER_SIDES[kind] === 'debit') leftMicros += balanceMicros;
    else if (!NOT_OWED.includes(kind) || kind === 'provider funds') leftMicros -= balanceMicros;
  }
  const detail = `is ${-leftMicros} micros less than readers, sellers and funds have there`;
  if (leftMicros < 0n) report({ invariant: 'T8', row: 'ledger_account outside money', detail });
}

export async function checkPayouts(
  books: Books,
  { replay, report }: { replay: Replay; report: Report },
): Promise<void> {
  const method = await storedMethod(books);
  for await (const payout of books.selectFrom('payout').selectAll().stream()) {
    const row = `payout ${payout.id}`;
    const found = (detail: string) => report({ invariant: 'T8', row, detail });
    for (const dueOf of DUES) checkEntry(payout, dueOf(payout), replay, found);
    checkState(payout, found);
    if (method !== undefined && payout.method !== method)
      found(`was made by ${payout.method}, these books pay by ${method}`);
    if (payoutIdOf(payout) !== payout.id) found('says something else than when it was booked');
    await guarded(found, () => void readBankAccount(payout.bank));
  }
  for (const [entryId, { kind }] of replay.movements)
    if (kind === 'payout' || kind === 'paid' || kind === 'bounced')
      report({ invariant: 'T8', row: entryId, detail: 'is in the journal without a payout' });
  await checkCover(books, replay, report);
}
