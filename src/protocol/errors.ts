/** The one error of all parts; what its codes mean is the table of `codes.ts` (SPEC 12). */
import type { ErrorCode } from './codes.ts';

export type { ErrorCode } from './codes.ts';

/**
 * The one error class. `message` is code and detail, and never holds a secret or a full address;
 * `detail` says what was wrong and, where there is one, the way out.
 *
 * @example
 * throw new FarthingError('price_malformed', '"2 cents": write it as 0.02 USD');
 */
export class FarthingError extends Error {
  override readonly name = 'FarthingError';
  readonly code: ErrorCode;
  readonly detail: string;

  constructor(code: ErrorCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }
}

/** Runs `read` and answers what it refuses with under another code (a layer naming its own). */
export function refuseAs<T>(code: ErrorCode, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FarthingError) throw new FarthingError(code, error.detail);
    throw error;
  }
}
