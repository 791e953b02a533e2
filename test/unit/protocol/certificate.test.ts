import { describe, expect, test } from 'vitest';
import { type Certificate, mayReplace } from '../../../src/protocol/certificate.ts';
import { micros } from '../../../src/protocol/money.ts';

const ID = 'AAAAAAAAAAAAAAAAAAAAAA';
const OTHER_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
const KNOWN: Certificate = {
  iss: 'https://pay.example',
  jti: ID,
  aud: 'thedaily@pay.example',
  cur: 'USD',
  lim: micros(100_000n),
  iat: 1_800_000_000,
  exp: 1_800_600_000,
  cnf: { jwk: { crv: 'P-256', kty: 'EC', x: 'x', y: 'y' } },
  sub: ID,
  undo: 3,
};

describe('a newer certificate of a purse replaces the known one', () => {
  test.each<[string, Partial<Certificate>]>([
    ['when nothing changed', {}],
    ['when the limit was raised', { lim: micros(100_001n) }],
    ['when it lasts longer', { exp: 1_800_600_001 }],
    ['when undos were used', { undo: 2 }],
    ['when it was signed later', { iat: 1_800_000_001 }],
  ])('%s', (_, change) => {
    expect(mayReplace(KNOWN, { ...KNOWN, ...change })).toBe(true);
  });
});

describe('a certificate does not replace the known one', () => {
  test.each<[string, Partial<Certificate>]>([
    ['with a lower limit', { lim: micros(99_999n) }],
    ['with an earlier end', { exp: 1_800_599_999 }],
    ['with a higher limit and an earlier end', { lim: micros(200_000n), exp: 1_800_599_999 }],
    ['of another purse', { jti: OTHER_ID }],
    ['of another provider', { iss: 'https://pay2.example' }],
    ['for another seller', { aud: 'thedaily2@pay.example' }],
    ['in another currency', { cur: 'EUR' }],
    ['of another reader', { sub: OTHER_ID }],
    ['of another key', { cnf: { jwk: { ...KNOWN.cnf.jwk, x: 'z' } } }],
    ['of the other key with the same x', { cnf: { jwk: { ...KNOWN.cnf.jwk, y: 'z' } } }],
  ])('%s', (_, change) => {
    expect(mayReplace(KNOWN, { ...KNOWN, ...change })).toBe(false);
  });
});
