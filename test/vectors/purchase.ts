/** One purchase, as it stands on the wire, that the vectors of several files vary. */
import { base64url, canonical, fixed, hmac, KEYS, publicOf, SECRETS, sha256 } from './material.ts';

export const ISSUED_SEC = 1_800_000_000;
export const PAYTO = 'thedaily@pay.example';
export const PURSE_ID = fixed('purse', 16);
export const SALT = fixed('salt', 32);

/** The decoded `request` of a challenge (SPEC 4.2). */
export const WIRE_TERMS = {
  amount: '20000',
  currency: 'usd-micro',
  methodDetails: {
    cap: 'none',
    duration: 'P365D',
    item: '/articles/42',
    meter: 'none',
    origin: 'https://news.example',
    refund: 'PT600S',
  },
  recipient: PAYTO,
};
export const REQUEST = base64url(canonical(WIRE_TERMS));

/** The parameters of a server's challenge but for the id. */
export const UNSEALED = {
  realm: 'news.example',
  method: 'farthing',
  intent: 'charge',
  request: REQUEST,
  expires: '2027-01-15T08:10:00Z',
};

/** SPEC 4.3: the seven slots, absent ones empty. */
export function slots(challenge: {
  realm: string;
  method: string;
  intent: string;
  request: string;
  expires: string;
  digest?: string;
  opaque?: string;
}): string {
  const { realm, method, intent, request, expires, digest, opaque } = challenge;
  return `${realm}|${method}|${intent}|${request}|${expires}|${digest ?? ''}|${opaque ?? ''}`;
}

export const CHALLENGE = { ...UNSEALED, id: hmac(SECRETS.challenge, slots(UNSEALED)) };

const PAGE_UNSEALED = {
  ...UNSEALED,
  expires: '9999-12-31T23:59:59Z',
  opaque: base64url(canonical({ n: fixed('nonce', 16) })),
};
export const PAGE_CHALLENGE = { ...PAGE_UNSEALED, id: `p.${sha256(slots(PAGE_UNSEALED))}` };

/** What was bought (SPEC 6.2). */
export const OPENING = {
  jti: fixed('payment', 16),
  amt: '20000',
  realm: 'news.example',
  request: REQUEST,
  iat: ISSUED_SEC,
};

/** SPEC 6.3. */
export function bindingOf(opening: object, salt: string): string {
  return sha256('farthing/bind/1', Buffer.from(salt, 'base64url'), canonical(opening));
}

export const CERTIFICATE = {
  iss: 'https://pay.example',
  jti: PURSE_ID,
  aud: PAYTO,
  cur: 'USD',
  lim: '100000',
  iat: ISSUED_SEC,
  exp: ISSUED_SEC + 604_800,
  cnf: { jwk: publicOf(KEYS.purse) },
  sub: fixed('reader at this seller', 16),
  undo: 3,
};

export const CHARGE = {
  pur: PURSE_ID,
  aud: PAYTO,
  cur: 'USD',
  seq: 3,
  tot: '60000',
  bnd: bindingOf(OPENING, SALT),
};

export const RECEIPT = {
  pur: PURSE_ID,
  seq: 3,
  tot: '60000',
  bnd: CHARGE.bnd,
  amt: '20000',
  at: ISSUED_SEC + 60,
  until: ISSUED_SEC + 60 + 31_536_000,
  undo: ISSUED_SEC + 660,
};

/** SPEC 7.3: that receipt, shown under that challenge. */
export const SHOW = { aud: PAYTO, cid: CHALLENGE.id, pur: PURSE_ID, seq: 3, bnd: CHARGE.bnd };

/** SPEC 6.11: that purse, asked about under that challenge. */
export const SYNC = { aud: PAYTO, cid: CHALLENGE.id, pur: PURSE_ID };

/** SPEC 7.4, 7.5: that purchase undone, and given back. */
export const UNDO = { aud: PAYTO, pur: PURSE_ID, seq: 3, bnd: CHARGE.bnd };
export const NOTE = { aud: PAYTO, pur: PURSE_ID, seq: 3, amt: '20000', rtot: '20000' };

/** SPEC 5.12: the purse's end, as its wallet wishes it and as the seller states it. */
export const END = { aud: PAYTO, pur: PURSE_ID, seq: 3, tot: '60000' };
