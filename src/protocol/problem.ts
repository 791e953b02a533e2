/** Problem details (RFC 9457) with our code in the member `farthing` (SPEC 4.7, 9.3). */
import { ERROR_KINDS, type ErrorCode, type FarthingError, isErrorCode } from './errors.ts';
import { isRecord } from './shape.ts';

const TYPE_BASE = 'https://paymentauth.org/problems/';
/**
 * Problem types of the Payment scheme; any other refusal of a payment is its `verification-failed`.
 */
const SCHEME_TYPES: Partial<Record<ErrorCode, string>> = {
  payment_required: 'payment-required',
  credential_malformed: 'malformed-credential',
  credential_too_large: 'malformed-credential',
  challenge_malformed: 'malformed-credential',
  challenge_unknown: 'invalid-challenge',
  challenge_expired: 'payment-expired',
  over_limit: 'payment-insufficient',
};

/** RFC 9457, with our code. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly farthing: ErrorCode;
}

/** The body of a refusal. */
export function problemOf(error: FarthingError): Problem {
  const { status, title } = ERROR_KINDS[error.code];
  const type = TYPE_BASE + (SCHEME_TYPES[error.code] ?? 'verification-failed');
  return { type, title, status, detail: error.detail, farthing: error.code };
}

/** The code and detail of a problem body; undefined where the body is not one of ours. */
export function readProblem(value: unknown): { code: ErrorCode; detail: string } | undefined {
  if (!isRecord(value) || !isErrorCode(value.farthing)) return undefined;
  return { code: value.farthing, detail: typeof value.detail === 'string' ? value.detail : '' };
}
