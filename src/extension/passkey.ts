/**
 * A passkey as a recovery secret (SPEC 9.17): the `prf` extension of WebAuthn gives 32 bytes that
 * only this passkey gives, on whatever device it is. Chromium lets an extension's page have
 * passkeys of its own; Firefox refuses them to such pages, and is not asked.
 */
import { sha256, utf8, utf8Text } from '../protocol/base64url.ts';
import { FarthingError } from '../protocol/errors.ts';

const NAME = 'Farthing';
const INPUT = utf8('farthing/passkey/1');
/** Beside them a user handle has room for the wallet service's address. */
const RANDOM_BYTES = 8;
const HANDLE_BYTES_MAX = 64;
const ES256 = -7;
const RS256 = -257;
/** Somebody has to find a finger, or a telephone. */
const TIMEOUT_MS = 120_000;

/** Whether it is worth showing a button for it. */
export function canUsePasskeys(): boolean {
  return location.protocol === 'chrome-extension:' && 'PublicKeyCredential' in window;
}

/** The browser says little about why: the reader closed the window, or there was nothing to use. */
function refusal(error: unknown): FarthingError {
  const isRefused = error instanceof DOMException && error.name === 'NotAllowedError';
  const code = isRefused ? 'passkey_refused' : 'passkey_unsupported';
  return new FarthingError(code, 'the browser did not give it', { cause: error });
}

async function ask(work: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let credential: Credential | null;
  try {
    credential = await work();
  } catch (error) {
    throw refusal(error);
  }
  if (credential instanceof PublicKeyCredential) return credential;
  throw new FarthingError('passkey_refused', 'none was chosen');
}

async function prf(): Promise<AuthenticationExtensionsClientInputs> {
  return { prf: { eval: { first: await sha256(INPUT) } } };
}

function secretIn(credential: PublicKeyCredential): Uint8Array<ArrayBuffer> | undefined {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  return first instanceof ArrayBuffer ? new Uint8Array(first) : undefined;
}

function handleOf(providerHost: string): Uint8Array<ArrayBuffer> {
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
  const host = utf8(providerHost);
  const fits = random.length + host.length <= HANDLE_BYTES_MAX;
  return Uint8Array.from([...random, ...(fits ? host : [])]);
}

/** A passkey of ours, and the wallet service that it is for, where its handle says so. */
export interface Passkey {
  readonly secret: Uint8Array<ArrayBuffer>;
  readonly providerHost: string | undefined;
}

async function get(allowed: PublicKeyCredentialDescriptor[]): Promise<Passkey> {
  const extensions = await prf();
  const credential = await ask(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        allowCredentials: allowed,
        userVerification: 'required',
        timeout: TIMEOUT_MS,
        extensions,
      },
    }),
  );
  const secret = secretIn(credential);
  if (!secret) throw new FarthingError('passkey_unsupported', 'this passkey gives no secret');
  const { userHandle } = credential.response as AuthenticatorAssertionResponse;
  const host = utf8Text(new Uint8Array(userHandle ?? new ArrayBuffer(0)).slice(RANDOM_BYTES));
  return { secret, providerHost: host === '' ? undefined : host };
}

/**
 * Asks the reader for one of the passkeys of this wallet.
 * @throws FarthingError `passkey_refused`, `passkey_unsupported`
 */
export function readPasskey(): Promise<Passkey> {
  return get([]);
}

/**
 * Makes a passkey and answers its secret.
 * @throws FarthingError `passkey_refused`, `passkey_unsupported`
 */
export async function makePasskey(providerHost: string): Promise<Uint8Array<ArrayBuffer>> {
  const extensions = await prf();
  const name = `${NAME} · ${providerHost}`;
  const credential = await ask(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { name: NAME },
        user: { id: handleOf(providerHost), name, displayName: name },
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        pubKeyCredParams: [ES256, RS256].map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        timeout: TIMEOUT_MS,
        extensions,
      },
    }),
  );
  const made = secretIn(credential);
  if (made) return made;
  // Some say it only when the passkey is used.
  const descriptor = { type: 'public-key', id: credential.rawId } as const;
  return (await get([descriptor])).secret;
}
