/** What an audit finds: which invariant of the books is broken, by which row. */

/**
 * T1 sums · T2 nothing below zero · T3 money set aside ends once · T4 captures · T8 journal,
 * balance.
 */
export type Invariant = 'T1' | 'T2' | 'T3' | 'T4' | 'T8';

export interface Finding {
  readonly invariant: Invariant;
  /** Table and key, e.g. `posting 7/2`. */
  readonly row: string;
  readonly detail: string;
}

export type Report = (finding: Finding) => void;
