/**
 * Money that has left and was not there (SPEC 10.10): whoever sent it, a bank or a card, has taken
 * it from the operator. So it is booked as the operator's own, put in, before it is booked as gone.
 */
import type { Books } from '../database/database.ts';
import type { LedgerAccount } from './chart.ts';
import { balanceOf, postEntry } from './journal.ts';

/** What is about to leave. */
interface Leaving {
  readonly currency: string;
  readonly amountMicros: bigint;
  /** Of the entry by which it leaves: unique for ever. */
  readonly name: string;
  readonly atSec: number;
}

/** Books what is missing outside of it as put in by the operator; nothing where nothing is. */
export async function coverShortage(books: Books, leaving: Leaving): Promise<void> {
  const { currency, amountMicros, name, atSec } = leaving;
  const own = { owner: '', currency };
  const outside: LedgerAccount = { kind: 'outside money', ...own };
  const missingMicros = amountMicros - (await balanceOf(books, outside));
  if (missingMicros <= 0n) return;
  await postEntry(books, {
    id: `funds:short.${name}`,
    kind: 'funds',
    atSec,
    postings: [
      { account: outside, amountMicros: -missingMicros },
      { account: { kind: 'provider funds', ...own }, amountMicros: missingMicros },
    ],
  });
}
