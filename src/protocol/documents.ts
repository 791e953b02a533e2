/**
 * What a provider signs about itself, a seller and a balance, and what a seller's origin says about
 * itself (SPEC 2.3–2.6, 9.4).
 */
import { type JwsType, readJws, signJws, type UncheckedJws } from './jws.ts';
import { type PublicJwk, publicJwkMember } from './key.ts';
import { currencyMember, type Micros, microsMember } from './money.ts';
import { originMember } from './origin.ts';
import { originAt, paytoMember } from './payto.ts';
import { count, flag, hash, id, list, literal, readMembers, refuse, text } from './shape.ts';

/** SPEC 11: more origins, keys and paytos than one seller needs. */
const ORIGIN_COUNT_MAX = 32;
const KEY_COUNT_MAX = 8;
const PAYTO_COUNT_MAX = 8;
/** SPEC 2.4: a seller's origins and keys are looked up again each day. */
export const SELLER_RECORD_LIFE_SEC_MAX = 86_400;

/** `/.well-known/farthing.json` of a seller's origin. */
export interface OriginProof {
  /** The thumbprint of the account key that may register the paytos. */
  readonly account: string;
  readonly paytos: readonly string[];
  /** Receipt keys. */
  readonly keys: readonly PublicJwk[];
}

/** @throws FarthingError `payload_malformed` */
export function readOriginProof(value: unknown): OriginProof {
  return readMembers(value, {
    account: hash,
    paytos: list(paytoMember, PAYTO_COUNT_MAX),
    keys: list(publicJwkMember, KEY_COUNT_MAX),
  });
}

/** A provider's public keys, RFC 7517, each with its thumbprint as `kid`. */
export interface Jwks {
  readonly keys: readonly (PublicJwk & { readonly kid: string })[];
}

/** @throws FarthingError `payload_malformed` */
export function readJwks(value: unknown): PublicJwk[] {
  const { keys } = readMembers(value, {
    keys: list((key) => {
      const { kid: _, ...jwk } = readMembers(
        key,
        {
          crv: literal('P-256'),
          kty: literal('EC'),
          x: text(43),
          y: text(43),
          kid: text(64),
        },
        { alg: literal('ES256'), use: literal('sig') },
      );
      return publicJwkMember({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y });
    }, KEY_COUNT_MAX),
  });
  return keys;
}

/** `farthing-provider+jwt`: who the provider is. */
export interface ProviderRecord {
  readonly iss: string;
  readonly name: string;
  /** Play money: loopback origins, http and the sandbox card exist only here. */
  readonly sandbox: boolean;
  readonly currencies: readonly string[];
  /** Micros of the first currency given on opening; zero = none. */
  readonly starter: Micros;
  /** A page for new readers to begin at. */
  readonly first?: string | undefined;
  readonly iat: number;
}

/** `farthing-seller+jwt`: a seller's record at its provider, public and cacheable. */
export interface SellerRecord {
  readonly iss: string;
  readonly sub: string;
  readonly name: string;
  readonly origins: readonly string[];
  readonly keys: readonly PublicJwk[];
  readonly iat: number;
  readonly exp: number;
}

/** `farthing-balance+jwt`: an account as its provider's books had it at journal entry `rev`. */
export interface Balance {
  readonly iss: string;
  /** The account. */
  readonly sub: string;
  readonly cur: string;
  /** Not set aside; starter credit included. */
  readonly available: Micros;
  /** The part of `available` that is starter credit and cannot be withdrawn. */
  readonly starter: Micros;
  /** Set aside in purses and not collected. */
  readonly aside: Micros;
  /** Grows with every change: of two words the higher holds. */
  readonly rev: number;
  readonly iat: number;
}

/** A document whose signature is still to be checked, by the provider's keys. */
export interface ReadDocument<T> {
  readonly claims: T;
  readonly jws: UncheckedJws;
}

/**
 * A page for new readers to begin at: over https, and on this machine over http (SPEC 2.5).
 * @throws FarthingError `payload_malformed`
 */
export function firstMember(value: unknown): string {
  const url = typeof value === 'string' && value.length <= 2048 ? URL.parse(value) : null;
  const isExact = url?.href === value && url?.username === '' && url.password === '';
  return url && isExact && url.href.startsWith(`${originAt(url.host)}/`)
    ? url.href
    : refuse('a page to begin at is written like https://news.example/articles/tides');
}

/** @throws FarthingError the codes of `readJws`, `payload_malformed` */
export function readProviderRecord(token: string): ReadDocument<ProviderRecord> {
  const jws = readJws(token, 'farthing-provider+jwt');
  const required = {
    iss: text(300),
    name: text(120),
    sandbox: flag,
    currencies: list(currencyMember, 200),
    starter: microsMember,
    iat: count,
  };
  const claims = readMembers(jws.payload, required, { first: firstMember });
  if (claims.first?.startsWith('http:') && !claims.sandbox)
    refuse('only a sandbox begins on this machine');
  return { claims, jws };
}

/** @throws FarthingError the codes of `readJws`, `payload_malformed`, `payto_malformed` */
export function readSellerRecord(token: string): ReadDocument<SellerRecord> {
  const jws = readJws(token, 'farthing-seller+jwt');
  const claims = readMembers(jws.payload, {
    iss: text(300),
    sub: paytoMember,
    name: text(120),
    origins: list(originMember, ORIGIN_COUNT_MAX),
    keys: list(publicJwkMember, KEY_COUNT_MAX),
    iat: count,
    exp: count,
  });
  if (claims.exp <= claims.iat || claims.exp - claims.iat > SELLER_RECORD_LIFE_SEC_MAX)
    refuse('exp is not within 24 hours of iat');
  return { claims, jws };
}

/** @throws FarthingError the codes of `readJws`, `payload_malformed` */
export function readBalance(token: string): ReadDocument<Balance> {
  const jws = readJws(token, 'farthing-balance+jwt');
  const claims = readMembers(jws.payload, {
    iss: text(300),
    sub: id,
    cur: currencyMember,
    available: microsMember,
    starter: microsMember,
    aside: microsMember,
    rev: count,
    iat: count,
  });
  return { claims, jws };
}

/** Signs a provider's document with its key, named `kid`. */
export function signDocument(
  document:
    | { typ: Extract<JwsType, 'farthing-provider+jwt'>; claims: ProviderRecord }
    | { typ: Extract<JwsType, 'farthing-seller+jwt'>; claims: SellerRecord }
    | { typ: Extract<JwsType, 'farthing-balance+jwt'>; claims: Balance },
  { key, kid }: { key: CryptoKey; kid: string },
): Promise<string> {
  const { typ, claims } = document;
  const payload =
    'keys' in claims ? { ...claims, keys: claims.keys.map((jwk) => ({ ...jwk })) } : { ...claims };
  return signJws({ typ, kid, payload }, key);
}
