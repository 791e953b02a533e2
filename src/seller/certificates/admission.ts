/**
 * A certificate's way in: the provider signed it, and nothing that was agreed on before is lowered
 * by it (SPEC 5.8, 5.9, 6.4 step 4).
 */
import { mayReplace, type ReadCertificate } from '../../protocol/certificate.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { importPublicKey } from '../../protocol/key.ts';
import type { Memo } from '../../protocol/memo.ts';
import type { CheckedPurse } from './certificates.ts';
import type { Issuer } from './issuer.ts';

export { readCertificate } from '../../protocol/certificate.ts';
export { createIssuer } from './issuer.ts';

/** Makes the purse's key of its certificate. @throws FarthingError `jwk_malformed` */
export async function purseOf({ claims, token, jws }: ReadCertificate): Promise<CheckedPurse> {
  return { claims, token, key: await importPublicKey(claims.cnf.jwk), kid: jws.kid };
}

/** Where a certificate is to be let in. */
interface Admission {
  /** The only issuer whose certificates count. */
  readonly provider: string;
  readonly issuer: Issuer;
  /** Those that were let in before. */
  readonly checked: Memo<CheckedPurse>;
  readonly purse: string;
  /** The one that the row remembers. */
  readonly stored: CheckedPurse | undefined;
}

/** @throws FarthingError `certificate_issuer`, the codes of `Issuer.check` */
async function admit(
  certificate: ReadCertificate,
  { provider, issuer, checked }: Admission,
): Promise<CheckedPurse> {
  const { claims, jws, token } = certificate;
  if (claims.iss !== provider)
    throw new FarthingError('certificate_issuer', `this seller is paid at ${provider}`);
  await issuer.check(jws);
  const admitted = checked.get(token) ?? (await purseOf(certificate));
  checked.set(token, admitted);
  return admitted;
}

/**
 * The one that holds from now on, of one that is given and one that was stored before.
 * @throws FarthingError `purse_unknown`, `certificate_replaced`
 */
function newerOf(
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

/**
 * The certificate that holds where the one that is remembered does not do by itself.
 * @throws FarthingError `purse_unknown`, `certificate_issuer`, `certificate_replaced`, the codes of
 *   `Issuer.check`
 */
export async function settleGiven(
  given: ReadCertificate | undefined,
  at: Admission,
): Promise<CheckedPurse> {
  if (!given) throw new FarthingError('purse_unknown', 'send the certificate with the charge');
  const known = at.checked.get(given.token);
  const admitted = known && at.issuer.has(known.kid) ? known : await admit(given, at);
  // Looked at only now: the keys may have been looked up meanwhile. Readers choose the ids of their
  // purses: a row of another provider's, whose keys are not known here, stays that one's.
  const { purse, stored, provider, issuer } = at;
  const isHeld = stored && (stored.claims.iss !== provider || issuer.has(stored.kid));
  return newerOf(admitted, { purse, stored: isHeld ? stored : undefined });
}
