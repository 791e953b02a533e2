/**
 * A certificate's way in: the provider signed it, and nothing that was agreed on before is lowered
 * by it (SPEC 5.8, 5.9, 6.4 step 4).
 */
import { mayReplace, type ReadCertificate } from '../protocol/certificate.ts';
import { FarthingError } from '../protocol/errors.ts';
import { importPublicKey } from '../protocol/key.ts';
import type { CheckedPurse } from './certificates.ts';
import type { Issuer } from './issuer.ts';

export { readCertificate } from '../protocol/certificate.ts';
export { createIssuer } from './issuer.ts';

/** Makes the purse's key of its certificate. @throws FarthingError `jwk_malformed` */
export async function purseOf({ claims, token }: ReadCertificate): Promise<CheckedPurse> {
  return { claims, token, key: await importPublicKey(claims.cnf.jwk) };
}

/** @throws FarthingError `certificate_issuer`, the codes of `Issuer.check` */
export async function admit(
  { claims, jws }: ReadCertificate,
  { provider, issuer }: { readonly provider: string; readonly issuer: Issuer },
): Promise<void> {
  if (claims.iss !== provider)
    throw new FarthingError('certificate_issuer', `this seller is paid at ${provider}`);
  await issuer.check(jws);
}

/**
 * The one that holds from now on, of one that is given and one that was stored before.
 * @throws FarthingError `purse_unknown`, `certificate_replaced`
 */
export function newerOf(
  given: CheckedPurse,
  { purse, stored }: { readonly purse: string; readonly stored: CheckedPurse | undefined },
): CheckedPurse {
  if (given.claims.jti !== purse)
    throw new FarthingError('purse_unknown', 'the certificate is of another purse');
  if (!stored || mayReplace(stored.claims, given.claims)) return given;
  // An older one of the same purse, as a wallet has it whose raise was not answered.
  if (mayReplace(given.claims, stored.claims)) return stored;
  throw new FarthingError('certificate_replaced', 'iss, aud, cur, sub and cnf never change');
}
