/** The step of `migrations.ts` by which a device says which key has added it. */

/** Null of the key that has opened its account; and of all that there were: nobody knows. */
export const SPONSORS = `
alter table device add column added_by text;
`;
