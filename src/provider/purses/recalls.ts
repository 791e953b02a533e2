/**
 * What a lost device has set aside is asked back (SPEC 9.20): its keys are gone, so the seller is
 * asked, with its next collection, and closes the purses by its own word (`finals.ts`).
 */
import { type Books, indexed } from '../database/database.ts';
import { queryOf } from '../database/queries.ts';

/** SPEC 9.20. */
export const ASKED_COUNT_MAX = 100;

/** Marks the open purses of a device that was revoked. */
export async function askBack(books: Books, device: string, atSec: number): Promise<void> {
  await books
    .updateTable('purse')
    .set({ asked_at_sec: atSec })
    .where('device', '=', device)
    .where('state', '=', indexed('open'))
    .execute();
}

/** Asks for the certificates of what is asked back at a seller, the longest waiting first. */
export const ASKED_BACK = queryOf((reading, { payto }: { readonly payto: string }) =>
  reading
    .selectFrom('purse')
    .select('certificate')
    .where('payto', '=', payto)
    .where('state', '=', indexed('open'))
    .where('asked_at_sec', 'is not', null)
    .orderBy('asked_at_sec')
    .orderBy('id')
    .limit(ASKED_COUNT_MAX),
);
