/** The step of `migrations.ts` by which what was captured lately, and where, is found at once. */

/** When the capture that brought a note's charge was: null where there is none yet. */
const BROUGHT = `(select at_sec from capture
  where capture.purse = refund.purse and capture.seq >= refund.seq order by capture.seq limit 1)`;

/**
 * Purses say when something was captured of them first and last, notes when what they give back
 * was, and captures where: what is asked about a seller is in one index each.
 */
export const CAPTURED = `
alter table purse add column first_captured_at_sec integer;
alter table purse add column last_captured_at_sec integer;
update purse set
  first_captured_at_sec = (select min(at_sec) from capture where capture.purse = purse.id),
  last_captured_at_sec = (select max(at_sec) from capture where capture.purse = purse.id);
drop index purse_gift;
create index purse_gift on purse (payto, currency, last_captured_at_sec, first_captured_at_sec,
    captured_starter_micros, refunded_starter_micros)
  where captured_starter_micros > refunded_starter_micros;
create index purse_gift_owed on purse (payto, currency)
  where owed_micros > 0 and captured_starter_micros > refunded_starter_micros;
alter table refund add column captured_at_sec integer;
update refund set captured_at_sec = ${BROUGHT};
create index refund_young on refund (payto, captured_at_sec, number) where state = 'pending';
alter table capture add column country text;
update capture set country = (select country from purse where purse.id = capture.purse);
drop index capture_of_seller;
create index capture_of_seller on capture (payto, at_sec, country, amount_micros, refunded_micros,
  earned_micros, earned_starter_micros, purse);
`;
