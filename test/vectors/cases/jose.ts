import type { ErrorCode } from '../../../src/protocol/errors.ts';
import {
  accepted,
  base64url,
  canonical,
  hmac,
  KEYS,
  publicOf,
  rawToken,
  refusals,
  refused,
  thumbprint,
  token,
  type Vector,
  type VectorFile,
  without,
} from '../material.ts';
import { der, joined, ORDER, sign } from '../p256.ts';
import { RECEIPT } from '../purchase.ts';

const key = KEYS.receipt;
const HEADER = { alg: 'ES256', kid: thumbprint(key), typ: 'farthing-receipt+jws' };
const HEADER_TEXT = canonical(HEADER);
const PAYLOAD_TEXT = canonical(RECEIPT);
const INPUT = `${base64url(HEADER_TEXT)}.${base64url(PAYLOAD_TEXT)}`;
const HALVES = sign(INPUT, key);
const GOOD = `${INPUT}.${base64url(joined(HALVES))}`;

const KEYS_GIVEN = [publicOf(key)];
const offered = (text: string) => ({ token: text, keys: KEYS_GIVEN });

function all(code: ErrorCode, tokens: Record<string, string>): Vector[] {
  return Object.entries(tokens).map(([description, text]) =>
    refused(code, description, offered(text)),
  );
}
function headers(code: ErrorCode, changes: Record<string, object>): Vector[] {
  return Object.entries(changes).map(([description, change]) =>
    refused(code, description, offered(token({ ...HEADER, ...change }, RECEIPT, key))),
  );
}
const headerText = (text: string) => rawToken(text, PAYLOAD_TEXT, key);
const payloadText = (text: string | Uint8Array) => rawToken(HEADER_TEXT, text, key);
const signed = (bytes: Uint8Array) => `${INPUT}.${base64url(bytes)}`;
const unsigned = (header: object, payload: object) =>
  `${base64url(canonical(header))}.${base64url(canonical(payload))}`;
const pair = (r: bigint, s: bigint) => signed(joined({ r, s }));

const algorithms: Vector[] = [
  ...all('jws_alg', {
    'alg none and no signature': `${unsigned({ ...HEADER, alg: 'none' }, RECEIPT)}.`,
    'HS256 with the public key for a secret': hs256(),
    'no alg': token(without(HEADER, 'alg'), RECEIPT, key),
  }),
  ...headers('jws_alg', {
    'alg none, signed': { alg: 'none' },
    'alg None': { alg: 'None' },
    ES384: { alg: 'ES384' },
    ES256K: { alg: 'ES256K' },
    EdDSA: { alg: 'EdDSA' },
    PS256: { alg: 'PS256' },
    'ES256 in small letters': { alg: 'es256' },
    'ES256 in a list': { alg: ['ES256'] },
  }),
];

function hs256(): string {
  const input = unsigned({ ...HEADER, alg: 'HS256' }, RECEIPT);
  return `${input}.${hmac(canonical(publicOf(key)), input)}`;
}

const names: Vector[] = [
  ...all('jws_typ', { 'no typ': token(without(HEADER, 'typ'), RECEIPT, key) }),
  ...headers('jws_typ', {
    'typ JWT': { typ: 'JWT' },
    'typ in capitals': { typ: 'FARTHING-RECEIPT+JWS' },
    'typ with application/': { typ: 'application/farthing-receipt+jws' },
    'typ in a list': { typ: ['farthing-receipt+jws'] },
  }),
  ...headers('jws_header', {
    'an empty crit': { crit: [] },
    'crit exp': { crit: ['exp'], exp: 1 },
    'crit b64 and b64 false': { crit: ['b64'], b64: false },
    'b64 true': { b64: true },
    'jwk: its own key': { jwk: publicOf(key) },
    jku: { jku: 'https://pay.example/keys' },
    x5u: { x5u: 'https://pay.example/certificate' },
    x5c: { x5c: ['AAAA'] },
    x5t: { x5t: 'AAAA' },
    'x5t#S256': { 'x5t#S256': 'AAAA' },
    cty: { cty: 'JWT' },
    zip: { zip: 'DEF' },
    iat: { iat: 1 },
  }),
  ...all('jws_header', { 'a list for a header': headerText('["ES256"]') }),
  ...all('jws_key_unknown', { 'no kid': token(without(HEADER, 'kid'), RECEIPT, key) }),
  ...headers('jws_key_unknown', {
    'a kid that is not known': { kid: thumbprint(KEYS.stranger) },
    'a kid that is a path': { kid: '../../dev/null' },
    'a kid that is a number': { kid: 1 },
    'an empty kid': { kid: '' },
    'a kid of 65 characters': { kid: 'a'.repeat(65) },
    'a kid that every object has': { kid: 'constructor' },
  }),
];

const spellings: Vector[] = [
  ...all('json_not_canonical', {
    'a duplicate member of the header': headerText(`{"alg":"ES256",${HEADER_TEXT.slice(1)}`),
    'a duplicate member of the payload': payloadText(`{"amt":"1",${PAYLOAD_TEXT.slice(1)}`),
    'members of the header in another order': headerText(
      JSON.stringify({ ...without(HEADER, 'alg'), alg: 'ES256' }),
    ),
    'members of the payload in another order': payloadText(JSON.stringify(RECEIPT)),
    'white space in the header': headerText(HEADER_TEXT.replace(',', ', ')),
    'white space in the payload': payloadText(PAYLOAD_TEXT.replace(':', ': ')),
    'a line break behind the payload': payloadText(`${PAYLOAD_TEXT}\n`),
    'a byte order mark': payloadText(`\ufeff${PAYLOAD_TEXT}`),
    'an escape in a name': payloadText(PAYLOAD_TEXT.replace('"amt"', '"\\u0061mt"')),
    'an escape in a value': headerText(HEADER_TEXT.replace('ES256', '\\u0045S256')),
    'an exponent': payloadText(PAYLOAD_TEXT.replace('"seq":3', '"seq":3e0')),
    'a decimal point': payloadText(PAYLOAD_TEXT.replace('"seq":3', '"seq":3.0')),
    'minus zero': payloadText(PAYLOAD_TEXT.replace('"seq":3', '"seq":-0')),
    'a number above 2^53': payloadText(PAYLOAD_TEXT.replace('"seq":3', '"seq":9007199254740993')),
    'no JSON': payloadText('amt=20000'),
    'an empty payload': payloadText(''),
    null: payloadText('null'),
    'a lone surrogate': payloadText(PAYLOAD_TEXT.replace(/}$/, ',"x":"\\ud800"}')),
  }),
  ...all('payload_malformed', {
    'a list': payloadText(`[${PAYLOAD_TEXT}]`),
    'a text': payloadText('"amt"'),
    'a member called __proto__': payloadText(`{"__proto__":{},${PAYLOAD_TEXT.slice(1)}`),
    'a member that every object has': payloadText(
      PAYLOAD_TEXT.replace('"pur"', '"constructor":1,"pur"'),
    ),
  }),
  ...all('encoding_not_canonical', {
    'padding behind the header': GOOD.replace('.', '=.'),
    'padding behind the payload': GOOD.replace(/\.([^.]*)$/, '=.$1'),
    'padding behind the signature': `${GOOD}==`,
    'a line break behind': `${GOOD}\n`,
    'a space before': ` ${GOOD}`,
    'the letters of base64': `${INPUT}.${'+/'.repeat(43)}`,
    'bytes that are not UTF-8': payloadText(new Uint8Array([0x7b, 0xff, 0x7d])),
    'a surrogate in UTF-8': payloadText(new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22])),
    'a letter too few': GOOD.slice(0, -1),
  }),
  ...otherEndings(GOOD),
];

/** 64 bytes leave four bits of the last letter unused: 16 spellings, of which one is canonical. */
function otherEndings(text: string): Vector[] {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = letters.indexOf(text.slice(-1));
  return Array.from({ length: 15 }, (_, index) => {
    const letter = letters[last + index + 1];
    return refused(
      'encoding_not_canonical',
      `the last letter as ${letter}: the same bytes to a lenient decoder`,
      offered(text.slice(0, -1) + letter),
    );
  });
}

const signatures: Vector[] = all('jws_signature', {
  'no signature': `${INPUT}.`,
  '63 bytes': signed(joined(HALVES).subarray(1)),
  '65 bytes': signed(Buffer.concat([Buffer.alloc(1), joined(HALVES)])),
  'as DER': signed(der(HALVES)),
  'r = 0': pair(0n, HALVES.s),
  's = 0': pair(HALVES.r, 0n),
  'both 0': pair(0n, 0n),
  'r = n': pair(ORDER, HALVES.s),
  's = n': pair(HALVES.r, ORDER),
  's = 2^256 − 1': pair(HALVES.r, 2n ** 256n - 1n),
  'r and s exchanged': pair(HALVES.s, HALVES.r),
  'by another key': token(HEADER, RECEIPT, KEYS.stranger),
  'of another payload': `${unsigned(HEADER, { ...RECEIPT, tot: '60001' })}.${GOOD.split('.')[2]}`,
});

const shapes: Vector[] = all('jws_malformed', {
  nothing: '',
  'two segments': INPUT,
  'four segments': `${GOOD}.`,
  'five segments, as for encryption': `${GOOD}.AAAA.AAAA`,
  'as JSON': JSON.stringify({ payload: base64url(PAYLOAD_TEXT), signatures: [] }),
  '4,097 characters': `${base64url('a'.repeat(2000))}.${base64url('a'.repeat(1070))}.`.padEnd(
    4097,
    'A',
  ),
});

const jose: VectorFile = {
  operation: 'receipt',
  about: 'SPEC 5: every trick that JOSE knows, played on a receipt',
  vectors: [
    accepted('as it ought to be', offered(GOOD), RECEIPT),
    ...shapes,
    ...algorithms,
    ...names,
    ...spellings,
    ...signatures,
  ],
};

const twin: VectorFile = {
  operation: 'identity',
  about: 'SPEC 5.6: signatures have twins; what two tokens have in common is header and payload',
  vectors: [
    accepted('(r, s)', offered(GOOD), INPUT),
    accepted('its twin (r, n − s)', offered(pair(HALVES.r, ORDER - HALVES.s)), INPUT),
    ...refusals('jws_signature', {
      '(n − r, s), which is none': offered(pair(ORDER - HALVES.r, HALVES.s)),
    }),
  ],
};

const TYPES = {
  certificate: 'farthing-purse+jwt',
  charge: 'farthing-charge+jws',
  receipt: 'farthing-receipt+jws',
  show: 'farthing-show+jws',
  sync: 'farthing-sync+jws',
  undo: 'farthing-undo+jws',
  refund: 'farthing-refund+jws',
  close: 'farthing-close+jws',
  final: 'farthing-final+jws',
  provider: 'farthing-provider+jwt',
  seller: 'farthing-seller+jwt',
  balance: 'farthing-balance+jwt',
  statement: 'farthing-statement+jwt',
  proof: 'dpop+jwt',
};

const types: VectorFile = {
  operation: 'type',
  about: 'SPEC 5.1: each signed thing offered in the place of each other',
  vectors: Object.entries(TYPES).flatMap(([wanted, typ]) =>
    Object.values(TYPES)
      .filter((other) => other !== typ)
      .map((other) =>
        refused('jws_typ', `${other} for a ${wanted}`, {
          wanted,
          token: token({ alg: 'ES256', typ: other }, RECEIPT, key),
        }),
      ),
  ),
};

export const joseFiles = { jose, twin, types };
