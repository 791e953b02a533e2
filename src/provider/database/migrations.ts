/**
 * The database's shape, one numbered step after another; each runs in one transaction, and a step
 * that was released is never edited. The number of steps that a file has seen is its
 * `user_version`.
 */
import { ACCOUNTS } from './migrations/accounts.ts';
import { CAPTURED } from './migrations/captured.ts';
import { COSTS } from './migrations/costs.ts';
import { GIVEBACKS } from './migrations/givebacks.ts';
import { KEYS } from './migrations/keys.ts';
import { MOVEMENTS } from './migrations/movements.ts';
import { REVOCATIONS } from './migrations/revocations.ts';
import { SPONSORS } from './migrations/sponsors.ts';
import { TAKEBACKS } from './migrations/takebacks.ts';
import { TOPUPS } from './migrations/topups.ts';
import { UNTOLD } from './migrations/untold.ts';
import { WITHDRAWALS } from './migrations/withdrawals.ts';

const BOOKS = `
create table ledger_account (
  id text primary key,
  kind text not null,
  owner text not null,
  currency text not null,
  balance_micros integer not null check (balance_micros >= 0),
  unique (kind, owner, currency)
) strict;
create table ledger_transaction (
  number integer primary key,
  id text not null unique,
  kind text not null,
  at_sec integer not null,
  previous_hash text not null,
  hash text not null
) strict;
create table posting (
  number integer not null references ledger_transaction,
  line integer not null,
  account text not null references ledger_account,
  amount_micros integer not null check (amount_micros <> 0),
  primary key (number, line)
) strict, without rowid;
`;

/** The journal is append-only by the database's own word, too (trust T8). */
const APPEND_ONLY = ['ledger_transaction', 'posting']
  .flatMap((table) =>
    ['update', 'delete'].map(
      (verb) => `create trigger ${table}_${verb} before ${verb} on ${table}
begin select raise(abort, 'the journal is append-only'); end;`,
    ),
  )
  .join('\n');

const PEOPLE = `
create table setting (name text primary key, value text not null) strict;
create table signing_key (
  kid text primary key, jwk text not null, made_at_sec integer not null
) strict;
create table run (
  id integer primary key, opened_at_sec integer not null, seen_at_sec integer not null
) strict;
create table account (id text primary key, opened_at_sec integer not null) strict;
create table device (
  kid text primary key,
  account text not null references account,
  added_at_sec integer not null
) strict;
create table answered_write (
  account text not null references account,
  id text not null,
  digest text not null,
  status integer not null,
  body text not null,
  at_sec integer not null,
  primary key (account, id)
) strict, without rowid;
create table pseudonym (
  account text not null references account,
  payto text not null,
  sub text not null unique,
  primary key (account, payto)
) strict;
create table seller (
  handle text primary key,
  account text not null references account,
  name text not null,
  origins text not null,
  keys text not null,
  changed_at_sec integer not null
) strict;
create table earnings (
  handle text not null references seller,
  currency text not null,
  rate_basis_points integer not null,
  collected_micros integer not null,
  fees_micros integer not null check (fees_micros between 0 and collected_micros),
  primary key (handle, currency, rate_basis_points)
) strict;
`;

const PURSES = `
create table purse (
  id text primary key,
  account text not null references account,
  payto text not null,
  currency text not null,
  limit_micros integer not null,
  starter_micros integer not null check (starter_micros >= 0),
  captured_micros integer not null check (captured_micros between 0 and limit_micros),
  last_seq integer not null,
  expires_at_sec integer not null,
  state text not null check (state in ('open', 'released')),
  key text not null,
  sub text not null,
  certificate text not null
) strict;
create index purse_of_account on purse (account, state);
create index purse_to_release on purse (state, expires_at_sec);
create table set_aside (
  id text primary key,
  account text not null references account,
  purse text not null references purse deferrable initially deferred,
  amount_micros integer not null check (amount_micros > 0),
  at_sec integer not null
) strict;
create index set_aside_of_account on set_aside (account, at_sec);
create table capture (
  purse text not null references purse,
  seq integer not null,
  total_micros integer not null,
  amount_micros integer not null check (amount_micros > 0),
  charge text not null,
  at_sec integer not null,
  primary key (purse, seq)
) strict;
`;

/** What the journal says of starter credit in purses, which their rows did not keep before. */
const CAPTURED_STARTER = `
update purse set captured_starter_micros = (
  select coalesce(-sum(given.amount_micros), 0)
  from posting held
  join posting given on given.number = held.number
  join ledger_account giver on giver.id = given.account and giver.kind = 'reader starter'
  where held.account = 'purse:' || purse.id || ':' || purse.currency
) - starter_micros;
update earnings set changed_number = (select coalesce(max(number), 0) from ledger_transaction);
`;

const REFUNDS = `
alter table purse add column captured_starter_micros integer not null default 0
  check (captured_starter_micros between 0 and captured_micros);
alter table purse add column refunded_micros integer not null default 0
  check (refunded_micros between 0 and captured_micros);
alter table purse add column refunded_starter_micros integer not null default 0
  check (refunded_starter_micros between 0 and captured_starter_micros);
alter table earnings add column refunded_micros integer not null default 0
  check (refunded_micros between 0 and collected_micros);
alter table earnings add column changed_number integer not null default 0;
create table refund (
  number integer primary key,
  purse text not null references purse,
  seq integer not null,
  payto text not null,
  amount_micros integer not null check (amount_micros > 0),
  note text not null,
  state text not null check (state in ('pending', 'paid', 'void')),
  at_sec integer not null,
  paid_at_sec integer,
  unique (purse, seq)
) strict;
create index refund_pending on refund (payto, number) where state = 'pending';
`;

/** For what is asked about a seller's purses whenever it gives something back. */
const GIFTS = `
create index purse_gift
  on purse (payto, currency, captured_starter_micros, refunded_starter_micros)
  where captured_starter_micros > refunded_starter_micros;
`;

/**
 * A note whose charge was not collected yet is early: it is not among those that wait for money,
 * and takes no room from them. The receipt key stays with the note that it signed.
 */
const EARLY_REFUNDS = `
alter table purse add column owed_micros integer not null default 0 check (owed_micros >= 0);
alter table purse add column early_count integer not null default 0 check (early_count >= 0);
create table refund_by_key (
  number integer primary key,
  purse text not null references purse,
  seq integer not null,
  payto text not null,
  amount_micros integer not null check (amount_micros > 0),
  note text not null,
  key text,
  state text not null check (state in ('early', 'pending', 'paid', 'void')),
  at_sec integer not null,
  paid_at_sec integer,
  unique (purse, seq)
) strict;
insert into refund_by_key
  select number, purse, seq, payto, amount_micros, note, null, state, at_sec, paid_at_sec
  from refund;
drop table refund;
alter table refund_by_key rename to refund;
create index refund_pending on refund (payto, number) where state = 'pending';
create index refund_early on refund (purse, number) where state = 'early';
update refund set state = 'early' where state = 'pending'
  and seq > (select last_seq from purse where purse.id = refund.purse);
update refund set state = 'void' where number in (
  select number from (
    select number, purse, sum(amount_micros) over (partition by purse order by number) as owed
    from refund where state = 'pending'
  ) as due join purse on purse.id = due.purse
  where owed > captured_micros - refunded_micros
);
update purse set
  owed_micros = (select coalesce(sum(amount_micros), 0) from refund
    where refund.purse = purse.id and refund.state = 'pending'),
  early_count = (select count(*) from refund
    where refund.purse = purse.id and refund.state = 'early');
`;

/** What one account writes in a day, and what all are given. */
const DAILY = `
create index answered_write_of_account on answered_write (account, at_sec);
alter table account add column starter_micros integer not null default 0
  check (starter_micros >= 0);
create index account_with_starter on account (opened_at_sec) where starter_micros > 0;
update account set starter_micros = coalesce((
  select posting.amount_micros from ledger_transaction as entry
  join posting on posting.number = entry.number and posting.amount_micros > 0
  where entry.id = 'opening:' || account.id
), 0);
`;

/** What proves an undo that the provider granted in a seller's name. */
const JUDGED_UNDOS = `
create table judged_undo (
  purse text not null,
  seq integer not null,
  receipt text not null,
  undo text not null,
  at_sec integer not null,
  primary key (purse, seq),
  foreign key (purse, seq) references refund (purse, seq)
) strict;
`;

/** Until now an account had one device, which asked for all its purses. */
const DEVICES = `
alter table device add column name text not null default '';
alter table device add column revoked_at_sec integer;
alter table device add column place integer not null default 0;
create index device_of_account on device (account);
alter table account add column history_length integer not null default 0;
alter table purse add column device text not null default '';
alter table purse add column asked_at_sec integer;
update purse set device = (select kid from device where device.account = purse.account);
create index purse_of_device on purse (device) where state = 'open';
create index purse_asked_back on purse (payto, asked_at_sec)
  where state = 'open' and asked_at_sec is not null;
create table recovery_key (
  account text not null references account,
  kind text not null check (kind in ('words', 'passkey')),
  kid text not null unique,
  sealed text not null,
  set_at_sec integer not null,
  primary key (account, kind)
) strict;
create table history_chunk (
  number integer primary key autoincrement,
  account text not null references account,
  device text not null references device,
  place integer not null,
  chunk text not null,
  unique (device, place)
) strict;
create index history_of_account on history_chunk (account, number);
`;

/** A note that says more than was captured of its purse waits for the end of that. */
const SHORT_REFUNDS = `
update refund set state = 'early'
  where state = 'void' and purse in (select id from purse where state = 'open');
update purse set early_count = (
  select count(*) from refund where refund.purse = purse.id and refund.state = 'early'
) where state = 'open';
`;

/**
 * What each capture brought its seller, as the journal has it: what came lately is not paid out
 * yet. Payouts, with where they go. And origins, which are proven again each day.
 */
const PAYOUTS = `
alter table capture add column payto text not null default '';
alter table capture add column earned_micros integer not null default 0
  check (earned_micros >= 0);
alter table capture add column earned_starter_micros integer not null default 0
  check (earned_starter_micros between 0 and amount_micros - earned_micros);
update capture set
  payto = (select payto from purse where purse.id = capture.purse),
  earned_micros = coalesce((
    select posting.amount_micros from ledger_transaction as entry
    join posting on posting.number = entry.number
    join ledger_account as owned on owned.id = posting.account and owned.kind = 'seller earned'
    where entry.id = 'capture:' || capture.purse || ':' || capture.seq
  ), 0),
  earned_starter_micros = coalesce((
    select posting.amount_micros from ledger_transaction as entry
    join posting on posting.number = entry.number
    join ledger_account as owned
      on owned.id = posting.account and owned.kind = 'seller earned starter'
    where entry.id = 'capture:' || capture.purse || ':' || capture.seq
  ), 0);
-- What a seller earned is summed up without its charges.
create index capture_of_seller
  on capture (payto, at_sec, amount_micros, earned_micros, earned_starter_micros, purse);
create index refund_paid on refund (payto, paid_at_sec) where state = 'paid';
alter table account add column country text;
alter table purse add column country text;
alter table seller add column registered_at_sec integer not null default 0;
alter table seller add column held_at_sec integer;
alter table seller add column bank text;
alter table seller add column bank_at_sec integer;
alter table seller add column payout_at_sec integer not null default 0;
update seller set registered_at_sec = changed_at_sec;
create index seller_to_pay_out on seller (payout_at_sec) where bank is not null;
create index seller_held on seller (account) where held_at_sec is not null;
create table payout (
  id text primary key,
  number integer not null unique,
  handle text not null references seller,
  currency text not null,
  amount_micros integer not null check (amount_micros > 0),
  starter_micros integer not null check (starter_micros between 0 and amount_micros),
  bank text not null,
  method text not null,
  run text not null,
  state text not null check (state in ('made', 'sent', 'paid', 'bounced')),
  made_at_sec integer not null,
  sent_at_sec integer,
  paid_at_sec integer,
  bounced_at_sec integer
) strict;
create index payout_of_seller on payout (handle, number);
create table origin_check (
  handle text not null references seller,
  origin text not null,
  failure_count integer not null check (failure_count >= 0),
  due_at_sec integer not null,
  primary key (handle, origin)
) strict;
create index origin_to_check on origin_check (due_at_sec);
-- One for each state: SQLite does not see that one of two is among the two.
create index payout_made on payout (number) where state = 'made';
create index payout_sent on payout (number) where state = 'sent';
`;

const FLOAT_REPORTS = `
create table float_report (
  day text not null,
  currency text not null,
  at_sec integer not null,
  outside_micros integer not null,
  readers_micros integer not null,
  sellers_micros integer not null,
  transit_micros integer not null,
  primary key (day, currency)
) strict;
`;

/** Step n stands at index n − 1. */
export const MIGRATIONS: readonly string[] = [
  BOOKS + APPEND_ONLY + PEOPLE + PURSES,
  REFUNDS + CAPTURED_STARTER,
  GIFTS + EARLY_REFUNDS + DAILY,
  JUDGED_UNDOS,
  DEVICES,
  SHORT_REFUNDS,
  PAYOUTS,
  FLOAT_REPORTS,
  TOPUPS,
  WITHDRAWALS,
  GIVEBACKS,
  KEYS,
  MOVEMENTS,
  ACCOUNTS,
  TAKEBACKS,
  REVOCATIONS,
  UNTOLD,
  CAPTURED,
  COSTS,
  SPONSORS,
];
