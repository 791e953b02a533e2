/** Gives back what a purse did not spend: when it has ended, or was closed (SPEC 5.11, 5.12). */
import { MICROS_ZERO } from '../../protocol/money.ts';
import { endEarly } from '../collections/dues.ts';
import type { Books } from '../database/database.ts';
import { postEntry } from '../ledger/journal.ts';

/** SPEC 10.3: each part goes back to where it came from. The purse is open. */
export async function release(books: Books, id: string, atSec: number): Promise<void> {
  const purse = await books
    .selectFrom('purse')
    .select(['account', 'currency', 'limit_micros', 'captured_micros', 'starter_micros'])
    .where('id', '=', id)
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow();
  const { account, currency, starter_micros: starterMicros } = purse;
  const leftMicros = purse.limit_micros - purse.captured_micros;
  if (leftMicros > 0n)
    await postEntry(books, {
      id: `release:${id}`,
      kind: 'release',
      atSec,
      postings: [
        { account: { kind: 'purse', owner: id, currency }, amountMicros: -leftMicros },
        {
          account: { kind: 'reader starter', owner: account, currency },
          amountMicros: starterMicros,
        },
        {
          account: { kind: 'reader available', owner: account, currency },
          amountMicros: leftMicros - starterMicros,
        },
      ],
    });
  await books
    .updateTable('purse')
    .set({ state: 'released', starter_micros: MICROS_ZERO })
    .where('id', '=', id)
    .execute();
  await endEarly(books, id);
}
