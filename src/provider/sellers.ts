/** Sellers: a handle, a verified name, proven origins and receipt keys (SPEC 2.3, 2.4, 9.10). */
import { FarthingError } from '../protocol/errors.ts';
import type { KeySet } from '../protocol/jws.ts';
import { importPublicKey, type PublicJwk, publicJwkMember, thumbprint } from '../protocol/key.ts';
import { originMember } from '../protocol/origin.ts';
import { parsePayto } from '../protocol/payto.ts';
import { id, list, type Reader, refuse, text } from '../protocol/shape.ts';
import { cleanText } from '../protocol/text.ts';
import { type Context, nowSec, paytoOf } from './context.ts';
import type { Reading } from './database.ts';
import { findAccount, makeAccount } from './devices.ts';
import { type SellerFacts, signSellerRecord } from './documents.ts';
import { readBody } from './input.ts';
import { proveOrigin } from './origins.ts';
import {
  type Answer,
  answer,
  type Call,
  knownAnswer,
  type Writing,
  writeOf,
  writeOnce,
} from './writes.ts';

/** SPEC 11: a record stays under 8 kB. */
const ORIGIN_COUNT_MAX = 32;
const KEY_COUNT_MAX = 8;
const NAME_LENGTH_MAX = 120;

async function findSeller(reading: Reading, handle: string) {
  return reading.selectFrom('seller').selectAll().where('handle', '=', handle).executeTakeFirst();
}

/**
 * The seller that is paid as `payto` here.
 * @throws FarthingError `seller_unknown`
 */
export async function requireSeller(
  context: Context,
  reading: Reading,
  payto: string,
): Promise<{ handle: string; account: string }> {
  const { handle, provider } = parsePayto(payto);
  if (provider !== context.issuer)
    throw new FarthingError('seller_unknown', `${payto} is paid through another wallet service`);
  const seller = await findSeller(reading, handle);
  if (!seller) throw new FarthingError('seller_unknown', `nobody here is called ${handle}`);
  return { handle, account: seller.account };
}

/** A seller's receipt keys, by their `kid`. */
export interface ReceiptKeys {
  readonly byKid: KeySet;
  readonly jwks: ReadonlyMap<string, PublicJwk>;
}

/** The receipt keys that the seller `payto` has now; undefined where there is no such seller. */
export async function receiptKeys(
  context: Context,
  payto: string,
): Promise<ReceiptKeys | undefined> {
  const { handle, provider } = parsePayto(payto);
  const row = provider === context.issuer ? await findSeller(context.database, handle) : undefined;
  if (!row) return undefined;
  const keys: PublicJwk[] = JSON.parse(row.keys);
  const named = await Promise.all(
    keys.map(async (jwk) => ({
      kid: await thumbprint(jwk),
      jwk,
      key: await importPublicKey(jwk),
    })),
  );
  return {
    byKid: new Map(named.map(({ kid, key }) => [kid, key])),
    jwks: new Map(named.map(({ kid, jwk }) => [kid, jwk])),
  };
}

/** `GET /v1/sellers/HANDLE`. @throws FarthingError `seller_unknown` */
export async function readSellerRecord(context: Context, handle: string): Promise<Answer> {
  const row = await findSeller(context.database, handle);
  if (!row) throw new FarthingError('seller_unknown', 'nobody here has this handle');
  const origins: string[] = JSON.parse(row.origins);
  const keys: PublicJwk[] = JSON.parse(row.keys);
  const facts = { handle, name: row.name, origins, keys };
  return answer({ record: await signSellerRecord(context, facts, nowSec(context)) });
}

function atLeastOne<T>(reader: Reader<T>, lengthMax: number): Reader<T[]> {
  const read = list(reader, lengthMax);
  return (value) => {
    const members = read(value);
    return members.length > 0 ? members : refuse('at least one is needed');
  };
}

const nameMember: Reader<string> = (value) => {
  const name = cleanText(text(NAME_LENGTH_MAX)(value));
  return name === '' ? refuse('not a name') : name;
};

async function readFacts(context: Context, value: unknown): Promise<SellerFacts & { id: string }> {
  const body = readBody(value, {
    id,
    handle: (member) => parsePayto(paytoOf(context, text(63)(member))).handle,
    name: nameMember,
    origins: atLeastOne(originMember, ORIGIN_COUNT_MAX),
    keys: atLeastOne(publicJwkMember, KEY_COUNT_MAX),
  });
  for (const jwk of body.keys)
    await importPublicKey(jwk).catch(() => {
      throw new FarthingError('body_malformed', 'member "keys": a point is not on the curve');
    });
  return { ...body, origins: [...new Set(body.origins)] };
}

async function checkHandle(
  reading: Reading,
  handle: string,
  account: string | undefined,
): Promise<void> {
  const holder = await findSeller(reading, handle);
  if (holder && holder.account !== account)
    throw new FarthingError('handle_taken', `choose another than ${handle}`);
}

async function register({ context, books, account, atSec }: Writing, facts: SellerFacts) {
  const { handle, name } = facts;
  await checkHandle(books, handle, account);
  const values = {
    account,
    name,
    origins: JSON.stringify(facts.origins),
    keys: JSON.stringify(facts.keys),
    changed_at_sec: atSec,
  };
  await books
    .insertInto('seller')
    .values({ handle, ...values })
    .onConflict((conflict) => conflict.column('handle').doUpdateSet(values))
    .execute();
  return answer({ record: await signSellerRecord(context, facts, atSec) });
}

/**
 * `POST /v1/sellers`: registers or changes a seller of the key's account; opens an account (without
 * starter credit) for a key that has none. The origins are read before the transaction begins, one
 * after another until one fails: so a stranger does not have us knock at many doors.
 * @throws FarthingError `body_malformed`, `handle_taken`, `origin_not_allowed`, `origin_unproven`,
 *   `rate_limited`, `id_reused`
 */
export async function registerSeller(context: Context, call: Call): Promise<Answer> {
  const facts = await readFacts(context, call.body);
  const write = writeOf('sellers', facts.id, call.body);
  const account = await findAccount(context.database, call.kid);
  const known = account && (await knownAnswer(context.database, account, write));
  if (known) return known;
  await checkHandle(context.database, facts.handle, account);
  const payto = paytoOf(context, facts.handle);
  await context.registering(call.kid, async () => {
    for (const origin of facts.origins)
      await proveOrigin(context.readOrigin, { origin, payto, account: call.kid });
  });
  return context.changeBooks(async (books) => {
    const { kid } = call;
    const atSec = nowSec(context);
    const owner =
      (await findAccount(books, kid)) ?? (await makeAccount(context, books, { kid, atSec }));
    const writing = { context, books, account: owner, kid, atSec };
    return writeOnce(writing, write, () => register(writing, facts));
  });
}
