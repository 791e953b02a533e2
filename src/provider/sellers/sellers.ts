/** Sellers: a handle, a verified name, proven origins and receipt keys (SPEC 2.3, 2.4, 9.10). */
import { FarthingError, refuseAs } from '../../protocol/errors.ts';
import type { KeySet } from '../../protocol/jws.ts';
import {
  importPublicKey,
  type PublicJwk,
  publicJwkMember,
  thumbprint,
} from '../../protocol/key.ts';
import { originMember } from '../../protocol/origin.ts';
import { parsePayto } from '../../protocol/payto.ts';
import { id, type Reader, refuse, text } from '../../protocol/shape.ts';
import { bodyOf, described, listOf, nameOf } from '../api/schema.ts';
import {
  type Answer,
  answer,
  type Call,
  knownAnswer,
  type Writing,
  writeOf,
  writeOnce,
} from '../api/writes.ts';
import { type Context, nowSec, paytoOf } from '../context.ts';
import type { Books, Reading } from '../database/database.ts';
import { ask, queryOf } from '../database/queries.ts';
import { findAccount, makeAccount } from '../readers/devices.ts';
import { type SellerFacts, signSellerRecord } from '../signing/documents.ts';
import { restartChecks, suspendedOrigins } from './origincheck.ts';
import { proveOrigin } from './origins.ts';

/** SPEC 11: a record stays under 8 kB. */
const ORIGIN_COUNT_MAX = 32;
const KEY_COUNT_MAX = 8;
const NAME_LENGTH_MAX = 120;
/** SPEC 2.1. */
const HANDLE = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** Of an account that was not closed. */
async function findSeller(reading: Reading, handle: string) {
  return reading
    .selectFrom('seller')
    .innerJoin('account', 'account.id', 'seller.account')
    .selectAll('seller')
    .where('seller.handle', '=', handle)
    .where('account.closed_at_sec', 'is', null)
    .executeTakeFirst();
}

/** Asks whose a handle is, unless that account was closed; its answer is for `sellerIn`. */
export const SELLER_OF = queryOf((reading, { handle }: { readonly handle: string }) =>
  reading
    .selectFrom('seller')
    .innerJoin('account', 'account.id', 'seller.account')
    .select('seller.account')
    .where('seller.handle', '=', handle)
    .where('account.closed_at_sec', 'is', null),
);

/** Who is paid as a payto here. */
interface Seller {
  readonly handle: string;
  readonly account: string;
}

/** The handle in a payto. @throws FarthingError `seller_unknown`: it is another service's */
export function handleIn({ issuer }: Pick<Context, 'issuer'>, payto: string): string {
  const { handle, provider } = parsePayto(payto);
  if (provider !== issuer)
    throw new FarthingError('seller_unknown', `${payto} is paid through another wallet service`);
  return handle;
}

/** The seller that `SELLER_OF` has found. @throws FarthingError `seller_unknown` */
export function sellerIn([row]: readonly { readonly account: string }[], handle: string): Seller {
  if (!row) throw new FarthingError('seller_unknown', `nobody here is called ${handle}`);
  return { handle, account: row.account };
}

/**
 * The seller that is paid as `payto` here.
 * @throws FarthingError `seller_unknown`
 */
export async function requireSeller(
  context: Context,
  reading: Reading,
  payto: string,
): Promise<Seller> {
  const handle = handleIn(context, payto);
  return sellerIn(await ask(reading, SELLER_OF({ handle })), handle);
}

/** @throws FarthingError `handle_taken` */
export function requireOwn(seller: Seller, { account, payto }: OwnPayto): void {
  if (seller.account !== account)
    throw new FarthingError('handle_taken', `${payto} belongs to another account`);
}

interface OwnPayto {
  readonly payto: string;
  readonly account: string;
}

/**
 * An operator may run the service for its own shops alone.
 * @throws FarthingError `seller_not_admitted`
 */
export function requireAdmitted({ rules }: Pick<Context, 'rules'>, handle: string): void {
  if (rules.ownShops && !rules.ownShops.includes(handle))
    throw new FarthingError('seller_not_admitted', `${handle} is none of its own shops`);
}

/**
 * The seller `payto`, for what its own account alone may ask.
 * @throws FarthingError `seller_unknown`, `handle_taken`
 */
export async function requireOwnSeller(
  context: Context,
  reading: Reading,
  own: OwnPayto,
): Promise<{ handle: string }> {
  const seller = await requireSeller(context, reading, own.payto);
  requireOwn(seller, own);
  return seller;
}

/** The payto of a handle that stands in an address. @throws FarthingError `seller_unknown` */
export function paytoNamed(context: Context, handle: string): string {
  return refuseAs('seller_unknown', () => parsePayto(paytoOf(context, handle)).text);
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
  const suspended = await suspendedOrigins(context.database, handle);
  const registered: string[] = JSON.parse(row.origins);
  const origins = registered.filter((origin) => !suspended.has(origin));
  const keys: PublicJwk[] = JSON.parse(row.keys);
  const facts = { handle, name: row.name, origins, keys };
  return answer({ record: await signSellerRecord(context, facts, nowSec(context)) });
}

const handleMember = described<Reader<string>>(
  (value) => (HANDLE.test(text(63)(value)) ? (value as string) : refuse('not a handle')),
  { type: 'string', pattern: HANDLE.source },
);

/** `POST /v1/sellers`. */
export const REGISTER_SELLER = bodyOf({
  id,
  handle: handleMember,
  name: nameOf(NAME_LENGTH_MAX),
  origins: listOf(originMember, { least: 1, most: ORIGIN_COUNT_MAX }),
  keys: listOf(publicJwkMember, { least: 1, most: KEY_COUNT_MAX }),
});

async function readFacts(value: unknown): Promise<SellerFacts & { id: string }> {
  const body = REGISTER_SELLER.read(value);
  for (const jwk of body.keys)
    await importPublicKey(jwk).catch(() => {
      throw new FarthingError('body_malformed', 'member "keys": a point is not on the curve');
    });
  return { ...body, origins: [...new Set(body.origins)] };
}

/**
 * Whoever adds a key to an account need not have it: each wallet service that a seller has knows
 * its key, and could have added it to an account of its own at another, which this handle would be
 * owned by then, and paid to.
 */
async function checkOpener(reading: Reading, kid: string): Promise<void> {
  const device = reading.selectFrom('device').select('added_by').where('kid', '=', kid);
  const { added_by: sponsor = null } = (await device.executeTakeFirst()) ?? {};
  if (sponsor !== null)
    throw new FarthingError('account_exists', 'it was added by another key: make a new FEE_SECRET');
}

interface Registering {
  readonly kid: string;
  /** The key's. */
  readonly account: string | undefined;
}

/**
 * A handle is never given to anybody else, not even once its account was closed; and for the first
 * time to a key that has opened its account itself.
 */
async function checkHandle(
  reading: Reading,
  handle: string,
  { kid, account }: Registering,
): Promise<void> {
  const seller = reading.selectFrom('seller').select('account').where('handle', '=', handle);
  const holder = await seller.executeTakeFirst();
  if (holder && holder.account !== account)
    throw new FarthingError(
      'handle_taken',
      `choose another than ${handle}; where it is yours, put in the FEE_SECRET that registered it`,
    );
  if (!holder) await checkOpener(reading, kid);
}

async function register({ context, books, atSec, ...by }: Writing, facts: SellerFacts) {
  const { handle, name } = facts;
  await checkHandle(books, handle, by);
  const values = {
    account: by.account,
    name,
    origins: JSON.stringify(facts.origins),
    keys: JSON.stringify(facts.keys),
    changed_at_sec: atSec,
  };
  await books
    .insertInto('seller')
    .values({ handle, ...values, registered_at_sec: atSec, payout_at_sec: 0 })
    .onConflict((conflict) => conflict.column('handle').doUpdateSet(values))
    .execute();
  await restartChecks(books, facts, atSec);
  return answer({ record: await signSellerRecord(context, facts, atSec) });
}

/**
 * Opens an account for the key that its origins name. Whoever has set that as a recovery key need
 * know no more of it than these say to everybody.
 */
async function openFor(
  context: Context,
  books: Books,
  opener: { readonly kid: string; readonly atSec: number },
): Promise<string> {
  await books.deleteFrom('recovery_key').where('kid', '=', opener.kid).execute();
  return makeAccount(context, books, opener);
}

/**
 * `POST /v1/sellers`: registers or changes a seller of the key's account; opens an account (without
 * starter credit) for a key that has none. The origins are read before the transaction begins, one
 * after another until one fails: so a stranger does not have us knock at many doors.
 * @throws FarthingError `body_malformed`, `seller_not_admitted`, `handle_taken`, `account_exists`,
 *   `origin_not_allowed`, `origin_unproven`, `rate_limited`, `id_reused`
 */
export async function registerSeller(context: Context, call: Call): Promise<Answer> {
  const facts = await readFacts(call.body);
  const write = writeOf('sellers', facts.id, call.body);
  const account = await findAccount(context.database, call.kid);
  const known = account && (await knownAnswer(context.database, account, write));
  if (known) return known;
  requireAdmitted(context, facts.handle);
  await checkHandle(context.database, facts.handle, { kid: call.kid, account });
  const payto = paytoOf(context, facts.handle);
  await context.registering(call.kid, async () => {
    for (const origin of facts.origins)
      await proveOrigin(context.readOrigin, { origin, payto, accounts: [call.kid] });
  });
  return context.changeBooks(async (books) => {
    const { kid } = call;
    const atSec = nowSec(context);
    const owner =
      (await findAccount(books, kid)) ?? (await openFor(context, books, { kid, atSec }));
    const writing = { context, books, account: owner, kid, atSec };
    return writeOnce(writing, write, () => register(writing, facts));
  });
}
