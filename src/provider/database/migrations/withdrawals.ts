/** The step of `migrations.ts` by which readers get their money back. */

/** A withdrawal and the payments that it goes back to, from before anything is sent. */
export const WITHDRAWALS = `
alter table topup add column withdrawn_micros integer not null default 0
  check (withdrawn_micros between 0 and amount_micros);
create table withdrawal (
  account text not null references account,
  id text not null,
  digest text not null,
  amount_micros integer not null check (amount_micros > 0),
  currency text not null,
  at_sec integer not null,
  primary key (account, id)
) strict;
create table withdrawal_part (
  account text not null,
  withdrawal text not null,
  number integer not null check (number > 0),
  topup text not null,
  amount_micros integer not null check (amount_micros > 0),
  reference text,
  state text not null check (state in ('made', 'sent', 'withdrawn', 'failed')),
  asked_at_sec integer not null,
  withdrawn_at_sec integer,
  failed_at_sec integer,
  primary key (account, withdrawal, number),
  foreign key (account, withdrawal) references withdrawal (account, id),
  foreign key (account, topup) references topup (account, id)
) strict;
-- One for each state: SQLite does not see that one of two is among the two.
create index withdrawal_part_made on withdrawal_part (asked_at_sec) where state = 'made';
create index withdrawal_part_sent on withdrawal_part (asked_at_sec) where state = 'sent';
`;
