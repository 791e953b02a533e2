/**
 * By which purse a receipt is shown (SPEC 7.3): its own, or, where another device has bought, any
 * of this device's at the same seller. Where there is none, one that sets nothing aside is asked
 * for, and only then.
 */
import { FarthingError } from '../protocol/errors.ts';
import type { WalletPorts } from './ports.ts';
import type { Payment } from './rows.ts';
import { emptyPurse } from './setaside.ts';

/** What a proof is made with, and what says whose it is. */
export interface Holder {
  /** Of the purse that the receipt is of. */
  readonly certificate: string;
  /** Of the purse whose key proves, where that is another one. */
  readonly holder: string | undefined;
  readonly key: CryptoKey;
}

/** @throws FarthingError `provider_unreachable`, `purse_count`, the provider's codes */
export async function holderFor(ports: WalletPorts, payment: Payment): Promise<Holder> {
  const purses = await ports.store.purses.all();
  const own = purses.find(({ id }) => id === payment.charge?.purse);
  if (own?.certificate)
    return { certificate: own.certificate, holder: undefined, key: own.key.privateKey };
  const { elsewhere, ask } = payment;
  if (!elsewhere) throw new TypeError('What was paid here has its purse here');
  const { payto } = ask.terms;
  const here = purses.find((it) => it.payto === payto && it.certificate !== undefined);
  const door = { url: ask.url, request: payment.charge?.opening.request ?? '' };
  const { certificate, key } = here ?? (await emptyPurse(ports, payto, door));
  if (certificate === undefined)
    throw new FarthingError('provider_unreachable', 'no certificate came');
  return { certificate: elsewhere.certificate, holder: certificate, key: key.privateKey };
}
