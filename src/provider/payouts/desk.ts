/** What an operator does about payouts, beside the running service (SPEC 10.7, 10.8). */
import { FarthingError } from '../../protocol/errors.ts';
import type { Micros } from '../../protocol/money.ts';
import { CURRENCY, nowSec } from '../context.ts';
import type { ChangeBooks } from '../database/commits.ts';
import { type Books, openDatabase, type Reading } from '../database/database.ts';
import { openChanges } from '../desk.ts';
import { type LedgerAccount, ledgerAccountId } from '../ledger/chart.ts';
import { postEntry } from '../ledger/journal.ts';
import type { Outcome } from './bank.ts';
import { changeMethod } from './method.ts';
import { bookOutcome, type OutcomeResult, type Payout } from './payout.ts';

/** A row for people is a page of them. */
const LIST_COUNT_MAX = 200;

export interface PayoutDesk {
  /** Newest first, of one state or of all. */
  list(state?: Payout['state']): Promise<Payout[]>;
  /** Holds the payouts of a seller back, or lets them go; whether there is such a seller. */
  hold(handle: string): Promise<boolean>;
  release(handle: string): Promise<boolean>;
  /** The bank's word on a payout. */
  book(id: string, outcome: Outcome): Promise<OutcomeResult>;
  /** The operator's own money, put into the float: once for each reference. */
  fund(amountMicros: Micros, reference: string): Promise<'booked' | 'known'>;
  /** Has the books pay by another way. @throws FarthingError `option_invalid`: too late */
  method(method: string): Promise<void>;
  close(): Promise<void>;
}

/** What was booked for an entry on an account; undefined where there is no such line. */
async function bookedOn(reading: Reading, entryId: string, account: LedgerAccount) {
  const row = await reading
    .selectFrom('ledger_transaction as entry')
    .innerJoin('posting', 'posting.number', 'entry.number')
    .select('posting.amount_micros')
    .where('entry.id', '=', entryId)
    .where('posting.account', '=', ledgerAccountId(account))
    .executeTakeFirst();
  return row?.amount_micros;
}

/**
 * Puts money of the operator's own into the float, once for each reference.
 * @throws FarthingError `id_reused`: another amount under the same reference
 */
export async function addFunds(
  books: Books,
  funds: { readonly amountMicros: Micros; readonly reference: string; readonly atSec: number },
): Promise<'booked' | 'known'> {
  const { amountMicros, reference, atSec } = funds;
  const id = `funds:${reference}`;
  const own = { owner: '', currency: CURRENCY };
  const fundsAccount = { kind: 'provider funds', ...own } as const;
  const bookedMicros = await bookedOn(books, id, fundsAccount);
  if (bookedMicros === amountMicros) return 'known';
  if (bookedMicros !== undefined)
    throw new FarthingError('id_reused', `${reference} was booked with another amount`);
  await postEntry(books, {
    id,
    kind: 'funds',
    atSec,
    postings: [
      { account: { kind: 'outside money', ...own }, amountMicros: -amountMicros },
      { account: fundsAccount, amountMicros },
    ],
  });
  return 'booked';
}

/** Held since `heldAtSec`, or let go: then it is looked at in the next minute. */
async function setHold(
  changeBooks: ChangeBooks,
  handle: string,
  heldAtSec: number | null,
): Promise<boolean> {
  const { numUpdatedRows } = await changeBooks((books) =>
    books
      .updateTable('seller')
      .set({ held_at_sec: heldAtSec, payout_at_sec: 0 })
      .where('handle', '=', handle)
      .executeTakeFirstOrThrow(),
  );
  return numUpdatedRows > 0n;
}

/**
 * Opens the desk on the books at `place`, also while the service runs.
 * @throws FarthingError `database_foreign`, `database_newer`, `option_invalid`
 */
export async function openDesk(place: string, clock: () => number = Date.now): Promise<PayoutDesk> {
  const database = await openDatabase(place, 'write');
  const atSec = () => nowSec({ clock });
  try {
    const { changeBooks } = await openChanges(database, atSec);
    return {
      list: (state) =>
        database
          .selectFrom('payout')
          .selectAll()
          .$if(state !== undefined, (rows) => rows.where('state', '=', state ?? 'made'))
          .orderBy('number', 'desc')
          .limit(LIST_COUNT_MAX)
          .execute(),
      hold: (handle) => setHold(changeBooks, handle, atSec()),
      release: (handle) => setHold(changeBooks, handle, null),
      book: (id, outcome) =>
        changeBooks((books) => bookOutcome(books, id, { outcome, atSec: atSec() })),
      fund: (amountMicros, reference) =>
        changeBooks((books) => addFunds(books, { amountMicros, reference, atSec: atSec() })),
      method: (method) => changeBooks((books) => changeMethod(books, method)),
      close: () => database.destroy(),
    };
  } catch (error) {
    await database.destroy();
    throw error;
  }
}
