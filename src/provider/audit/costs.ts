/**
 * What the card's side has kept for itself (SPEC 10.13, trust T8): every row against its entry, and
 * no entry without a row.
 */
import type { Books } from '../database/database.ts';
import { costEntryId } from '../funding/costs.ts';
import { checkEntry } from './entries.ts';
import type { Report } from './finding.ts';
import type { Replay } from './replay.ts';
import type { Movement } from './shapes.ts';

const amountOf = ({ on }: Movement) => on('outside money');

export async function checkCosts(
  books: Books,
  { replay, report }: { replay: Replay; report: Report },
): Promise<void> {
  for await (const cost of books.selectFrom('cost').selectAll().stream()) {
    const { reference, amount_micros: amountMicros, at_sec: atSec } = cost;
    const found = (detail: string) => report({ invariant: 'T8', row: `cost ${reference}`, detail });
    checkEntry(costEntryId(cost), { amountMicros, atSec, amountOf }, replay, found);
  }
  for (const { kind, write, entry } of replay.movements.values()) {
    if (kind !== 'cost' && kind !== 'cost returned') continue;
    const detail = `is missing, and entry ${entry.number} was booked`;
    report({ invariant: 'T8', row: `cost ${write}`, detail });
  }
}
