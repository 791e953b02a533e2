/** What an operator does about withdrawals, beside the running service (SPEC 10.11). */
import { nowSec } from '../context.ts';
import { openDatabase } from '../database/database.ts';
import { openChanges } from '../desk.ts';
import type { Funding } from './funding.ts';
import { type GivenUp, giveUp, listWaiting, type Waiting } from './giveup.ts';

export interface WithdrawalDesk {
  /** What waits, the oldest first. */
  list(): Promise<Waiting[]>;
  /** Gives one up by its name. */
  giveUp(name: string, hasLooked?: 'has looked'): Promise<GivenUp>;
  close(): Promise<void>;
}

interface Outside {
  /** Who is asked, for the service of this name; only where somebody has to be. */
  readonly fund: (issuer: string) => Promise<Funding>;
  readonly log: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/**
 * Opens the desk on the books at `place`, also while the service runs.
 * @throws FarthingError `database_foreign`, `database_newer`, `option_invalid`
 */
export async function openWithdrawalDesk(
  place: string,
  { fund, log, clock }: Outside,
): Promise<WithdrawalDesk> {
  const database = await openDatabase(place, 'write');
  try {
    const { issuer, changeBooks } = await openChanges(database, () => nowSec({ clock }));
    let funding: Promise<Funding> | undefined;
    return {
      list: () => listWaiting(database),
      giveUp: async (name, hasLooked) => {
        funding ??= fund(issuer);
        const giving = { database, changeBooks, funding: await funding, atSec: nowSec({ clock }) };
        return giveUp({ ...giving, log }, name, hasLooked);
      },
      close: () => database.destroy(),
    };
  } catch (error) {
    await database.destroy();
    throw error;
  }
}
