/**
 * What was taken back in a seller's name (SPEC 7.8) is told to it with its collections until it
 * hands the note in: then it has it (SPEC 9.11, 9.12).
 */
import type { Books } from '../database/database.ts';
import { queryOf } from '../database/queries.ts';

/** SPEC 9.11. */
const UNDONE_COUNT_MAX = 100;

/** One charge. */
interface Place {
  readonly purse: string;
  readonly seq: number;
}

/** Notes an undo that the seller has to hear of. */
export async function noteUntold(
  books: Books,
  { purse, seq, payto }: Place & { readonly payto: string },
): Promise<void> {
  await books.insertInto('untold_undo').values({ purse, seq, payto }).execute();
}

/** The seller has the note. */
export async function noteTold(books: Books, { purse, seq }: Place): Promise<void> {
  await books
    .deleteFrom('untold_undo')
    .where('purse', '=', purse)
    .where('seq', '=', BigInt(seq))
    .execute();
}

/** Asks for the notes that a seller has not heard of. */
export const UNTOLD_NOTES = queryOf((reading, { payto }: { readonly payto: string }) =>
  reading
    .selectFrom('untold_undo')
    .innerJoin('refund', (join) =>
      join
        .onRef('refund.purse', '=', 'untold_undo.purse')
        .onRef('refund.seq', '=', 'untold_undo.seq'),
    )
    .select('refund.note')
    .where('untold_undo.payto', '=', payto)
    .limit(UNDONE_COUNT_MAX),
);
