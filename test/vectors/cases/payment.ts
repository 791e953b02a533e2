import {
  accepted,
  base64url,
  fixed,
  KEYS,
  publicOf,
  refusals,
  refused,
  thumbprint,
  token,
  type VectorFile,
  without,
} from '../material.ts';
import {
  bindingOf,
  CERTIFICATE,
  CHALLENGE,
  CHARGE,
  END,
  ISSUED_SEC,
  OPENING,
  PAGE_CHALLENGE,
  RECEIPT,
  SALT,
  SHOW,
  SYNC,
  UNDO,
} from '../purchase.ts';
import {
  memberVectors,
  wrongAmounts,
  wrongCounts,
  wrongCurrencies,
  wrongIds,
  wrongPaytos,
} from './members.ts';

const HEADERS = {
  certificate: { alg: 'ES256', kid: thumbprint(KEYS.provider), typ: 'farthing-purse+jwt' },
  charge: { alg: 'ES256', typ: 'farthing-charge+jws' },
  show: { alg: 'ES256', typ: 'farthing-show+jws' },
  undo: { alg: 'ES256', typ: 'farthing-undo+jws' },
  close: { alg: 'ES256', typ: 'farthing-close+jws' },
  sync: { alg: 'ES256', typ: 'farthing-sync+jws' },
};

function certificateToken(claims: object) {
  return {
    token: token(HEADERS.certificate, claims, KEYS.provider),
    keys: [publicOf(KEYS.provider)],
  };
}
function chargeToken(claims: object) {
  return { token: token(HEADERS.charge, claims, KEYS.purse), key: publicOf(KEYS.purse) };
}

const jwk = publicOf(KEYS.purse);
const xBytes = Buffer.from(jwk.x, 'base64url');
const cnfOf = (key: unknown) => certificateToken({ ...CERTIFICATE, cnf: { jwk: key } });
const wrongKeys = refusals('jwk_malformed', {
  'a private key': cnfOf({ ...jwk, d: KEYS.purse.d }),
  'a key with a kid': cnfOf({ ...jwk, kid: 'purse' }),
  'a key of another curve': cnfOf({ ...jwk, crv: 'P-384' }),
  'a key of another kind': cnfOf({ ...jwk, kty: 'OKP' }),
  'a coordinate of 33 bytes, a zero in front': cnfOf({
    ...jwk,
    x: base64url(Buffer.concat([Buffer.alloc(1), xBytes])),
  }),
  'a coordinate of 31 bytes': cnfOf({ ...jwk, x: base64url(xBytes.subarray(1)) }),
  'another spelling of a coordinate': cnfOf({ ...jwk, x: `${jwk.x.slice(0, -1)}V` }),
  'a coordinate with padding': cnfOf({ ...jwk, x: `${jwk.x}=` }),
  'a point off the curve': cnfOf({ ...jwk, y: jwk.x }),
  'a coordinate above the field': cnfOf({ ...jwk, x: base64url(Buffer.alloc(32, 255)) }),
  'the point (0, 0)': cnfOf({
    ...jwk,
    x: base64url(Buffer.alloc(32)),
    y: base64url(Buffer.alloc(32)),
  }),
  'a key without y': cnfOf(without(jwk, 'y')),
  'a text for a key': cnfOf(jwk.x),
});

const certificate: VectorFile = {
  operation: 'certificate',
  about: 'SPEC 5.8: a purse certificate, signed by a key of the provider',
  vectors: [
    accepted('a purse', certificateToken(CERTIFICATE), CERTIFICATE),
    accepted('with a country', certificateToken({ ...CERTIFICATE, cty: 'DE' }), {
      ...CERTIFICATE,
      cty: 'DE',
    }),
    ...memberVectors(
      CERTIFICATE,
      [
        ['iss', ''],
        ['iss', ['https://pay.example']],
        ...wrongIds('jti'),
        ...wrongPaytos('aud'),
        ...wrongCurrencies('cur'),
        ...wrongAmounts('lim'),
        ...wrongCounts('iat'),
        ...wrongCounts('exp'),
        ['exp', ISSUED_SEC],
        ['exp', ISSUED_SEC - 1],
        ['exp', ISSUED_SEC + 604_801],
        ['cnf', jwk],
        ['cnf', { kid: thumbprint(KEYS.purse) }],
        ['cnf', { jwk, kid: thumbprint(KEYS.purse) }],
        ...wrongIds('sub'),
        ...wrongCounts('undo'),
        ['cty', 'de'],
        ['cty', 'DEU'],
      ],
      certificateToken,
    ),
    ...wrongKeys,
    refused('jws_key_unknown', 'a key of another provider', {
      token: token(HEADERS.certificate, CERTIFICATE, KEYS.provider),
      keys: [publicOf(KEYS.stranger)],
    }),
  ],
};

const charge: VectorFile = {
  operation: 'charge',
  about: 'SPEC 6.1: a charge, signed by the key of its purse',
  vectors: [
    accepted('the third of a purse', chargeToken(CHARGE), CHARGE),
    ...memberVectors(
      CHARGE,
      [
        ...wrongIds('pur'),
        ...wrongPaytos('aud'),
        ...wrongCurrencies('cur'),
        ...wrongCounts('seq'),
        ...wrongAmounts('tot'),
        ['bnd', fixed('short', 31)],
        ['bnd', `${CHARGE.bnd}=`],
      ],
      chargeToken,
    ),
    refused('jws_header', 'a kid', {
      token: token({ ...HEADERS.charge, kid: thumbprint(KEYS.purse) }, CHARGE, KEYS.purse),
      key: publicOf(KEYS.purse),
    }),
    refused('jws_signature', 'by the key of another purse', {
      token: token(HEADERS.charge, CHARGE, KEYS.stranger),
      key: publicOf(KEYS.purse),
    }),
  ],
};

function showToken(claims: object) {
  return { token: token(HEADERS.show, claims, KEYS.purse), key: publicOf(KEYS.purse) };
}

const show: VectorFile = {
  operation: 'show',
  about: 'SPEC 7.3: a proof that a receipt is shown by its reader, signed by the key of a purse',
  vectors: [
    accepted('under a server’s challenge', showToken(SHOW), SHOW),
    ...memberVectors(
      SHOW,
      [
        ...wrongPaytos('aud'),
        ['cid', ''],
        ['cid', 'x'.repeat(65)],
        ...wrongIds('pur'),
        ...wrongCounts('seq'),
        ['bnd', fixed('short', 31)],
      ],
      showToken,
    ),
    refused('jws_header', 'a kid', {
      token: token({ ...HEADERS.show, kid: thumbprint(KEYS.purse) }, SHOW, KEYS.purse),
      key: publicOf(KEYS.purse),
    }),
    refused('jws_signature', 'by the key of another purse', {
      token: token(HEADERS.show, SHOW, KEYS.stranger),
      key: publicOf(KEYS.purse),
    }),
  ],
};

function opened(opening: object, salt: unknown = SALT) {
  return { opening, salt };
}

const digested = { ...OPENING, digest: 'sha-256=:AAAA:' };
const binding: VectorFile = {
  operation: 'binding',
  about: 'SPEC 6.3: SHA-256("farthing/bind/1" ‖ salt ‖ JCS(opening))',
  vectors: [
    accepted('an article', opened(OPENING), bindingOf(OPENING, SALT)),
    accepted('with a digest', opened(digested), bindingOf(digested, SALT)),
    accepted(
      'members in another order',
      opened(Object.fromEntries(Object.entries(OPENING).reverse())),
      bindingOf(OPENING, SALT),
    ),
    ...Object.keys(OPENING).map((name) =>
      refused('payload_malformed', `${name} is missing`, opened(without(OPENING, name))),
    ),
    ...refusals('payload_malformed', {
      'an unknown member': opened({ ...OPENING, item: '/articles/42' }),
      'an amount as a number': opened({ ...OPENING, amt: 20000 }),
      'an amount with a zero in front': opened({ ...OPENING, amt: '020000' }),
      'a jti of 15 bytes': opened({ ...OPENING, jti: fixed('short', 15) }),
      'a time with a fraction': opened({ ...OPENING, iat: 1.5 }),
      'a time below zero': opened({ ...OPENING, iat: -1 }),
      'a realm with a lone surrogate': opened({ ...OPENING, realm: 'news\ud800' }),
      'a salt of 31 bytes': opened(OPENING, fixed('short', 31)),
      'no salt': opened(OPENING, null),
    }),
    refused(
      'encoding_not_canonical',
      'another spelling of the salt',
      opened(OPENING, `${SALT.slice(0, -1)}_`),
    ),
  ],
};

const RECEIPT_HEADER = {
  alg: 'ES256',
  kid: thumbprint(KEYS.receipt),
  typ: 'farthing-receipt+jws',
};

const PAYLOAD = {
  action: 'charge',
  certificate: certificateToken(CERTIFICATE).token,
  charge: chargeToken(CHARGE).token,
  opening: OPENING,
  salt: SALT,
};
const SHOWING = {
  action: 'show',
  certificate: PAYLOAD.certificate,
  opening: OPENING,
  proof: showToken(SHOW).token,
  receipt: token(RECEIPT_HEADER, RECEIPT, KEYS.receipt),
  salt: SALT,
};
const tokenBy = (name: 'undo' | 'close' | 'sync', claims: object) =>
  token(HEADERS[name], claims, KEYS.purse);
const { certificate: CERTIFICATE_TOKEN, charge: CHARGE_TOKEN } = PAYLOAD;
const UNDOING = {
  action: 'undo',
  certificate: CERTIFICATE_TOKEN,
  opening: OPENING,
  receipt: SHOWING.receipt,
  salt: SALT,
  undo: tokenBy('undo', UNDO),
};
const CLOSING = {
  action: 'close',
  certificate: CERTIFICATE_TOKEN,
  close: tokenBy('close', END),
};
const SYNCING = {
  action: 'sync',
  certificate: CERTIFICATE_TOKEN,
  proof: tokenBy('sync', SYNC),
};
const ACTIONS = { undo: UNDOING, close: CLOSING, sync: SYNCING };
const encoded = (wire: unknown) => `Payment ${base64url(JSON.stringify(wire))}`;
const paying = (payload: unknown) => encoded({ challenge: CHALLENGE, payload });
const GOOD = { challenge: CHALLENGE, payload: PAYLOAD };

const credential: VectorFile = {
  operation: 'credential',
  about: 'SPEC 4.6: the value of Authorization or Payment-Authorization',
  vectors: [
    accepted('certificate and charge', encoded(GOOD), GOOD),
    accepted('a receipt that is shown', paying(SHOWING), {
      challenge: CHALLENGE,
      payload: SHOWING,
    }),
    accepted('a charge with the one before it', paying({ ...PAYLOAD, prior: CHARGE_TOKEN }), {
      challenge: CHALLENGE,
      payload: { ...PAYLOAD, prior: CHARGE_TOKEN },
    }),
    accepted(
      'the action sync with a charge that the server may have lost',
      paying({ ...SYNCING, prior: CHARGE_TOKEN }),
      { challenge: CHALLENGE, payload: { ...SYNCING, prior: CHARGE_TOKEN } },
    ),
    ...Object.entries(ACTIONS).flatMap(([name, payload]) => [
      accepted(`the action ${name}`, paying(payload), { challenge: CHALLENGE, payload }),
      accepted(`${name} without the certificate`, paying(without(payload, 'certificate')), {
        challenge: CHALLENGE,
        payload: without(payload, 'certificate'),
      }),
      ...Object.keys(without(without(payload, 'certificate'), 'action')).map((member) =>
        refused('credential_malformed', `${name}: no ${member}`, paying(without(payload, member))),
      ),
      refused(
        'credential_malformed',
        `${name}: an unknown member`,
        paying({ ...payload, item: '/articles/42' }),
      ),
    ]),
    accepted('no certificate', paying(without(PAYLOAD, 'certificate')), {
      challenge: CHALLENGE,
      payload: without(PAYLOAD, 'certificate'),
    }),
    accepted(
      'a challenge built from a page',
      encoded({ challenge: PAGE_CHALLENGE, payload: PAYLOAD }),
      { challenge: PAGE_CHALLENGE, payload: PAYLOAD },
    ),
    accepted(
      'white space and order of the outer JSON are the client’s',
      `payment  ${base64url(JSON.stringify({ payload: PAYLOAD, challenge: CHALLENGE }, null, 1))} `,
      GOOD,
    ),
    accepted('a source, which the scheme has', encoded({ ...GOOD, source: 'did:key:z6Mk' }), GOOD),
    ...refusals('none', {
      nothing: '',
      'another scheme': 'Bearer abc',
      'a scheme that begins the same way': 'Payments abc',
    }),
    ...refusals('credential_malformed', {
      'the scheme alone': 'Payment',
      'two values': `${encoded(GOOD)} x`,
      'a comma list': `${encoded(GOOD)}, Bearer x`,
      padding: `${encoded({ ...GOOD, source: 'x' })}=`,
      'no JSON': `Payment ${base64url('charge')}`,
      'a list': encoded([GOOD]),
      'no payload': encoded({ challenge: CHALLENGE }),
      'an unknown member': encoded({ ...GOOD, receipt: 'x' }),
      'no action': paying(without(PAYLOAD, 'action')),
      'an action that is an object with a toString': paying({
        ...PAYLOAD,
        action: { toString: 1 },
      }),
      'no charge': paying(without(PAYLOAD, 'charge')),
      'no opening': paying(without(PAYLOAD, 'opening')),
      'no salt': paying(without(PAYLOAD, 'salt')),
      'a show without its proof': paying(without(SHOWING, 'proof')),
      'a show with a charge': paying({ ...SHOWING, charge: PAYLOAD.charge }),
      'an unknown member of the payload': paying({ ...PAYLOAD, item: '/articles/42' }),
      'a payload that is a text': paying('charge'),
      'a charge in a list': paying({ ...PAYLOAD, charge: [PAYLOAD.charge] }),
      'an opening with an unknown member': paying({ ...PAYLOAD, opening: { ...OPENING, x: '1' } }),
    }),
    ...refusals('challenge_malformed', {
      'no realm': encoded({ challenge: without(CHALLENGE, 'realm'), payload: PAYLOAD }),
      'a challenge in a list': encoded({ challenge: [CHALLENGE], payload: PAYLOAD }),
      'a challenge with an unknown member': encoded({
        challenge: { ...CHALLENGE, x: '1' },
        payload: PAYLOAD,
      }),
    }),
    ...refusals('action_unsupported', {
      'a tick': paying({ ...PAYLOAD, action: 'tick' }),
      'the name of an action in capitals': paying({ ...PAYLOAD, action: 'UNDO' }),
    }),
    refused('credential_too_large', '7,169 characters', `Payment ${'A'.repeat(7161)}`),
  ],
};

export const paymentFiles = {
  certificate,
  charge,
  binding,
  show,
  credential,
};
