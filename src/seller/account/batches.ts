/** What charges and refund notes have in common when they are handed in, many at a time. */
import { encodeBase64url, sha256, utf8 } from '../../protocol/base64url.ts';
import { isErrorCode } from '../../protocol/codes.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import { signingInputOf } from '../../protocol/jws.ts';

/**
 * A purse whose charge or note the provider did not take. It is handed in again with the next
 * `collect`.
 */
export interface RefusedPurse {
  readonly purse: string;
  readonly code: ErrorCode | 'unknown';
}

/** A purse with the code that the provider gave, if it is one that is known here. */
export function refusedPurse(purse: string, code: string | undefined): RefusedPurse {
  return { purse, code: isErrorCode(code) ? code : 'unknown' };
}

/**
 * The id of a batch: the same tokens are the same write. It is made of what was signed, never of
 * signatures.
 */
export async function batchId(tokens: readonly string[]): Promise<string> {
  const parts = tokens.map(signingInputOf).join('\n');
  return encodeBase64url((await sha256(utf8(parts))).slice(0, 16));
}
