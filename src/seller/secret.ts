/**
 * The seller's one secret, `fsk1_…`: independent keys in one environment variable. 32 random bytes,
 * from which the HMAC keys are derived, the receipt key and the account key.
 */
import { decodeBase64url, encodeBase64url, utf8 } from '../protocol/base64url.ts';
import { importHmacKey } from '../protocol/challenge.ts';
import { FarthingError } from '../protocol/errors.ts';
import { importSigningKey, type PublicJwk, thumbprint } from '../protocol/key.ts';

const PREFIX = 'fsk1_';
const PART_BYTES = 32;
/** The root, and d, x and y of two keys. */
const SECRET_BYTES = 7 * PART_BYTES;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

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

async function makeKeyPart(): Promise<Uint8Array[]> {
  const { privateKey } = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const { d = '', x = '', y = '' } = await crypto.subtle.exportKey('jwk', privateKey);
  return [d, x, y].map(decodeBase64url);
}

/**
 * Makes a new secret; whoever has it is this seller.
 * @param former the one that it takes the place of: the account key stays, since the provider knows
 *   the seller by it
 * @throws FarthingError `secret_malformed`
 */
export async function makeSecret(former?: string): Promise<string> {
  const root = crypto.getRandomValues(new Uint8Array(PART_BYTES));
  const account = former === undefined ? await makeKeyPart() : readOne(former).slice(4);
  const parts = [root, ...(await makeKeyPart()), ...account];
  return PREFIX + encodeBase64url(Uint8Array.from(parts.flatMap((part) => [...part])));
}

/** A secret, taken apart. */
type SecretParts = readonly Uint8Array<ArrayBuffer>[];

/**
 * Checks the form of one secret or several, separated by commas, and takes them apart;
 * `importSecret` makes keys of each. Nothing of a secret stands in a message.
 * @throws FarthingError `secret_missing`, `secret_malformed`
 */
export function readSecrets(secrets: string | undefined): readonly [SecretParts, ...SecretParts[]] {
  if (!secrets)
    throw new FarthingError(
      'secret_missing',
      'set FEE_SECRET; make one with `npx farthing secret` and put it into .env',
    );
  const [first = '', ...rest] = secrets.split(',');
  return [readOne(first), ...rest.map(readOne)];
}

function readOne(secret: string): SecretParts {
  const bytes = decodeSecret(secret.trim());
  if (bytes?.length !== SECRET_BYTES) throw malformed();
  return Array.from({ length: 7 }, (_, index) =>
    bytes.slice(index * PART_BYTES, (index + 1) * PART_BYTES),
  );
}

function malformed(): FarthingError {
  const detail = 'FEE_SECRET is not one that `npx farthing secret` made: copy the whole line';
  return new FarthingError('secret_malformed', detail);
}

function decodeSecret(secret: string): Uint8Array<ArrayBuffer> | undefined {
  if (!secret.startsWith(PREFIX)) return undefined;
  try {
    return decodeBase64url(secret.slice(PREFIX.length));
  } catch {
    return undefined;
  }
}

async function signingKeyOf(parts: readonly Uint8Array[]): Promise<SigningKey> {
  const [d = '', x = '', y = ''] = parts.map(encodeBase64url);
  const jwk: PublicJwk = { crv: 'P-256', kty: 'EC', x, y };
  try {
    return { key: await importSigningKey(jwk, d), jwk, kid: await thumbprint(jwk) };
  } catch (error) {
    if (error instanceof FarthingError) throw malformed();
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

/**
 * Makes the keys of what `readSecrets` took apart.
 * @throws FarthingError `secret_malformed` where a part is not a key
 */
export async function importSecret(parts: SecretParts): Promise<SellerKeys> {
  const [root = new Uint8Array()] = parts;
  const [receipt, account, challenge, pass] = await Promise.all([
    signingKeyOf(parts.slice(1, 4)),
    signingKeyOf(parts.slice(4, 7)),
    deriveHmacKey(root, 'farthing/challenge/1'),
    deriveHmacKey(root, 'farthing/pass/1'),
  ]);
  return { receipt, account, challenge, pass };
}
