/**
 * Purse certificates that were checked before are not checked again (SPEC 5.8, 5.9, 6.4 step 4).
 */
import {
  type Certificate,
  type ReadCertificate,
  readCertificate,
} from '../protocol/certificate.ts';
import { FarthingError } from '../protocol/errors.ts';
import { importPublicKey } from '../protocol/key.ts';
import { createMemo } from '../protocol/memo.ts';
import type { Issuer } from './issuer.ts';
import { once } from './once.ts';

/** A purse is new once. */
const admissions = once(() => import('./admission.ts'));

/** About 2 kB each: what is busy stays, in some 20 MB. */
const REMEMBERED_COUNT = 10_000;

/** A certificate that the provider signed, and the purse's key, ready to check with. */
export interface CheckedPurse {
  readonly claims: Certificate;
  readonly token: string;
  readonly key: CryptoKey;
}

/** Certificates by their exact text. */
export interface Certificates {
  /**
   * The certificate that holds for a purse: the one given, or the one that the row remembers where
   * it is the newer or only one.
   * @throws FarthingError `purse_unknown`, `certificate_issuer`, `certificate_replaced`,
   *   `jws_key_unknown`, `jws_signature`, `jwk_malformed`, `provider_unreachable`
   */
  settle(parts: {
    readonly purse: string;
    readonly given: ReadCertificate | undefined;
    readonly remembered: string | undefined;
  }): Promise<CheckedPurse>;
}

/** @param provider the only issuer whose certificates count here */
export function createCertificates(provider: string, issuer: Issuer): Certificates {
  const checked = createMemo<CheckedPurse>(REMEMBERED_COUNT);

  const remember = async ({ claims, token }: ReadCertificate): Promise<CheckedPurse> => {
    const purse = { claims, token, key: await importPublicKey(claims.cnf.jwk) };
    checked.set(token, purse);
    return purse;
  };
  return {
    settle: async ({ purse, given, remembered }) => {
      // What the row remembers was checked before it was stored: the issuer's keys may have gone
      // since.
      const stored =
        remembered === undefined
          ? undefined
          : (checked.get(remembered) ?? (await remember(readCertificate(remembered))));
      if (!given || given.token === remembered) {
        if (stored) return stored;
        throw new FarthingError('purse_unknown', 'send the certificate with the charge');
      }
      const { admit, newerOf } = await admissions();
      const known = checked.get(given.token);
      if (!known) await admit(given, { provider, issuer });
      return newerOf(known ?? (await remember(given)), { purse, stored });
    },
  };
}
