/** Which account a device key belongs to (SPEC 9.16, 9.17). */
import { encodeBase64url } from '../../protocol/base64url.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { MICROS_ZERO } from '../../protocol/money.ts';
import type { Context } from '../context.ts';
import type { Books, Reading } from '../database/database.ts';
import { ask, queryOf } from '../database/queries.ts';

/** For a wallet, and for a seller who has mixed up two secrets or has not registered yet. */
const OPEN_ONE =
  'open one with POST /v1/accounts; a seller: register, or put in the FEE_SECRET that did';

/** Whose a key is, as far as devices go. */
export interface Device {
  readonly kid: string;
  readonly account: string;
  /** Chunks of the history copy that it has written. */
  readonly place: number;
}

/** Asks whose a key is, also once the account is closed; its answer is for `ownerIn`. */
export const OWNER_OF = queryOf((reading, { kid }: { readonly kid: string }) =>
  reading
    .selectFrom('device')
    .innerJoin('account', 'account.id', 'device.account')
    .select(['device.account', 'device.place', 'device.revoked_at_sec', 'account.closed_at_sec'])
    .where('device.kid', '=', kid),
);

interface OwnerRow {
  readonly account: string;
  readonly place: bigint;
  readonly revoked_at_sec: bigint | null;
  readonly closed_at_sec: bigint | null;
}

/** @throws FarthingError `device_revoked`: such a key proves nothing any more */
function ownerIn([row]: readonly OwnerRow[]): OwnerRow | undefined {
  if (row && row.revoked_at_sec !== null)
    throw new FarthingError('device_revoked', 'another device of this account has removed it');
  return row;
}

/** @throws FarthingError `device_revoked`, `account_closed` */
function openOwnerIn(rows: readonly OwnerRow[]): OwnerRow | undefined {
  const row = ownerIn(rows);
  if (row && row.closed_at_sec !== null)
    throw new FarthingError('account_closed', 'open another one under a new key');
  return row;
}

/**
 * The account that `OWNER_OF` has found.
 * @throws FarthingError `account_unknown`, `device_revoked`, `account_closed`
 */
export function accountIn(rows: readonly OwnerRow[]): string {
  const row = openOwnerIn(rows);
  if (!row) throw new FarthingError('account_unknown', OPEN_ONE);
  return row.account;
}

/**
 * Whose a key is, also once the account is closed.
 * @throws FarthingError `device_revoked`
 */
export async function findOwner(reading: Reading, kid: string) {
  return ownerIn(await ask(reading, OWNER_OF({ kid })));
}

/**
 * The device of a key, if there is one.
 * @throws FarthingError `device_revoked`, `account_closed`
 */
export async function findDevice(reading: Reading, kid: string): Promise<Device | undefined> {
  const row = openOwnerIn(await ask(reading, OWNER_OF({ kid })));
  return row && { kid, account: row.account, place: Number(row.place) };
}

/** The account of a device key, if it has one. @throws FarthingError as `findDevice` does */
export async function findAccount(reading: Reading, kid: string): Promise<string | undefined> {
  return (await findDevice(reading, kid))?.account;
}

/** @throws FarthingError `account_unknown`, and as `findDevice` does */
export async function requireDevice(reading: Reading, kid: string): Promise<Device> {
  const device = await findDevice(reading, kid);
  if (device === undefined) throw new FarthingError('account_unknown', OPEN_ONE);
  return device;
}

/** @throws FarthingError `account_unknown`, and as `findDevice` does */
export async function requireAccount(reading: Reading, kid: string): Promise<string> {
  return accountIn(await ask(reading, OWNER_OF({ kid })));
}

interface NewDevice {
  readonly kid: string;
  readonly account: string;
  readonly name: string;
  /** The key that adds it, where it has not opened the account itself. */
  readonly added_by?: string;
}

/**
 * Gives a key to an account. A key that anybody has, or had, is never given again.
 * @throws FarthingError `account_exists`
 */
export async function addDevice(books: Books, device: NewDevice, atSec: number): Promise<void> {
  const { kid } = device;
  const known = await books.selectFrom('device').select('kid').where('kid', '=', kid).execute();
  const recovery = books.selectFrom('recovery_key').select('kid').where('kid', '=', kid);
  if (known.length > 0 || (await recovery.execute()).length > 0)
    throw new FarthingError('account_exists', 'make a key for each device');
  await books
    .insertInto('device')
    .values({ ...device, added_at_sec: atSec, place: 0 })
    .execute();
}

/** Makes an account, without money, for a device key that has none. */
export async function makeAccount(
  { random }: Pick<Context, 'random'>,
  books: Books,
  { kid, atSec }: { readonly kid: string; readonly atSec: number },
): Promise<string> {
  const account = encodeBase64url(random(16));
  await books
    .insertInto('account')
    .values({ id: account, opened_at_sec: atSec, starter_micros: MICROS_ZERO, history_length: 0 })
    .execute();
  await addDevice(books, { kid, account, name: '' }, atSec);
  return account;
}
