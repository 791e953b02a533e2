/** The step of `migrations.ts` by which all that belongs to an account is found, and forgotten. */

export const ACCOUNTS = `
alter table account add column closed_at_sec integer;
create index seller_of_account on seller (account);
create index purse_of_seller on purse (payto) where state = 'open';
`;
