/**
 * By what way these books pay (SPEC 10.7): theirs from the first start, and not a matter of who
 * starts on them. A process of another way would call paid, by play money, what no bank was told.
 */
import { FarthingError } from '../../protocol/errors.ts';
import { type Books, type Reading, readSetting } from '../database/database.ts';

/** The `method` of each bank that there is. */
export const METHODS: readonly string[] = ['sandbox', 'pain.001'];

const SETTING = 'payout_method';

/** The way of the last payout that was made. */
async function lastMethod(reading: Reading): Promise<string | undefined> {
  const row = await reading
    .selectFrom('payout')
    .select('method')
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.method;
}

async function store(books: Books, value: string): Promise<void> {
  await books
    .insertInto('setting')
    .values({ name: SETTING, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}

/** By what way these books pay; undefined where no service of this version has begun them. */
export function storedMethod(reading: Reading): Promise<string | undefined> {
  return readSetting(reading, SETTING);
}

/**
 * Has the books pay by this way from now on, where they have none yet; those of an earlier version
 * have that of their last payout.
 * @throws FarthingError `option_invalid`: they pay by another
 */
export async function claimMethod(books: Books, method: string): Promise<void> {
  const stored = await storedMethod(books);
  const kept = stored ?? (await lastMethod(books)) ?? method;
  if (kept !== method)
    throw new FarthingError(
      'option_invalid',
      `these books pay sellers by ${kept}, not by ${method}: start the service as before; ` +
        'as long as nothing was paid out, ' +
        `"farthing payouts --books BOOKS method ${method}" changes it`,
    );
  if (stored === undefined) await store(books, method);
}

/**
 * Has the books pay by another way. Once a payout was made it is too late: what play money has paid
 * never left, and what a bank has been told is not play.
 * @throws FarthingError `option_invalid`
 */
export async function changeMethod(books: Books, method: string): Promise<void> {
  const last = await lastMethod(books);
  if (last !== undefined && last !== method)
    throw new FarthingError(
      'option_invalid',
      `these books have paid by ${last}, and stay so: begin others for ${method}`,
    );
  await store(books, method);
}
