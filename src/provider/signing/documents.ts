/**
 * What the provider signs about itself, its sellers and its readers' money (SPEC 2.4, 2.5, 9.4).
 */
import { sql } from 'kysely';
import { signDocument } from '../../protocol/documents.ts';
import type { PublicJwk } from '../../protocol/key.ts';
import { addMicros, MICROS_ZERO, type Micros } from '../../protocol/money.ts';
import { type Context, CURRENCY, nowSec, paytoOf } from '../context.ts';
import { type Books, indexed } from '../database/database.ts';
import { ask, queryOf } from '../database/queries.ts';
import { ledgerAccountId } from '../ledger/chart.ts';

/** SPEC 2.4: a day at most. */
const SELLER_RECORD_LIFE_SEC = 86_400;

/** What a balance says, in one look. */
const BALANCE_OF = queryOf(
  (
    reading,
    whose: { readonly account: string; readonly starter: string; readonly available: string },
  ) => {
    const inLedger = (id: string) =>
      reading.selectFrom('ledger_account').select('balance_micros').where('id', '=', id);
    const open = reading
      .selectFrom('purse')
      .select(sql<bigint | null>`sum(limit_micros - captured_micros)`.as('sum'))
      .where('account', '=', whose.account)
      .where('state', '=', indexed('open'));
    return reading.selectNoFrom([
      inLedger(whose.starter).as('starter'),
      inLedger(whose.available).as('available'),
      open.as('aside'),
      reading
        .selectFrom('ledger_transaction')
        .select('number')
        .orderBy('number', 'desc')
        .limit(1)
        .as('rev'),
    ]);
  },
);

/** Asks what an account has; its answer is for `signBalanceIn`. */
export function balanceAsked(account: string) {
  const owned = { owner: account, currency: CURRENCY };
  return BALANCE_OF({
    account,
    starter: ledgerAccountId({ kind: 'reader starter', ...owned }),
    available: ledgerAccountId({ kind: 'reader available', ...owned }),
  });
}

interface BalanceRow {
  readonly starter: Micros | null;
  readonly available: Micros | null;
  readonly aside: bigint | null;
  readonly rev: bigint | null;
}

interface Whose {
  readonly context: Context;
  readonly account: string;
  readonly atSec: number;
}

/** Signs what `balanceAsked` was answered. */
export function signBalanceIn(
  { context, account, atSec }: Whose,
  [row]: readonly BalanceRow[],
): Promise<string> {
  const starter = row?.starter ?? MICROS_ZERO;
  const claims = {
    iss: context.issuer,
    sub: account,
    cur: CURRENCY,
    available: addMicros(row?.available ?? MICROS_ZERO, starter),
    starter,
    // What stands in open purses and was not collected.
    aside: (row?.aside ?? MICROS_ZERO) as Micros,
    rev: Number(row?.rev ?? 0),
    iat: atSec,
  };
  return signDocument({ typ: 'farthing-balance+jwt', claims }, context.keys.signer());
}

/** A signed balance; read in one look, so that its parts belong together. */
export async function signBalance(from: Whose & { readonly books: Books }): Promise<string> {
  return signBalanceIn(from, await ask(from.books, balanceAsked(from.account)));
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
  return signDocument({ typ: 'farthing-seller+jwt', claims }, context.keys.signer());
}

export function signProviderRecord(context: Context): Promise<string> {
  const first = context.firstPage?.();
  const claims = {
    iss: context.issuer,
    name: context.name,
    sandbox: true,
    currencies: [CURRENCY],
    starter: context.rules.starterMicros,
    ...(first !== undefined && { first }),
    iat: nowSec(context),
  };
  return signDocument({ typ: 'farthing-provider+jwt', claims }, context.keys.signer());
}
