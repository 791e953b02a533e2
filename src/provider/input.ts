/** Reads request bodies: what is wrong with one is `body_malformed`, whichever reader says so. */
import { FarthingError, refuseAs } from '../protocol/errors.ts';
import { type Reader, readMembers } from '../protocol/shape.ts';
import { CURRENCY } from './context.ts';

/**
 * Reads a body of exactly these members.
 * @throws FarthingError `body_malformed`
 */
export function readBody<
  R extends Record<string, Reader<unknown>>,
  O extends Record<string, Reader<unknown>> = Record<never, never>,
>(value: unknown, required: R, optional?: O) {
  return refuseAs('body_malformed', () => readMembers(value, required, optional));
}

/** @throws FarthingError `currency_unsupported` */
export function requireCurrency(currency: string): void {
  if (currency !== CURRENCY)
    throw new FarthingError('currency_unsupported', `only ${CURRENCY} is kept here`);
}
