/**
 * By which purse a receipt is shown (SPEC 7.3): its own, or, where another device has bought, any
 * of this device's at the same seller. Where there is none, one that sets nothing aside is asked
 * for, and only then.
 */
import { FarthingError } from '../../protocol/errors.ts';
import { clientOf, requireAccount } from '../account/accounts.ts';
import { amend } from '../amend.ts';
import type { WalletPorts } from '../ports.ts';
import { emptyPurse, renewCertificate } from '../purses/setaside.ts';
import type { Payment, Purse } from '../rows.ts';

/** What a proof is made with, and what says whose it is. */
export interface Holder {
  /** Of the purse that the receipt is of. */
  readonly certificate: string;
  /** Of the purse whose key proves, where that is another one. */
  readonly holder: string | undefined;
  readonly key: CryptoKey;
}

/** Any purse of this device at a seller. */
async function purseAt({ store }: WalletPorts, payto: string): Promise<Purse | undefined> {
  const purses = await store.purses.all();
  return purses.find((it) => it.payto === payto && it.certificate !== undefined);
}

/** @throws FarthingError `provider_unreachable`, `purse_count`, the provider's codes */
export async function holderFor(ports: WalletPorts, payment: Payment): Promise<Holder> {
  const own = await ports.store.purses.get(payment.charge?.purse ?? '');
  if (own?.certificate)
    return { certificate: own.certificate, holder: undefined, key: own.key.privateKey };
  const { elsewhere, ask } = payment;
  if (!elsewhere) throw new TypeError('What was paid here has its purse here');
  const { payto } = ask.terms;
  const door = { url: ask.url, request: payment.charge?.opening.request ?? '' };
  const here = (await purseAt(ports, payto)) ?? (await emptyPurse(ports, payto, door));
  const { certificate, key } = here;
  if (certificate === undefined)
    throw new FarthingError('provider_unreachable', 'no certificate came');
  return { certificate: elsewhere.certificate, holder: certificate, key: key.privateKey };
}

/**
 * Gets the certificates by which `payment` is shown as they are signed now: what was bought long
 * ago was signed by a key that has left the provider's set (SPEC 2.5).
 * @throws FarthingError `provider_unreachable`, the provider's codes
 */
export async function renewHolder(ports: WalletPorts, payment: Payment): Promise<Payment> {
  const { elsewhere, ask } = payment;
  const { purse: pur = '' } = payment.charge ?? {};
  const { payto } = ask.terms;
  const own = (await ports.store.purses.get(pur)) ?? (await purseAt(ports, payto));
  if (own) await renewCertificate(ports, own);
  if (!elsewhere) return payment;
  // Of another device's purse; whoever is shown it checks it.
  const { certificate } = await clientOf(ports, await requireAccount(ports)).purse(pur);
  return amend(ports, payment, { elsewhere: { certificate } });
}
