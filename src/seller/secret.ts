/**
 * The seller's one secret, `fsk1_…`: independent keys in one environment variable. 32 random bytes,
 * from which the HMAC keys are derived, the receipt key and the account key.
 */
import { decodeBase64url, encodeBase64url } from '../protocol/base64url.ts';
import { FarthingError } from '../protocol/errors.ts';

const PREFIX = 'fsk1_';
/** Of the root, and of each part of a key. */
export const PART_BYTES = 32;
/** The root, and d, x and y of two keys. */
const SECRET_BYTES = 7 * PART_BYTES;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

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
  const account =
    former === undefined ? await makeKeyPart() : [readOne(former).subarray(4 * PART_BYTES)];
  const parts = [root, ...(await makeKeyPart()), ...account];
  return PREFIX + encodeBase64url(Uint8Array.from(parts.flatMap((part) => [...part])));
}

/** A secret's bytes: the root, then d, x and y of the receipt key and of the account key. */
export type SecretBytes = Uint8Array<ArrayBuffer>;

/**
 * Checks the form of one secret or several, separated by commas; `keys.ts` makes keys of each.
 * Nothing of a secret stands in a message.
 * @throws FarthingError `secret_missing`, `secret_malformed`
 */
export function readSecrets(secrets: string | undefined): readonly [SecretBytes, ...SecretBytes[]] {
  if (!secrets)
    throw new FarthingError(
      'secret_missing',
      'set FEE_SECRET; make one with `farthing secret` and put it into .env',
    );
  const [first = '', ...rest] = secrets.split(',');
  return [readOne(first), ...rest.map(readOne)];
}

function readOne(secret: string): SecretBytes {
  const bytes = decodeSecret(secret.trim());
  if (bytes?.length !== SECRET_BYTES) throw malformedSecret();
  return bytes;
}

/** Says what to do, and nothing of the secret. */
export function malformedSecret(): FarthingError {
  const detail = 'FEE_SECRET is not one that `farthing secret` made: copy the whole line';
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
