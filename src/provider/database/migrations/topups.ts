/** The step of `migrations.ts` that gives readers’ payments rows of their own. */

/**
 * Top-ups have rows of their own from before anything is sent; those of before paid at once. The
 * money of a payment that its card took back is owed, and freezes the account.
 */
export const TOPUPS = `
alter table account add column frozen_at_sec integer;
create table topup (
  account text not null references account,
  id text not null,
  digest text not null,
  amount_micros integer not null check (amount_micros > 0),
  currency text not null,
  method text not null,
  reference text,
  url text,
  payment text,
  state text not null check (state in ('begun', 'paid', 'failed', 'disputed', 'charged back')),
  begun_at_sec integer not null,
  asked_at_sec integer not null,
  paid_at_sec integer,
  charged_back_micros integer not null default 0 check (charged_back_micros >= 0),
  primary key (account, id)
) strict;
create index topup_begun on topup (asked_at_sec) where state = 'begun';
create index topup_of_account on topup (account, begun_at_sec);
create table dispute (
  reference text primary key,
  account text not null,
  topup text not null,
  amount_micros integer not null check (amount_micros > 0),
  state text not null check (state in ('open', 'lost', 'won')),
  at_sec integer not null,
  ended_at_sec integer,
  foreign key (account, topup) references topup (account, id)
) strict;
create index dispute_of_account on dispute (account, state);
insert into topup (account, id, digest, amount_micros, currency, method, payment, state,
    begun_at_sec, asked_at_sec, paid_at_sec)
  select asked.account, asked.id, asked.digest, posting.amount_micros, ledger_account.currency,
    'sandbox card', asked.account || '.' || asked.id, 'paid',
    entry.at_sec, entry.at_sec, entry.at_sec
  from answered_write as asked
  join ledger_transaction as entry on entry.id = 'topup:' || asked.account || ':' || asked.id
  join posting on posting.number = entry.number and posting.amount_micros > 0
  join ledger_account on ledger_account.id = posting.account;
`;
