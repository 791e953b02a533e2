/** The step of `migrations.ts` by which it is known what cards cost. */

/** What the card's side has kept for itself, by its name there; given back is below zero. */
export const COSTS = `
create table cost (
  reference text primary key,
  amount_micros integer not null check (amount_micros <> 0),
  at_sec integer not null
) strict;
`;
