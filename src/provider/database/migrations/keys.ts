/** The step of `migrations.ts` by which the provider's signing key changes. */

/** Since when a key signs; when it leaves the public set. The one that there was signs on. */
export const KEYS = `
alter table signing_key add column signs_from_sec integer not null default 0;
alter table signing_key add column leaves_at_sec integer;
`;
