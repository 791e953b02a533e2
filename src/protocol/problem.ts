/** Problem details (RFC 9457) with our code in the member `farthing` (SPEC 4.7, 9.3). */
import { ERROR_STATUSES, type ErrorCode, isErrorCode } from './codes.ts';
import type { FarthingError } from './errors.ts';
import { isRecord } from './shape.ts';
import { ERROR_TITLES } from './titles.ts';

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
  const { code, detail } = error;
  const type = TYPE_BASE + (SCHEME_TYPES[code] ?? 'verification-failed');
  const title = ERROR_TITLES[code];
  return { type, title, status: ERROR_STATUSES[code], detail, farthing: code };
}

/**
 * Types by which a server of the scheme that knows none of our codes asks for its own challenge.
 * They settle nothing: the same charge goes under another challenge (SPEC 4.5, 6.8).
 */
const CODES_OF_TYPES: Record<string, ErrorCode> = {
  [`${TYPE_BASE}invalid-challenge`]: 'challenge_unknown',
  [`${TYPE_BASE}payment-expired`]: 'challenge_expired',
};

/** The code and detail of a problem body; undefined where the body is not one of ours. */
export function readProblem(value: unknown): { code: ErrorCode; detail: string } | undefined {
  if (!isRecord(value)) return undefined;
  const { type, farthing, detail } = value;
  const isStale = farthing === undefined && typeof type === 'string';
  const code = isStale && Object.hasOwn(CODES_OF_TYPES, type) ? CODES_OF_TYPES[type] : farthing;
  return isErrorCode(code) ? { code, detail: typeof detail === 'string' ? detail : '' } : undefined;
}

/** A refusal in one line for people: what went wrong, the way out, the code to look it up by. */
export function refusalLine({ code, detail }: FarthingError): string {
  return `${ERROR_TITLES[code]}: ${detail} [${code}]`;
}
