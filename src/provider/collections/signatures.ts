/**
 * Whether tokens were signed by whom they name: the costly part of collections, refunds and
 * closings, done outside the transaction, each key imported and each token checked once.
 */
import type { ReadCharge } from '../../protocol/charge.ts';
import { type ErrorCode, FarthingError } from '../../protocol/errors.ts';
import { checkJws, checkJwsByKid, type KeySet, type UncheckedJws } from '../../protocol/jws.ts';
import { importPublicKey, type PublicJwk } from '../../protocol/key.ts';
import type { Reading } from '../database/database.ts';
import { askAll, queryOf } from '../database/queries.ts';

/** Why a token proves nothing; undefined where it does. */
export type Fault = ErrorCode | undefined;

/** Makes a refusal of `check` an answer. */
export async function faultIn(check: () => Promise<void>): Promise<Fault> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (error instanceof FarthingError) return error.code;
    throw error;
  }
}

/** Checks each distinct token of a list once. */
export function eachOnce<T extends { readonly token: string }>(
  check: (item: T) => Promise<Fault>,
): (item: T) => Promise<Fault> {
  const faults = new Map<string, Promise<Fault>>();
  return (item) => {
    const fault = faults.get(item.token) ?? check(item);
    faults.set(item.token, fault);
    return fault;
  };
}

/** Checks tokens by the receipt keys of one seller; without keys there is no such seller. */
export function sellerFault(keys: KeySet | undefined, jws: UncheckedJws): Promise<Fault> {
  if (!keys) return Promise.resolve('seller_unknown');
  return faultIn(() => checkJwsByKid(jws, keys));
}

/** Asks for the key of a purse. */
export const KEY_OF = queryOf((reading, { purse }: { readonly purse: string }) =>
  reading.selectFrom('purse').select(['id', 'key']).where('id', '=', purse),
);

/** Asks for the key of each purse that charges name; what is found is for `checksBy`. */
export function keysAsked(charges: readonly ReadCharge[]) {
  const named = new Set(charges.map(({ claims }) => claims.pur));
  return [...named].map((purse) => KEY_OF({ purse }));
}

interface KeyRow {
  readonly id: string;
  readonly key: string;
}

/** A check of charges by the keys of the purses that they name. */
export function checksBy(rows: readonly KeyRow[]): (charge: ReadCharge) => Promise<Fault> {
  const keys = new Map(
    rows.map(({ id, key }) => {
      const jwk: PublicJwk = JSON.parse(key);
      return [id, importPublicKey(jwk)] as const;
    }),
  );
  return eachOnce(async ({ claims, jws }) => {
    const key = await keys.get(claims.pur);
    return key ? faultIn(() => checkJws(jws, key)) : 'purse_not_found';
  });
}

/** A check of charges by what the books say of their purses. */
export async function chargeChecks(
  reading: Reading,
  charges: readonly ReadCharge[],
): Promise<(charge: ReadCharge) => Promise<Fault>> {
  const answers = await askAll(reading, ...keysAsked(charges));
  return checksBy(answers.flatMap(({ rows }) => rows));
}
