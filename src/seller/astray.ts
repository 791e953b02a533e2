/** What a wallet is told that is out of step with its purse (SPEC 4.7). */
import type { FarthingError } from '../protocol/errors.ts';
import { makeFirm } from './firmness.ts';
import type { PurseRow } from './purses.ts';
import type { Refusal } from './sale.ts';
import type { Store } from './store.ts';

/**
 * A wallet that is out of step goes on from the last accepted charge: what it is told must stand,
 * also where that charge's page is still being made by another request. Undefined where another
 * writer was first.
 */
export async function refuse(
  store: Store,
  row: PurseRow | undefined,
  error: FarthingError,
): Promise<Refusal | undefined> {
  const isAstray = error.code === 'out_of_sync' || error.code === 'superseded';
  if (!isAstray || row?.charge === undefined) return { kind: 'refusal', error };
  return (await makeFirm(store, row)) ? { kind: 'refusal', error, last: row.charge } : undefined;
}
