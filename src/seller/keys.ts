/** The keys that a secret holds, each for one use. Made when the first request needs them. */
import { encodeBase64url, utf8 } from '../protocol/base64url.ts';
import { importHmacKey } from '../protocol/challenge.ts';
import { FarthingError } from '../protocol/errors.ts';
import { importSigningKey, type PublicJwk, thumbprint } from '../protocol/key.ts';
import { malformedSecret, PART_BYTES, type SecretBytes } from './secret.ts';

/** A key that signs. */
export interface SigningKey {
  readonly key: CryptoKey;
  readonly jwk: PublicJwk;
  readonly kid: string;
}

/** What the secret holds, each for one use. */
export interface SellerKeys {
  /** Signs receipts (SPEC 7.1). */
  readonly receipt: SigningKey;
  /** Proves who speaks to the provider (SPEC 9.2). */
  readonly account: SigningKey;
  /** Seals challenges (SPEC 4.3). */
  readonly challenge: CryptoKey;
  /** Seals passes (SPEC 7.2). */
  readonly pass: CryptoKey;
}

async function signingKeyOf(parts: readonly Uint8Array[]): Promise<SigningKey> {
  const [d = '', x = '', y = ''] = parts.map(encodeBase64url);
  const jwk: PublicJwk = { crv: 'P-256', kty: 'EC', x, y };
  try {
    return { key: await importSigningKey(jwk, d), jwk, kid: await thumbprint(jwk) };
  } catch (error) {
    if (error instanceof FarthingError) throw malformedSecret();
    throw error;
  }
}

async function deriveHmacKey(root: Uint8Array<ArrayBuffer>, label: string): Promise<CryptoKey> {
  const key = await crypto.subtle.importKey('raw', root, 'HKDF', false, ['deriveBits']);
  const algorithm = {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(),
    info: utf8(label),
  };
  const bits = await crypto.subtle.deriveBits(algorithm, key, 8 * PART_BYTES);
  return importHmacKey(new Uint8Array(bits));
}

function partsOf(secret: SecretBytes): SecretBytes[] {
  return Array.from({ length: secret.length / PART_BYTES }, (_, index) =>
    secret.slice(index * PART_BYTES, (index + 1) * PART_BYTES),
  );
}

/**
 * Makes the keys of what `readSecrets` read.
 * @throws FarthingError `secret_malformed` where a part is not a key
 */
export async function importSecret(secret: SecretBytes): Promise<SellerKeys> {
  const parts = partsOf(secret);
  const [root = new Uint8Array()] = parts;
  const [receipt, account, challenge, pass] = await Promise.all([
    signingKeyOf(parts.slice(1, 4)),
    signingKeyOf(parts.slice(4, 7)),
    deriveHmacKey(root, 'farthing/challenge/1'),
    deriveHmacKey(root, 'farthing/pass/1'),
  ]);
  return { receipt, account, challenge, pass };
}
