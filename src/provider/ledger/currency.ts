/** Which currency a request may be in. */
import { FarthingError } from '../../protocol/errors.ts';
import { CURRENCY } from '../context.ts';

/** @throws FarthingError `currency_unsupported` */
export function requireCurrency(currency: string): void {
  if (currency !== CURRENCY)
    throw new FarthingError('currency_unsupported', `only ${CURRENCY} is kept here`);
}
