/** The step of `migrations.ts` by which money that was taken back can be taken again. */

/**
 * A dispute takes, gives back and takes again: each is a row. A payment that takes nothing back is
 * no place to send money to, and a part that waits says why.
 */
export const TAKEBACKS = `
alter table topup add column name text;
alter table topup add column shut_at_sec integer;
alter table withdrawal_part add column refusal text;
alter table withdrawal_part add column refusal_count integer not null default 0;
alter table withdrawal_part add column stopped_at_sec integer;
create table dispute_move (
  reference text not null references dispute,
  number integer not null check (number > 0),
  account text not null references account,
  amount_micros integer not null check (amount_micros <> 0),
  at_sec integer not null,
  primary key (reference, number)
) strict;
create index dispute_move_of_account on dispute_move (account, reference);
insert into dispute_move (reference, number, account, amount_micros, at_sec)
  select reference, 1, account, amount_micros, at_sec from dispute;
insert into dispute_move (reference, number, account, amount_micros, at_sec)
  select reference, 2, account, -amount_micros, ended_at_sec from dispute where state = 'won';
`;
