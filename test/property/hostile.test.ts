/** Whatever comes from outside is read or refused with a code: nothing else, and not slowly. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCertificate } from '../../src/protocol/certificate.ts';
import { decodeOpaque, parseChallenges, readChallenge } from '../../src/protocol/challenge.ts';
import { bindingOf, readCharge, readSealedOpening } from '../../src/protocol/charge.ts';
import { formatCredential, parseCredential } from '../../src/protocol/credential.ts';
import {
  readBalance,
  readJwks,
  readOriginProof,
  readProviderRecord,
  readSellerRecord,
} from '../../src/protocol/documents.ts';
import { parseDuration } from '../../src/protocol/duration.ts';
import { FarthingError } from '../../src/protocol/errors.ts';
import { OFFER_FIELDS } from '../../src/protocol/fields.ts';
import { checkItem } from '../../src/protocol/item.ts';
import { parseCanonicalJson } from '../../src/protocol/json.ts';
import { publicJwkMember } from '../../src/protocol/key.ts';
import { microsMember, parsePrice, parsePriceList } from '../../src/protocol/money.ts';
import { readOffer } from '../../src/protocol/offer.ts';
import { originMember } from '../../src/protocol/origin.ts';
import { passCookie } from '../../src/protocol/pass.ts';
import { parsePayto } from '../../src/protocol/payto.ts';
import { readProblem } from '../../src/protocol/problem.ts';
import { readProof } from '../../src/protocol/proof.ts';
import { parseReceiptHeader, readReceipt } from '../../src/protocol/receipt.ts';
import { decodeTerms } from '../../src/protocol/request.ts';
import { cleanText, shortText } from '../../src/protocol/text.ts';

/** Every function that takes a text from outside. */
const TEXT_READERS: Record<string, (text: string) => unknown> = {
  readCertificate,
  parseChallenges,
  decodeOpaque,
  readCharge,
  parseCredential,
  readBalance,
  readProviderRecord,
  readSellerRecord,
  parseDuration,
  checkItem,
  parseCanonicalJson,
  parsePrice,
  parsePriceList,
  parsePayto,
  readProof,
  parseReceiptHeader,
  readReceipt,
  decodeTerms,
  originMember,
  cleanText,
  shortText: (text) => shortText(text, 120),
  passCookie: (path) => passCookie({ name: 'n', token: 't', path, ageSec: 1 }),
  offerHref: (href) => readOffer({ price: '1 USD', payto: 'a@b.example' }, href, ''),
  ...Object.fromEntries(
    OFFER_FIELDS.map((name) => [
      `offer ${name}`,
      (text: string) =>
        readOffer({ price: '1 USD', payto: 'a@b.example', [name]: text }, 'https://a.example', ''),
    ]),
  ),
};

/** Every function that takes JSON from outside. */
const VALUE_READERS: Record<string, (value: unknown) => unknown> = {
  readChallenge,
  readSealedOpening: (value) => bindingOf(readSealedOpening(value, 'A'.repeat(43))),
  readJwks,
  readOriginProof,
  publicJwkMember,
  microsMember,
  readProblem,
  parseCredential: (wire) =>
    parseCredential(`Payment ${Buffer.from(JSON.stringify(wire)).toString('base64url')}`),
  decodeTerms: (wire) => decodeTerms(Buffer.from(JSON.stringify(wire)).toString('base64url')),
};

function readOrRefuse(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(FarthingError);
  }
}

const scraps = fc.constantFrom(
  ...['Payment ', 'id="', 'method="farthing"', '"', '\\', '\\u', ',', '=', ' ', '\n', '{', '}'],
  ...['[', '":"', '.', '|', '@', ':443', 'P1D', 'PT', '0.02 USD', '/', '%', '__proto__', '\ud800'],
);
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.json(),
  fc
    .array(fc.oneof(scraps, fc.string({ maxLength: 3 })), { maxLength: 30 })
    .map((it) => it.join('')),
);

describe.each(Object.entries(TEXT_READERS))('%s', (_, read) => {
  test('reads any text or refuses it with a code', () => {
    fc.assert(
      fc.property(texts, (text) => readOrRefuse(() => read(text))),
      { numRuns: 300 },
    );
  });
});

const NAMES = [
  ...['id', 'realm', 'method', 'intent', 'request', 'expires', 'opaque', 'digest', 'challenge'],
  ...['payload', 'action', 'charge', 'opening', 'salt', 'jti', 'amt', 'iat', 'keys', 'paytos'],
  ...['crv', 'kty', 'x', 'y', 'kid', 'amount', 'currency', 'recipient', 'methodDetails', 'item'],
  ...['toString', 'valueOf', 'constructor', 'hasOwnProperty', 'length', 'farthing', 'detail'],
];
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom('farthing', 'charge', '2030-01-31T12:00:00Z', 'a\ud800', '1', null, -0, 1.5),
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 8, noNullPrototype: true }),
  ),
})).value;

describe.each(Object.entries(VALUE_READERS))('%s', (_, read) => {
  test('reads any value or refuses it with a code', () => {
    fc.assert(
      fc.property(values, (value) => readOrRefuse(() => read(value))),
      { numRuns: 500 },
    );
  });
});

/** A credential with every member of the right kind, in which one is then replaced. */
const CREDENTIAL = {
  challenge: {
    id: 'x',
    realm: 'news.example',
    method: 'farthing',
    intent: 'charge',
    request: 'e30',
    expires: '2030-01-31T12:00:00Z',
  },
  payload: {
    action: 'charge',
    charge: 'x',
    opening: { jti: 'A'.repeat(22), amt: '1', realm: 'news.example', request: 'e30', iat: 1 },
    salt: 'A'.repeat(43),
  },
};

describe('a credential with one member replaced', () => {
  test('is read and bound, or refused with a code', async () => {
    const { challenge, payload } = CREDENTIAL;
    const places = [
      ...Object.keys(challenge).map((name) => [challenge, name] as const),
      ...Object.keys(payload).map((name) => [payload, name] as const),
      ...Object.keys(payload.opening).map((name) => [payload.opening, name] as const),
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), values, async ([owner, name], value) => {
        const text = JSON.stringify(CREDENTIAL, (_, member: unknown) =>
          member === owner ? { ...owner, [name]: value } : member,
        );
        const header = `Payment ${Buffer.from(text).toString('base64url')}`;
        try {
          const read = parseCredential(header);
          if (!read) throw new TypeError('a credential was taken for another scheme');
          if ('opening' in read.payload) await bindingOf(read.payload);
          expect(parseCredential(formatCredential(read))).toEqual(read);
        } catch (error) {
          expect(error).toBeInstanceOf(FarthingError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** 100 kB of what makes a careless pattern try again from every letter. */
const LENGTH = 100_000;
const filled = (piece: string, length = LENGTH) => piece.repeat(Math.ceil(length / piece.length));
const PIECES = [
  'a',
  ' ',
  'a ',
  '"',
  '\\',
  '\\"',
  'a=',
  'a="',
  '="a',
  ',',
  '.',
  'a.',
  '/',
  '0',
  '1.',
];
const HOSTILE = [
  ...PIECES,
  ...[
    'P1D',
    'utm_',
    '&',
    '%',
    '@',
    '{"a":',
    '[',
    '\u202e',
    '\n',
    ' \n',
    'Payment ',
    'é',
    ';',
    ';/',
  ],
];

/*
 * A reader whose work grows with the square of its input needs 10^10 steps for 100 kB, which no
 * test's time limit allows; one whose work grows with it, a few milliseconds. No time is compared.
 */
describe.each(Object.entries(TEXT_READERS))('%s is not slowed down', (_, read) => {
  test.each(HOSTILE)('by 100 kB of %j', (piece) => {
    for (const front of ['', 'Payment ', 'a@', 'https://a.example/?'])
      expect(() => readOrRefuse(() => read(front + filled(piece)))).not.toThrow();
  });
});

describe('the header of a challenge', () => {
  test.each(PIECES)('of the longest length is read at once: %j', (piece) => {
    for (const front of ['', 'a', 'Payment ', 'Payment id="', 'Payment id=']) {
      const text = (front + filled(piece, 16_384)).slice(0, 16_384);
      expect(() => readOrRefuse(() => parseChallenges(text))).not.toThrow();
    }
  });
});
