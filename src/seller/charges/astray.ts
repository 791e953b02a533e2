/** What a wallet is told that is out of step with its purse (SPEC 4.7, 6.6). */
import { FarthingError } from '../../protocol/errors.ts';
import type { Store } from '../store.ts';
import { makeFirm } from './firmness.ts';
import { NOTHING_ACCEPTED, type PurseRow } from './purses.ts';
import type { Refusal } from './sale.ts';
import type { Offered } from './verify.ts';

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

/** Step 8 of SPEC 6.4: why a charge is not the next one of its purse. */
function refusalOf(row: PurseRow | undefined, { charge, credential }: Offered): FarthingError {
  const { seq: acceptedSeq, tot: acceptedTot, final } = row ?? NOTHING_ACCEPTED;
  const { seq, tot } = charge.claims;
  if (final !== undefined) return new FarthingError('purse_closed', 'use another one');
  if (seq < acceptedSeq) return new FarthingError('superseded', `charge ${acceptedSeq} came later`);
  if (seq === acceptedSeq + 1 && tot === acceptedTot + credential.payload.opening.amt)
    return new FarthingError('over_limit', 'raise the purse');
  return new FarthingError('out_of_sync', `the last accepted charge is ${acceptedSeq}`);
}

/** Refuses such a charge; undefined where another writer was first. */
export function refuseCharge(
  store: Store,
  row: PurseRow | undefined,
  offered: Offered,
): Promise<Refusal | undefined> {
  return refuse(store, row, refusalOf(row, offered));
}
