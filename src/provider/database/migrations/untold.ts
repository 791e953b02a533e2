/** The step of `migrations.ts` by which sellers are told of what was taken back in their name. */

/** Of an undo that its seller has not heard of. Of those until now nobody has. */
export const UNTOLD = `
create table untold_undo (
  purse text not null,
  seq integer not null,
  payto text not null,
  primary key (purse, seq),
  foreign key (purse, seq) references judged_undo (purse, seq)
) strict;
create index untold_undo_of_seller on untold_undo (payto);
insert into untold_undo (purse, seq, payto)
  select judged_undo.purse, judged_undo.seq, purse.payto
  from judged_undo join purse on purse.id = judged_undo.purse;
`;
