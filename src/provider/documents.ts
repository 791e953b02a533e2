/**
 * What the provider signs about itself, its sellers and its readers' money (SPEC 2.4, 2.5, 9.4).
 */
import { signDocument } from '../protocol/documents.ts';
import type { PublicJwk } from '../protocol/key.ts';
import { addMicros, MICROS_ZERO, type Micros } from '../protocol/money.ts';
import { type Context, CURRENCY, nowSec, paytoOf } from './context.ts';
import type { Books, Reading } from './database.ts';
import { balanceOf, lastEntry } from './ledger/journal.ts';

/** SPEC 2.4: a day at most. */
const SELLER_RECORD_LIFE_SEC = 86_400;

/** What stands in open purses and was not collected. */
async function asideMicros(reading: Reading, account: string): Promise<Micros> {
  const { limit, captured } = await reading
    .selectFrom('purse')
    .select(({ fn }) => [
      fn.sum<bigint | null>('limit_micros').as('limit'),
      fn.sum<bigint | null>('captured_micros').as('captured'),
    ])
    .where('account', '=', account)
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow();
  return ((limit ?? MICROS_ZERO) - (captured ?? MICROS_ZERO)) as Micros;
}

/** A signed balance; read inside one database transaction, so that its parts belong together. */
export async function signBalance(from: {
  readonly context: Context;
  readonly books: Books;
  readonly account: string;
  readonly atSec: number;
}): Promise<string> {
  const { context, books, account, atSec } = from;
  const owned = { owner: account, currency: CURRENCY };
  const starter = await balanceOf(books, { kind: 'reader starter', ...owned });
  const available = await balanceOf(books, { kind: 'reader available', ...owned });
  const claims = {
    iss: context.issuer,
    sub: account,
    cur: CURRENCY,
    available: addMicros(available, starter),
    starter,
    aside: await asideMicros(books, account),
    rev: (await lastEntry(books)).number,
    iat: atSec,
  };
  return signDocument({ typ: 'farthing-balance+jwt', claims }, context.signer);
}

/** What a seller's record says. */
export interface SellerFacts {
  readonly handle: string;
  readonly name: string;
  readonly origins: readonly string[];
  readonly keys: readonly PublicJwk[];
}

export function signSellerRecord(
  context: Context,
  { handle, name, origins, keys }: SellerFacts,
  atSec: number,
): Promise<string> {
  const claims = {
    iss: context.issuer,
    sub: paytoOf(context, handle),
    name,
    origins,
    keys,
    iat: atSec,
    exp: atSec + SELLER_RECORD_LIFE_SEC,
  };
  return signDocument({ typ: 'farthing-seller+jwt', claims }, context.signer);
}

export function signProviderRecord(context: Context): Promise<string> {
  const claims = {
    iss: context.issuer,
    name: context.name,
    sandbox: true,
    currencies: [CURRENCY],
    starter: context.rules.starterMicros,
    iat: nowSec(context),
  };
  return signDocument({ typ: 'farthing-provider+jwt', claims }, context.signer);
}
