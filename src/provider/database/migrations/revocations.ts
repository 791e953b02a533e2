/** The step of `migrations.ts` by which a key of the provider's can be taken back. */

export const REVOCATIONS = `
alter table signing_key add column revoked_at_sec integer;
`;
