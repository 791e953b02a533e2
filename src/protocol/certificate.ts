/**
 * The purse certificate (SPEC 5.8): the provider's word that an amount is set aside for one seller
 * and one key. A charge inside it is money that cannot bounce.
 */
import { type JwsContent, readJws, signJws, type UncheckedJws } from './jws.ts';
import { type PublicJwk, publicJwkMember } from './key.ts';
import { currencyMember, type Micros, microsMember } from './money.ts';
import { paytoMember } from './payto.ts';
import { count, id, readMembers, refuse, text } from './shape.ts';

/** SPEC 5.8: a purse lasts a week at most, so that change never waits long. */
export const PURSE_LIFE_SEC_MAX = 7 * 86_400;

/** What a certificate says; member names are those of the wire (RFC 7519). */
export interface Certificate {
  /** The provider, `https://host[:port]`. */
  readonly iss: string;
  /** The purse's id. */
  readonly jti: string;
  /** The payto of the one seller. */
  readonly aud: string;
  readonly cur: string;
  /** What is set aside in all, in micros. */
  readonly lim: Micros;
  /** Seconds since 1970. */
  readonly iat: number;
  readonly exp: number;
  /** RFC 7800: the purse's key. */
  readonly cnf: { readonly jwk: PublicJwk };
  /** This reader at this seller, and nowhere else. */
  readonly sub: string;
  /** Undos left this week. */
  readonly undo: number;
  /** ISO 3166-1 alpha-2, for VAT. */
  readonly cty?: string | undefined;
}

/** A certificate whose signature is still to be checked, by the keys of its `iss`. */
export interface ReadCertificate {
  readonly claims: Certificate;
  readonly jws: UncheckedJws;
  readonly token: string;
}

function readCnf(value: unknown): { jwk: PublicJwk } {
  return readMembers(value, { jwk: publicJwkMember });
}

function countryMember(value: unknown): string {
  return typeof value === 'string' && /^[A-Z]{2}$/.test(value)
    ? value
    : refuse('not a country code');
}

const CLAIMS = {
  iss: text(300),
  jti: id,
  aud: paytoMember,
  cur: currencyMember,
  lim: microsMember,
  iat: count,
  exp: count,
  cnf: readCnf,
  sub: id,
  undo: count,
};
const CLAIMS_OPTIONAL = { cty: countryMember };

/**
 * Reads a certificate; not its signature.
 * @throws FarthingError the codes of `readJws`, `payload_malformed`, `jwk_malformed`,
 *   `payto_malformed`
 */
export function readCertificate(token: string): ReadCertificate {
  const jws = readJws(token, 'farthing-purse+jwt');
  const claims = readMembers(jws.payload, CLAIMS, CLAIMS_OPTIONAL);
  if (claims.exp <= claims.iat || claims.exp - claims.iat > PURSE_LIFE_SEC_MAX)
    refuse('exp is not within seven days of iat');
  return { claims, jws, token };
}

/** Signs a certificate with the provider's key, named `kid`. */
export function signCertificate(
  claims: Certificate,
  { key, kid }: { key: CryptoKey; kid: string },
): Promise<string> {
  const payload: JwsContent['payload'] = { ...claims, cnf: { jwk: { ...claims.cnf.jwk } } };
  return signJws({ typ: 'farthing-purse+jwt', kid, payload }, key);
}

/**
 * Whether `next` may stand in for `known` (SPEC 5.9): the same purse, and nothing lowered.
 */
export function mayReplace(known: Certificate, next: Certificate): boolean {
  return (
    known.jti === next.jti &&
    known.iss === next.iss &&
    known.aud === next.aud &&
    known.cur === next.cur &&
    known.sub === next.sub &&
    known.cnf.jwk.x === next.cnf.jwk.x &&
    known.cnf.jwk.y === next.cnf.jwk.y &&
    next.lim >= known.lim &&
    next.exp >= known.exp
  );
}
