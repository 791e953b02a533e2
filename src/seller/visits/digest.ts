/** The digest of a body that is sold (SPEC 4.4, RFC 9530). */
import { sha256 } from '../../protocol/base64url.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { readBytes } from './body.ts';

/** SPEC 4.4: a body that is sold is read twice, so it has to fit in memory. */
export const BODY_BYTES_MAX = 1_000_000;

/**
 * The digest of the body, which stays there for the handler.
 * @throws FarthingError `body_too_large`; `method_not_bound` where somebody has read it before
 */
export async function digestFor(request: Request): Promise<string> {
  if (request.bodyUsed)
    throw new FarthingError('method_not_bound', 'the body of this request was read before');
  const body = request.body === null ? new Uint8Array() : await bodyOf(request);
  return `sha-256=:${btoa(String.fromCharCode(...(await sha256(body))))}:`;
}

async function bodyOf(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readBytes(request.clone().body, BODY_BYTES_MAX);
  return bytes ?? tooLarge();
}

/** @throws FarthingError `body_too_large` */
export function tooLarge(): never {
  throw new FarthingError('body_too_large', `at most ${BODY_BYTES_MAX} bytes are sold here`);
}
