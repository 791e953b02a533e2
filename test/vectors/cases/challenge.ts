import {
  accepted,
  base64url,
  canonical,
  fixed,
  hmac,
  refusals,
  refused,
  SECRETS,
  sha256,
  type Vector,
  type VectorFile,
  without,
} from '../material.ts';
import { CHALLENGE, PAGE_CHALLENGE, REQUEST, slots, UNSEALED, WIRE_TERMS } from '../purchase.ts';

const TERMS = {
  amountMicros: '20000',
  currency: 'USD',
  payto: 'thedaily@pay.example',
  origin: 'https://news.example',
  item: '/articles/42',
  durationSec: 31_536_000,
  refundSec: 600,
};

function details(changes: object): string {
  return encoded({ methodDetails: { ...WIRE_TERMS.methodDetails, ...changes } });
}

function encoded(changes: object): string {
  return base64url(canonical({ ...WIRE_TERMS, ...changes }));
}

function respelled(from: string, to: string): string {
  return base64url(canonical(WIRE_TERMS).replace(from, to));
}

const request: VectorFile = {
  operation: 'request',
  about: 'SPEC 4.2: the request of a challenge, decoded; its terms encode to the same bytes',
  vectors: [
    accepted('an article', REQUEST, TERMS),
    accepted(
      'every term',
      base64url(
        canonical({
          amount: '1000000000000000',
          currency: 'eur-micro',
          methodDetails: {
            cap: '200000/P1D',
            duration: 'PT0S',
            item: '潮の "満ち引き"',
            meter: '1req',
            origin: 'http://localhost:4000',
            refund: 'none',
          },
          recipient: 'api@localhost:4000',
        }),
      ),
      {
        amountMicros: '1000000000000000',
        currency: 'EUR',
        payto: 'api@localhost:4000',
        origin: 'http://localhost:4000',
        item: '潮の "満ち引き"',
        durationSec: 0,
        refundSec: 0,
        cap: { amountMicros: '200000', periodSec: 86_400 },
        meter: '1req',
      },
    ),
    ...refusals('challenge_malformed', {
      nothing: '',
      'a free item': encoded({ amount: '0' }),
      'an amount with a zero in front': encoded({ amount: '020000' }),
      'an amount with an exponent': encoded({ amount: '2e4' }),
      'an amount as a number': encoded({ amount: 20000 }),
      'an amount below zero': encoded({ amount: '-20000' }),
      'an amount above the largest': encoded({ amount: '1000000000000001' }),
      'a currency code that generic clients read as cents': encoded({ currency: 'USD' }),
      'a currency in capitals': encoded({ currency: 'USD-micro' }),
      'a currency that is not known': encoded({ currency: 'dem-micro' }),
      'a currency in a list': encoded({ currency: ['usd-micro'] }),
      'a currency that is an object with a toString': encoded({ currency: { toString: '1' } }),
      'a recipient in capitals': encoded({ recipient: 'TheDaily@pay.example' }),
      'recipients in a list': encoded({ recipient: ['thedaily@pay.example'] }),
      'no recipient': base64url(canonical(without(WIRE_TERMS, 'recipient'))),
      'an unknown member': encoded({ description: 'How tides work' }),
      'no methodDetails': base64url(canonical(without(WIRE_TERMS, 'methodDetails'))),
      'an unknown member of methodDetails': details({ title: 'How tides work' }),
      'no origin': details({ origin: undefined }),
      'an origin with a path': details({ origin: 'https://news.example/' }),
      'an origin with its usual port': details({ origin: 'https://news.example:443' }),
      'an origin that is a list': details({ origin: ['https://news.example'] }),
      'no cap, not even none': details({ cap: undefined }),
      'a cap of nothing': details({ cap: '0/P1D' }),
      'a cap with a period of nothing': details({ cap: '200000/PT0S' }),
      'a cap with a currency': details({ cap: '0.20 USD/P1D' }),
      'a cap of three parts': details({ cap: '200000/P1D/P1D' }),
      'a cap with a period in another form': details({ cap: '200000/PT24H' }),
      'a duration in another form': details({ duration: 'P52W' }),
      'a duration of a year': details({ duration: 'P1Y' }),
      'a duration over a century': details({ duration: 'P36601D' }),
      'a refund of nothing in figures': details({ refund: 'PT0S' }),
      'a refund in minutes': details({ refund: 'PT10M' }),
      'a meter in another unit': details({ meter: '1GB' }),
      'an empty item': details({ item: '' }),
      'an item of 513 bytes': details({ item: 'a'.repeat(513) }),
      'an item with a control': details({ item: 'a\u0000b' }),
      'an item with a lone surrogate': respelled('/articles/42', '\\ud800'),
      'an escape that is not needed': respelled('/articles/42', '\\u002farticles/42'),
      'an escaped slash': respelled('/articles/42', '\\/articles/42'),
      'white space': respelled(',', ', '),
      'a line break behind': base64url(`${canonical(WIRE_TERMS)}\n`),
      'a byte order mark': base64url(`\ufeff${canonical(WIRE_TERMS)}`),
      'a duplicate member': respelled('{"amount"', '{"amount":"1","amount"'),
      'members in another order': respelled(
        '"amount":"20000","currency":"usd-micro"',
        '"currency":"usd-micro","amount":"20000"',
      ),
      'a list': base64url('["20000"]'),
      'padding behind': `${base64url(`${canonical(WIRE_TERMS)} `)}=`,
      'no JSON': base64url('amount=20000'),
      'bytes that are not UTF-8': base64url(new Uint8Array([0x7b, 0xff, 0x7d])),
    }),
  ],
};

const HEADER = [
  `Payment id="${CHALLENGE.id}", realm="news.example", method="farthing", intent="charge"`,
  `request="${REQUEST}", expires="2027-01-15T08:10:00Z"`,
].join(', ');
const DESCRIBED = { ...CHALLENGE, description: 'Say "tides" — a\\b, 潮' };
const DESCRIPTION = 'description="Say \\"tides\\" \\u2014 a\\\\b, \\u6f6e"';

const header: VectorFile = {
  operation: 'challengeHeader',
  about: 'SPEC 4.1: the farthing challenges of a WWW-Authenticate header',
  vectors: [
    accepted('one challenge', HEADER, [CHALLENGE]),
    accepted(
      'a description with quotes, a backslash and other scripts',
      `${HEADER}, ${DESCRIPTION}`,
      [DESCRIBED],
    ),
    accepted('other schemes before and behind', `Basic realm="a, b", ${HEADER}, Bearer`, [
      CHALLENGE,
    ]),
    accepted('a token68 of another scheme before', `Negotiate YWJj==, ${HEADER}`, [CHALLENGE]),
    accepted('another method beside', `Payment id="x", method="tempo", ${HEADER}`, [CHALLENGE]),
    accepted('two challenges', `${HEADER}, ${HEADER}`, [CHALLENGE, CHALLENGE]),
    accepted('the scheme in small letters', HEADER.replace('Payment', 'payment'), [CHALLENGE]),
    accepted('a parameter without quotes', HEADER.replace('"farthing"', 'farthing'), [CHALLENGE]),
    accepted('space around =', HEADER.replaceAll('=', ' = ').replaceAll(' = "', ' = "'), [
      CHALLENGE,
    ]),
    accepted('a challenge inside a quoted text', `Basic realm="Payment method=farthing"`, []),
    accepted('nothing', '', []),
    accepted('only another scheme', 'Bearer realm="x"', []),
    ...refusals('challenge_malformed', {
      'no id': HEADER.replace(/id="[^"]*", /, ''),
      'an empty id': HEADER.replace(/id="[^"]*"/, 'id=""'),
      'no expires': HEADER.replace(/, expires="[^"]*"/, ''),
      'an expires that is no time': HEADER.replace('2027-01-15T08:10:00Z', 'tomorrow'),
      'another intent': HEADER.replace('"charge"', '"session"'),
      'a parameter twice': `${HEADER}, realm="news.example"`,
      'an unknown parameter': `${HEADER}, amount="20000"`,
      'a bar in the realm': HEADER.replace('news.example', 'news.example|x'),
      'a header of 16,385 characters': HEADER + ' '.repeat(16_385 - HEADER.length),
    }),
  ],
};

const challengeFormat: VectorFile = {
  operation: 'challengeFormat',
  about: 'SPEC 4.1: the value of WWW-Authenticate for a challenge',
  vectors: [
    accepted('a server’s challenge', CHALLENGE, HEADER.replace(/, expires=/, ', expires=')),
    accepted(
      'a description: between request and expires, escaped',
      DESCRIBED,
      HEADER.replace(', expires=', `, ${DESCRIPTION}, expires=`),
    ),
    accepted('an empty description is left out', { ...CHALLENGE, description: '' }, HEADER),
  ],
};

function sealed(challenge: object) {
  return { secret: SECRETS.challenge, challenge };
}

/** The id stays, one slot changes: the id does not belong to it any more. */
function changed(challenge: object, kind: string): Vector[] {
  return Object.entries({
    realm: 'news2.example',
    request: details({ refund: 'none' }),
    expires: '2027-01-15T08:10:01Z',
    digest: 'sha-256=:AAAA:',
    opaque: base64url('{"n":"x"}'),
  }).map(([name, value]) =>
    refused(
      'challenge_unknown',
      `${kind}: another ${name}`,
      sealed({ ...challenge, [name]: value }),
    ),
  );
}

const OTHER_SECRET = { ...UNSEALED, id: hmac('another secret', slots(UNSEALED)) };
const BOUND = { ...UNSEALED, digest: 'sha-256=:AAAA:' };

const challengeId: VectorFile = {
  operation: 'challengeId',
  about:
    'SPEC 4.3 and 4.4: an HMAC, or p. and a hash, over seven slots: ' +
    'realm|method|intent|request|expires|digest|opaque',
  vectors: [
    accepted('a server’s challenge', sealed(CHALLENGE), true),
    accepted(
      'with a digest',
      sealed({ ...BOUND, id: hmac(SECRETS.challenge, slots(BOUND)) }),
      true,
    ),
    accepted('a description is no slot', sealed(DESCRIBED), true),
    accepted('built from a page', sealed(PAGE_CHALLENGE), true),
    ...changed(CHALLENGE, 'server'),
    ...changed(PAGE_CHALLENGE, 'page'),
    ...refusals('challenge_unknown', {
      'by another secret': sealed(OTHER_SECRET),
      'half an HMAC': sealed({ ...CHALLENGE, id: CHALLENGE.id.slice(0, 22) }),
      'an id that is not base64url': sealed({ ...CHALLENGE, id: '=' }),
      'the hash of a page-built id without p.': sealed({
        ...UNSEALED,
        id: sha256(slots(UNSEALED)),
      }),
      'an HMAC behind p.': sealed({ ...CHALLENGE, id: `p.${CHALLENGE.id}` }),
      'slots joined without the two empty ones': sealed({
        ...UNSEALED,
        id: hmac(SECRETS.challenge, slots(UNSEALED).slice(0, -2)),
      }),
      'a digest moved into opaque': sealed({
        ...UNSEALED,
        opaque: 'sha-256=:AAAA:',
        id: hmac(SECRETS.challenge, slots(BOUND)),
      }),
    }),
    ...refusals('challenge_malformed', {
      'two slots run into one by a bar': sealed({
        ...UNSEALED,
        digest: 'x|y',
        id: hmac(SECRETS.challenge, slots({ ...UNSEALED, digest: 'x|y' })),
      }),
      'a lone surrogate': sealed({ ...CHALLENGE, realm: 'news.example\ud800' }),
      'an unknown parameter': sealed({ ...CHALLENGE, amount: '1' }),
      'a number': sealed({ ...CHALLENGE, expires: 1 }),
      'a list for a text': sealed({ ...CHALLENGE, realm: ['news.example'] }),
      'another method': sealed({ ...CHALLENGE, method: 'tempo' }),
    }),
  ],
};

const opaque: VectorFile = {
  operation: 'opaque',
  about: 'SPEC 4.4 and 4.7: opaque is a flat object of texts',
  vectors: [
    accepted('a nonce', base64url(canonical({ n: fixed('nonce', 16) })), { n: fixed('nonce', 16) }),
    accepted('nothing in it', base64url('{}'), {}),
    ...refusals('challenge_malformed', {
      'a number': base64url('{"n":1}'),
      'an object in it': base64url('{"n":{}}'),
      'a list': base64url('["n"]'),
      'white space': base64url('{ }'),
      'no JSON': base64url('n=1'),
      'padding behind': `${base64url('{}')}=`,
    }),
  ],
};

export const challengeFiles = {
  request,
  'challenge-header': header,
  'challenge-format': challengeFormat,
  'challenge-id': challengeId,
  opaque,
};
