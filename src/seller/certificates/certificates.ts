/**
 * Purse certificates that were read and checked before are neither read nor checked again (SPEC
 * 5.8, 5.9, 6.4 step 4).
 */
import type { Certificate, ReadCertificate } from '../../protocol/certificate.ts';
import { createMemo } from '../../protocol/memo.ts';
import { once } from '../once.ts';
import type { IssuerPorts } from './issuer.ts';

/** A purse is new once. */
const admissions = once(() => import('./admission.ts'));

/** About 2 kB each: what is busy stays, in some 20 MB. */
const REMEMBERED_COUNT = 10_000;
/** A wallet sends its certificate with every charge: those of the busiest are read once. */
const read = createMemo<ReadCertificate>(1_000);

/**
 * Step 1, syntax of the certificate that is sent along, whatever it is sent with.
 * @throws FarthingError the codes of `readCertificate`
 */
export async function readGiven(token: string | undefined): Promise<ReadCertificate | undefined> {
  const known = token === undefined ? undefined : read.get(token);
  if (token === undefined || known) return known;
  const given = (await admissions()).readCertificate(token);
  read.set(token, given);
  return given;
}

/** A certificate that the provider signed, and the purse's key, ready to check with. */
export interface CheckedPurse {
  readonly claims: Certificate;
  readonly token: string;
  readonly key: CryptoKey;
  /** Which of the provider's keys signed it. */
  readonly kid: string | undefined;
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
export function createCertificates(provider: string, ports: IssuerPorts): Certificates {
  const checked = createMemo<CheckedPurse>(REMEMBERED_COUNT);
  const issuer = once(async () => (await admissions()).createIssuer(provider, ports));

  /** It was checked before it was stored. */
  const storedAs = async (token: string): Promise<CheckedPurse> => {
    const known = checked.get(token);
    if (known) return known;
    const { purseOf, readCertificate } = await admissions();
    const stored = await purseOf(readCertificate(token));
    checked.set(token, stored);
    return stored;
  };
  return {
    settle: async ({ purse, given, remembered }) => {
      const signer = await issuer();
      const stored = remembered === undefined ? undefined : await storedAs(remembered);
      const isIt = stored && (!given || given.token === remembered);
      // The key that signed it may have been taken back since.
      if (isIt && signer.has(stored.kid)) return stored;
      const { settleGiven } = await admissions();
      return settleGiven(given, { provider, issuer: signer, checked, purse, stored });
    },
  };
}
