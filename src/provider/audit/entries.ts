/** Rows against the entries that they name: there, for this much at this time, or not there. */
import type { Found } from './finding.ts';
import type { Replay } from './replay.ts';
import type { Movement } from './shapes.ts';

/** What the journal has to have under an id, by a row. */
export interface Due {
  readonly amountMicros: bigint;
  /** Null: there is to be no such entry. */
  readonly atSec: bigint | null;
  /** Where the entry moves that amount. */
  amountOf(movement: Movement): bigint;
}

/** Takes the entry out of those that nobody has checked yet. */
export function checkEntry(id: string, due: Due, { movements }: Replay, found: Found): void {
  const movement = movements.get(id);
  movements.delete(id);
  const booked = movement && `${due.amountOf(movement)} at ${movement.entry.at}`;
  const said = due.atSec === null ? undefined : `${due.amountMicros} at ${due.atSec}`;
  if (booked !== said) found(`${said ?? 'nothing'} is due, the journal has ${booked ?? 'nothing'}`);
}
