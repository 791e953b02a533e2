/** What every check needs to know: the purses, and by whose keys the provider signed. */
import { checkJwsByKid, type KeySet, type UncheckedJws } from '../../protocol/jws.ts';
import { importPublicKey, type PublicJwk, thumbprint } from '../../protocol/key.ts';
import type { Books } from '../database.ts';
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
  readonly lastSeq: bigint;
  readonly isReleased: boolean;
}

export interface Facts {
  readonly purses: ReadonlyMap<string, PurseFacts>;
  /** The provider's own keys. */
  readonly signers: KeySet;
}

async function readPurses(books: Books): Promise<Map<string, PurseFacts>> {
  const rows = books
    .selectFrom('purse')
    .select(['id', 'account', 'payto', 'currency', 'key', 'state'])
    .select(['limit_micros', 'captured_micros', 'last_seq'])
    .stream();
  const purses = new Map<string, PurseFacts>();
  for await (const { id, account, payto, currency, key, state, ...row } of rows)
    purses.set(id, {
      ...{ id, account, payto, currency, key },
      handle: payto.slice(0, payto.indexOf('@')),
      limitMicros: row.limit_micros,
      capturedMicros: row.captured_micros,
      lastSeq: row.last_seq,
      isReleased: state === 'released',
    });
  return purses;
}

/** Each key under its own name: one that was exchanged signs for nothing that is out. */
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

export async function readFacts(books: Books, report: Report): Promise<Facts> {
  return { purses: await readPurses(books), signers: await readSigners(books, report) };
}

/** @throws FarthingError `jws_key_unknown`, `jws_signature` */
export function checkOwn(facts: Facts, jws: UncheckedJws): Promise<void> {
  return checkJwsByKid(jws, facts.signers);
}
