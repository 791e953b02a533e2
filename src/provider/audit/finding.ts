/** What an audit finds: which invariant of the books is broken, by which row. */

/**
 * T1 sums · T2 nothing below zero · T3 money set aside ends once · T4 captures and refunds · T5
 * answers that were kept · T8 journal, balance.
 */
export type Invariant = 'T1' | 'T2' | 'T3' | 'T4' | 'T5' | 'T8';

export interface Finding {
  readonly invariant: Invariant;
  /** Table and key, e.g. `posting 7/2`. */
  readonly row: string;
  readonly detail: string;
}

export type Report = (finding: Finding) => void;

/** Reports about one row. */
export type Found = (detail: string) => void;

/** A row that cannot be read is a finding like any other, and the audit goes on. */
export async function guarded(found: Found, check: () => Promise<void> | void): Promise<void> {
  try {
    await check();
  } catch (error) {
    found(`cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}
