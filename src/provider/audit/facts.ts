/** What every check needs to know: the purses, and by whose keys the provider signed. */
import { checkJwsByKid, type KeySet, type UncheckedJws } from '../../protocol/jws.ts';
import { importPublicKey, type PublicJwk, thumbprint } from '../../protocol/key.ts';
import type { Books } from '../database/database.ts';
import { guarded, type Report } from './finding.ts';

/** A purse, as far as others speak of it. */
export interface PurseFacts {
  readonly id: string;
  readonly account: string;
  readonly payto: string;
  /** The seller's. */
  readonly handle: string;
  readonly currency: string;
  /** A JWK, unread. */
  readonly key: string;
  readonly limitMicros: bigint;
  readonly capturedMicros: bigint;
  readonly refundedMicros: bigint;
  readonly lastSeq: bigint;
  /** When something was captured of it first and last, and where its reader was. */
  readonly capturedSec: readonly [first: bigint | null, last: bigint | null];
  readonly country: string | null;
  readonly isReleased: boolean;
}

/** A payout, as far as its entries speak of it. */
export interface PayoutFacts {
  readonly id: string;
  readonly handle: string;
  readonly starterMicros: bigint;
}

export interface Facts {
  readonly payouts: ReadonlyMap<string, PayoutFacts>;
  readonly purses: ReadonlyMap<string, PurseFacts>;
  /** Accounts that were closed, and when. */
  readonly closed: ReadonlyMap<string, number>;
  /** The provider's own keys. */
  readonly signers: KeySet;
}

async function readPurses(books: Books): Promise<Map<string, PurseFacts>> {
  const rows = books
    .selectFrom('purse')
    .select(['id', 'account', 'payto', 'currency', 'key', 'state'])
    .select(['limit_micros', 'captured_micros', 'refunded_micros', 'last_seq', 'country'])
    .select(['first_captured_at_sec', 'last_captured_at_sec'])
    .stream();
  const purses = new Map<string, PurseFacts>();
  for await (const { id, account, payto, currency, key, state, ...row } of rows)
    purses.set(id, {
      ...{ id, account, payto, currency, key },
      handle: payto.slice(0, payto.indexOf('@')),
      limitMicros: row.limit_micros,
      capturedMicros: row.captured_micros,
      refundedMicros: row.refunded_micros,
      lastSeq: row.last_seq,
      capturedSec: [row.first_captured_at_sec, row.last_captured_at_sec],
      country: row.country,
      isReleased: state === 'released',
    });
  return purses;
}

/**
 * All keys that ever signed, each under its own name: one that was exchanged signs for nothing that
 * is out.
 */
async function readSigners(books: Books, report: Report): Promise<KeySet> {
  const rows = await books.selectFrom('signing_key').select(['kid', 'jwk']).execute();
  const signers = new Map<string, CryptoKey>();
  for (const { kid, jwk } of rows) {
    const found = (detail: string) =>
      report({ invariant: 'T8', row: `signing_key ${kid}`, detail });
    await guarded(found, async () => {
      const { crv, kty, x, y }: PublicJwk = JSON.parse(jwk);
      const key = { crv, kty, x, y };
      if ((await thumbprint(key)) !== kid) found('is not the name of its key');
      signers.set(kid, await importPublicKey(key));
    });
  }
  return signers;
}

async function readPayouts(books: Books): Promise<Map<string, PayoutFacts>> {
  const rows = await books
    .selectFrom('payout')
    .select(['id', 'handle', 'starter_micros'])
    .execute();
  return new Map(
    rows.map(({ id, handle, starter_micros: starterMicros }) => [
      id,
      { id, handle, starterMicros },
    ]),
  );
}

async function readClosed(books: Books): Promise<Map<string, number>> {
  const rows = await books
    .selectFrom('account')
    .select(['id', 'closed_at_sec'])
    .where('closed_at_sec', 'is not', null)
    .execute();
  return new Map(rows.map(({ id, closed_at_sec: at }) => [id, Number(at)]));
}

export async function readFacts(books: Books, report: Report): Promise<Facts> {
  return {
    payouts: await readPayouts(books),
    purses: await readPurses(books),
    closed: await readClosed(books),
    signers: await readSigners(books, report),
  };
}

/** @throws FarthingError `jws_key_unknown`, `jws_signature` */
export function checkOwn(facts: Facts, jws: UncheckedJws): Promise<void> {
  return checkJwsByKid(jws, facts.signers);
}
