/** The provider's signing key: made once, kept in the database, published as a JWKS (SPEC 2.5). */
import type { Jwks } from '../protocol/documents.ts';
import { exportPublicKey, importSigningKey, type PublicJwk, thumbprint } from '../protocol/key.ts';
import { type Database, writeBooks } from './database.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** What the provider signs with. */
export interface Signer {
  readonly key: CryptoKey;
  readonly kid: string;
  readonly jwk: PublicJwk;
}

async function makeKey(): Promise<{ kid: string; jwk: string }> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const kid = await thumbprint(await exportPublicKey(pair.publicKey));
  return { kid, jwk: JSON.stringify(await crypto.subtle.exportKey('jwk', pair.privateKey)) };
}

async function importSigner(kid: string, jwkText: string): Promise<Signer> {
  const { crv, kty, x, y, d } = JSON.parse(jwkText);
  const key = await importSigningKey({ crv, kty, x, y }, d);
  return { key, kid, jwk: { crv, kty, x, y } };
}

/** The signing key of this database; made when there is none yet. */
export async function loadSigner(database: Database, nowSec: number): Promise<Signer> {
  const made = await makeKey();
  const { kid, jwk } = await writeBooks(database, async (books) => {
    const stored = await books.selectFrom('signing_key').select(['kid', 'jwk']).executeTakeFirst();
    if (stored) return stored;
    await books
      .insertInto('signing_key')
      .values({ ...made, made_at_sec: nowSec })
      .execute();
    return made;
  });
  return importSigner(kid, jwk);
}

/** `/.well-known/jwks.json`. */
export function jwksOf({ kid, jwk }: Signer): Jwks {
  return { keys: [{ ...jwk, kid, ...{ alg: 'ES256', use: 'sig' } }] };
}
