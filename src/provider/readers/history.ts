/**
 * The history copy (SPEC 9.19): sealed chunks that only the reader's devices can open. Here they
 * are texts with an order and a weight.
 */
import { sql } from 'kysely';
import type { HistoryAnswer } from '../../protocol/api.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { CHUNK_LENGTH_MAX } from '../../protocol/history.ts';
import { count, id, type Reader, refuse, text } from '../../protocol/shape.ts';
import { bodyOf, described } from '../api/schema.ts';
import {
  type Answer,
  answer,
  type Call,
  type Writing,
  writeAsAccount,
  writeOf,
} from '../api/writes.ts';
import type { Context } from '../context.ts';
import { readBooks } from '../database/database.ts';
import { requireAccount, requireDevice } from './devices.ts';

/** SPEC 11. */
const ACCOUNT_LENGTH_MAX = 16_777_216;
const PAGE_COUNT = 16;

const BASE64URL = /^[A-Za-z0-9_-]+$/;

const chunkMember = described<Reader<string>>(
  (value) => {
    const chunk = text(CHUNK_LENGTH_MAX)(value);
    return BASE64URL.test(chunk) ? chunk : refuse('not base64url');
  },
  { type: 'string', pattern: BASE64URL.source, maxLength: CHUNK_LENGTH_MAX },
);

/** `POST /v1/history`. */
export const ADD_CHUNK = bodyOf({ id, place: count, chunk: chunkMember });
/** `POST /v1/history/erase`. */
export const ERASE_HISTORY = bodyOf({ id });

interface AddBody {
  readonly id: string;
  readonly place: number;
  readonly chunk: string;
}

async function takeRoom({ books, account }: Writing, length: number): Promise<void> {
  const { history_length: former } = await books
    .selectFrom('account')
    .select('history_length')
    .where('id', '=', account)
    .executeTakeFirstOrThrow();
  if (former + BigInt(length) > ACCOUNT_LENGTH_MAX)
    throw new FarthingError('history_full', 'erase the copy and begin it anew');
  await books
    .updateTable('account')
    .set({ history_length: former + BigInt(length) })
    .where('id', '=', account)
    .execute();
}

async function add(writing: Writing, { place, chunk }: AddBody): Promise<Answer> {
  const { books, account, kid } = writing;
  const device = await requireDevice(books, kid);
  if (place !== device.place + 1)
    throw new FarthingError('history_gap', `its next place is ${device.place + 1}`);
  await takeRoom(writing, chunk.length);
  await books.insertInto('history_chunk').values({ account, device: kid, place, chunk }).execute();
  await books.updateTable('device').set({ place }).where('kid', '=', kid).execute();
  return answer({ place });
}

/**
 * `POST /v1/history`: the next chunk of this device.
 * @throws FarthingError `body_malformed`, `account_unknown`, `device_revoked`, `history_gap`,
 *   `history_full`, `id_reused`
 */
export async function addChunk(context: Context, call: Call): Promise<Answer> {
  const body: AddBody = ADD_CHUNK.read(call.body);
  const write = writeOf('history', body.id, call.body);
  return writeAsAccount(context, call.kid, write, (writing) => add(writing, body));
}

/**
 * `GET /v1/history?after=NUMBER`: the account's chunks after that one, oldest first.
 * @throws FarthingError `body_malformed`, `account_unknown`, `device_revoked`
 */
export async function readHistory(context: Context, kid: string, after: string): Promise<Answer> {
  if (!/^(0|[1-9][0-9]{0,14})$/.test(after))
    throw new FarthingError('body_malformed', 'after is the number of a chunk, or 0');
  return readBooks(context.database, async (books) => {
    const account = await requireAccount(books, kid);
    const rows = await books
      .selectFrom('history_chunk')
      .select(['number', 'device', 'place', 'chunk'])
      .where('account', '=', account)
      .where('number', '>', BigInt(after))
      .orderBy('number')
      .limit(PAGE_COUNT + 1)
      .execute();
    const page: HistoryAnswer = {
      chunks: rows.slice(0, PAGE_COUNT).map(({ number, place, ...row }) => ({
        number: Number(number),
        place: Number(place),
        ...row,
      })),
      more: rows.length > PAGE_COUNT,
    };
    return answer(page);
  });
}

/** What was written by the device that asks, and by those that can ask no more. */
async function eraseOf({ books, account, kid }: Writing): Promise<void> {
  const erased = books
    .selectFrom('device')
    .select('kid')
    .where('account', '=', account)
    .where(({ eb, or }) => or([eb('kid', '=', kid), eb('revoked_at_sec', 'is not', null)]));
  await books.deleteFrom('history_chunk').where('device', 'in', erased).execute();
  const { length } = await books
    .selectFrom('history_chunk')
    .select(sql<bigint | null>`sum(length(chunk))`.as('length'))
    .where('account', '=', account)
    .executeTakeFirstOrThrow();
  await books
    .updateTable('account')
    .set({ history_length: length ?? 0n })
    .where('id', '=', account)
    .execute();
}

/**
 * `POST /v1/history/erase`: places go on where they were, so that nothing is ever taken for
 * another.
 * @throws FarthingError `body_malformed`, `account_unknown`, `device_revoked`, `id_reused`
 */
export async function eraseHistory(context: Context, call: Call): Promise<Answer> {
  const body = ERASE_HISTORY.read(call.body);
  const write = writeOf('history/erase', body.id, call.body);
  return writeAsAccount(context, call.kid, write, async (writing) => {
    await eraseOf(writing);
    return answer({});
  });
}
