/** The step of `migrations.ts` by which an account's own entries are found. */

/** Whose an entry is, newest first (SPEC 9.25). */
export const MOVEMENTS = `
create index posting_of_account on posting (account, number);
`;
