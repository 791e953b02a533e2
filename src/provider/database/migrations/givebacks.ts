/** The step of `migrations.ts` by which each capture says what is left of it. */

/** What went back before is taken for the oldest of each purse. */
export const GIVEBACKS = `
alter table capture add column refunded_micros integer not null default 0
  check (refunded_micros between 0 and amount_micros);
update capture set refunded_micros = (
  select case
    when purse.refunded_micros >= capture.total_micros then capture.amount_micros
    when purse.refunded_micros > capture.total_micros - capture.amount_micros
      then purse.refunded_micros - (capture.total_micros - capture.amount_micros)
    else 0 end
  from purse where purse.id = capture.purse
);
drop index capture_of_seller;
create index capture_of_seller on capture
  (payto, at_sec, amount_micros, refunded_micros, earned_micros, earned_starter_micros, purse);
`;
