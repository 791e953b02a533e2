/**
 * The devices of an account and what brings it back (SPEC 9.16–9.18): added, named and removed by
 * one another, and added by a recovery key, which may do nothing else.
 */
import type { DeviceAnswer, DevicesAnswer } from '../../protocol/api.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { type PublicJwk, publicJwkMember, thumbprint } from '../../protocol/key.ts';
import { MICROS_ZERO } from '../../protocol/money.ts';
import type { RecoveryKind } from '../../protocol/recovery.ts';
import { hash, id, type Reader, refuse } from '../../protocol/shape.ts';
import { bodyOf, bytesOf, described, nameOf } from '../api/schema.ts';
import {
  type Answer,
  answer,
  type Call,
  type Writing,
  writeAsAccount,
  writeOf,
  writeOnce,
} from '../api/writes.ts';
import { type Context, nowSec } from '../context.ts';
import { type Books, indexed, type Reading, readBooks } from '../database/database.ts';
import { askBack } from '../purses/recalls.ts';
import { GRACE_SEC } from '../purses/sweep.ts';
import { signBalance } from '../signing/documents.ts';
import { addDevice, findDevice, requireAccount } from './devices.ts';

/** SPEC 11. */
const DEVICE_COUNT_MAX = 16;
const NAME_LENGTH_MAX = 40;
/** SPEC 9.18: iv, 32 bytes, tag. */
const SEALED_BYTES = 12 + 32 + 16;

const nameMember = nameOf(NAME_LENGTH_MAX);

const kindMember = described<Reader<RecoveryKind>>(
  (value) => (value === 'words' || value === 'passkey' ? value : refuse('not words or passkey')),
  { enum: ['words', 'passkey'] },
);

/** `POST /v1/devices`. */
export const ADD_DEVICE = bodyOf({ id, key: publicJwkMember, name: nameMember });
/** `POST /v1/devices/KID/name`. */
export const NAME_DEVICE = bodyOf({ id, name: nameMember });
/** `POST /v1/devices/KID/revoke`. */
export const REVOKE_DEVICE = bodyOf({ id });
/** `POST /v1/recovery`. */
export const SET_RECOVERY = bodyOf({
  id,
  kind: kindMember,
  kid: hash,
  sealed: bytesOf(SEALED_BYTES),
});

function deviceRows(reading: Reading, account: string) {
  return reading
    .selectFrom('device')
    .leftJoin('purse', (join) =>
      join.onRef('purse.device', '=', 'device.kid').on('purse.state', '=', indexed('open')),
    )
    .select(['device.kid', 'device.name', 'device.added_at_sec', 'device.revoked_at_sec'])
    .select(['device.place'])
    .select(({ fn }) => [
      fn.sum<bigint | null>('purse.limit_micros').as('limit'),
      fn.sum<bigint | null>('purse.captured_micros').as('captured'),
      fn.max<bigint | null>('purse.expires_at_sec').as('expires'),
    ])
    .where('device.account', '=', account)
    .groupBy('device.kid')
    .orderBy('device.added_at_sec')
    .orderBy('device.kid')
    .execute();
}

async function devicesOf(reading: Reading, account: string): Promise<DevicesAnswer> {
  const rows = await deviceRows(reading, account);
  const devices = rows.map((row): DeviceAnswer => {
    const aside = (row.limit ?? MICROS_ZERO) - (row.captured ?? MICROS_ZERO);
    const { kid, name, revoked_at_sec: revoked } = row;
    return {
      kid,
      name,
      added: Number(row.added_at_sec),
      ...(revoked === null ? {} : { revoked: Number(revoked) }),
      place: Number(row.place),
      aside: `${aside}`,
      back: aside > 0n ? Number(row.expires ?? 0n) + GRACE_SEC : 0,
    };
  });
  const recovery = await reading
    .selectFrom('recovery_key')
    .select(['kind', 'set_at_sec'])
    .where('account', '=', account)
    .orderBy('kind')
    .execute();
  return {
    devices,
    recovery: recovery.map((it) => ({ kind: it.kind, set: Number(it.set_at_sec) })),
  };
}

/** `GET /v1/devices`. @throws FarthingError `account_unknown`, `device_revoked` */
export async function readDevices(context: Context, kid: string): Promise<Answer> {
  return readBooks(context.database, async (books) => {
    return answer(await devicesOf(books, await requireAccount(books, kid)));
  });
}

/** Who may add a device: one that is there, or a recovery key. */
async function findSponsor(books: Books, kid: string) {
  const device = await findDevice(books, kid);
  if (device) return { account: device.account, sealed: undefined };
  const recovery = await books
    .selectFrom('recovery_key')
    .select(['account', 'sealed'])
    .where('kid', '=', kid)
    .executeTakeFirst();
  if (recovery) return recovery;
  throw new FarthingError('recovery_unknown', 'it was never set here, or another took its place');
}

async function checkCount({ books, account }: Writing): Promise<void> {
  const { count } = await books
    .selectFrom('device')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('account', '=', account)
    .where('revoked_at_sec', 'is', null)
    .executeTakeFirstOrThrow();
  if (count >= DEVICE_COUNT_MAX)
    throw new FarthingError('device_limit', `${DEVICE_COUNT_MAX} at most; remove one first`);
}

interface AddBody {
  readonly id: string;
  readonly key: PublicJwk;
  readonly name: string;
}

/**
 * `POST /v1/devices`, by a device of the account or its recovery key.
 * @throws FarthingError `body_malformed`, `recovery_unknown`, `device_revoked`, `device_limit`,
 *   `account_exists`, `id_reused`
 */
export async function enrol(context: Context, call: Call): Promise<Answer> {
  const body: AddBody = ADD_DEVICE.read(call.body);
  const write = writeOf('devices', body.id, call.body);
  const kid = await thumbprint(body.key);
  return context.changeBooks(async (books) => {
    const { account, sealed } = await findSponsor(books, call.kid);
    const writing = { context, books, account, kid: call.kid, atSec: nowSec(context) };
    return writeOnce(writing, write, async () => {
      await checkCount(writing);
      const device = { kid, account, name: body.name, added_by: call.kid };
      await addDevice(books, device, writing.atSec);
      return answer({ account, balance: await signBalance(writing), sealed });
    });
  });
}

async function requireOwn({ books, account }: Writing, kid: string) {
  const row = await books
    .selectFrom('device')
    .select('revoked_at_sec')
    .where('kid', '=', kid)
    .where('account', '=', account)
    .executeTakeFirst();
  if (!row) throw new FarthingError('device_unknown', 'the account has no device of this key');
  return row;
}

/**
 * `POST /v1/devices/KID/name`.
 * @throws FarthingError `body_malformed`, `account_unknown`, `device_revoked`, `device_unknown`,
 *   `id_reused`
 */
export async function nameDevice(context: Context, kid: string, call: Call): Promise<Answer> {
  const body = NAME_DEVICE.read(call.body);
  const write = writeOf(`devices/${kid}/name`, body.id, call.body);
  return writeAsAccount(context, call.kid, write, async (writing) => {
    await requireOwn(writing, kid);
    const { books, account } = writing;
    await books.updateTable('device').set({ name: body.name }).where('kid', '=', kid).execute();
    return answer(await devicesOf(books, account));
  });
}

/** Money that nobody could reach would be nobody's. */
async function checkNotLast({ books, account }: Writing, kid: string): Promise<void> {
  const { devices, recovery } = await devicesOf(books, account);
  const left = devices.filter((it) => it.revoked === undefined && it.kid !== kid);
  if (left.length === 0 && recovery.length === 0)
    throw new FarthingError('device_last', 'set a recovery code first');
}

/**
 * `POST /v1/devices/KID/revoke`: its proofs fail from this commit on, and what it has set aside is
 * asked back.
 * @throws FarthingError `body_malformed`, `account_unknown`, `device_revoked`, `device_unknown`,
 *   `device_last`, `id_reused`
 */
export async function revokeDevice(context: Context, kid: string, call: Call): Promise<Answer> {
  const body = REVOKE_DEVICE.read(call.body);
  const write = writeOf(`devices/${kid}/revoke`, body.id, call.body);
  return writeAsAccount(context, call.kid, write, async (writing) => {
    const { books, account, atSec } = writing;
    const { revoked_at_sec: revoked } = await requireOwn(writing, kid);
    if (revoked === null) {
      await checkNotLast(writing, kid);
      const changes = { revoked_at_sec: atSec };
      await books.updateTable('device').set(changes).where('kid', '=', kid).execute();
      await askBack(books, kid, atSec);
    }
    return answer(await devicesOf(books, account));
  });
}

async function checkKeyIsFree({ books, account }: Writing, kind: RecoveryKind, kid: string) {
  const device = await books.selectFrom('device').select('kid').where('kid', '=', kid).execute();
  const other = await books
    .selectFrom('recovery_key')
    .select(['account', 'kind'])
    .where('kid', '=', kid)
    .executeTakeFirst();
  const isOwn = other?.account === account && other.kind === kind;
  if (device.length > 0 || (other && !isOwn))
    throw new FarthingError('account_exists', 'this key is in use');
}

/**
 * `POST /v1/recovery`: sets the recovery key of a kind, or puts another in its place.
 * @throws FarthingError `body_malformed`, `account_unknown`, `device_revoked`, `account_exists`,
 *   `id_reused`
 */
export async function setRecovery(context: Context, call: Call): Promise<Answer> {
  const { kind, kid, sealed, ...body } = SET_RECOVERY.read(call.body);
  const write = writeOf('recovery', body.id, call.body);
  return writeAsAccount(context, call.kid, write, async (writing) => {
    const { books, account, atSec } = writing;
    await checkKeyIsFree(writing, kind, kid);
    const values = { kid, sealed, set_at_sec: atSec };
    await books
      .insertInto('recovery_key')
      .values({ account, kind, ...values })
      .onConflict((conflict) => conflict.columns(['account', 'kind']).doUpdateSet(values))
      .execute();
    return answer(await devicesOf(books, account));
  });
}
