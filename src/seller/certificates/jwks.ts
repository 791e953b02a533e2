/** Fetches the keys of a provider (SPEC 2.5); what is kept of them is `issuer.ts`. */
import { readJwks } from '../../protocol/documents.ts';
import type { KeySet } from '../../protocol/jws.ts';
import { importPublicKey, thumbprint } from '../../protocol/key.ts';
import { readJsonBody } from '../visits/body.ts';
import type { IssuerPorts } from './issuer.ts';

const TIMEOUT_MS = 5_000;
/** Eight keys take under 2 kB. */
const BODY_BYTES_MAX = 16_384;

/**
 * The provider's keys by their names.
 * @throws Error where it does not answer, or with no keys
 */
export async function fetchKeys(provider: string, ports: IssuerPorts): Promise<KeySet> {
  const response = await ports.fetch(`${provider}/.well-known/jwks.json`, {
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const keys = readJwks(await readJsonBody(response, BODY_BYTES_MAX));
  if (keys.length === 0) throw new Error('no keys');
  const entries = keys.map(
    async (jwk) => [await thumbprint(jwk), await importPublicKey(jwk)] as const,
  );
  return new Map(await Promise.all(entries));
}
