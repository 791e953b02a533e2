import {
  accepted,
  fixed,
  KEYS,
  publicOf,
  refusals,
  refused,
  sha256,
  thumbprint,
  token,
  type VectorFile,
  without,
} from '../material.ts';
import { ISSUED_SEC, PAYTO } from '../purchase.ts';
import { memberVectors, wrongAmounts, wrongCounts, wrongIds } from './members.ts';

const key = publicOf(KEYS.receipt);
const PROVIDER_KEYS = [publicOf(KEYS.provider)];

function byProvider(typ: string) {
  const header = { alg: 'ES256', kid: thumbprint(KEYS.provider), typ };
  return (claims: object) => ({
    token: token(header, claims, KEYS.provider),
    keys: PROVIDER_KEYS,
  });
}

const PROVIDER = {
  iss: 'https://pay.example',
  name: 'Pay',
  sandbox: false,
  currencies: ['USD', 'EUR'],
  starter: '250000',
  iat: ISSUED_SEC,
};
const providerToken = byProvider('farthing-provider+jwt');

const NEWS = 'https://news.example/articles/tides';
const WRONG_FIRSTS = [
  '',
  'news.example',
  'https://news.example',
  'https://News.example/',
  'https://news.example:443/',
  'https://u:p@news.example/',
  'http://news.example/',
  'https://news.localhost/',
  'javascript:alert(1)',
  `https://news.example/${'a'.repeat(2048)}`,
  [NEWS],
];

const provider: VectorFile = {
  operation: 'provider',
  about: 'SPEC 2.5: a provider record',
  vectors: [
    accepted('a provider', providerToken(PROVIDER), PROVIDER),
    ...firstVectors(),
    ...memberVectors(
      PROVIDER,
      [
        ['sandbox', 'true'],
        ['sandbox', 1],
        ['currencies', ['usd']],
        ['currencies', 'USD'],
        ['name', ''],
        ['name', 'é'.repeat(121)],
        ...wrongAmounts('starter'),
        ...wrongCounts('iat'),
      ],
      providerToken,
    ),
  ],
};

/** A page for new readers to begin at, which there need not be. */
function firstVectors() {
  const recordWith = (first: unknown, sandbox: boolean) => ({ ...PROVIDER, sandbox, first });
  const here = 'http://news.localhost:4020/articles/tides';
  return [
    accepted('first is a page', providerToken(recordWith(NEWS, false)), recordWith(NEWS, false)),
    accepted(
      'first is here, in a sandbox',
      providerToken(recordWith(here, true)),
      recordWith(here, true),
    ),
    refused('payload_malformed', 'first is here', providerToken(recordWith(here, false))),
    ...WRONG_FIRSTS.map((first) =>
      refused(
        'payload_malformed',
        `first is ${JSON.stringify(first).slice(0, 60)}`,
        providerToken(recordWith(first, true)),
      ),
    ),
  ];
}

const SELLER = {
  iss: 'https://pay.example',
  sub: PAYTO,
  name: 'The Daily Courier',
  origins: ['https://news.example', 'https://news.example:8443'],
  keys: [key],
  iat: ISSUED_SEC,
  exp: ISSUED_SEC + 86_400,
};
const sellerToken = byProvider('farthing-seller+jwt');
const WRONG_ORIGINS = [
  'https://news.example/',
  'https://News.example',
  'https://news.example:443',
  'https://*.example',
  'https://b\u00fccher.example',
  'https://u:p@news.example',
  'ftp://news.example',
  'news.example',
  'null',
];

const seller: VectorFile = {
  operation: 'seller',
  about: 'SPEC 2.4: a seller record',
  vectors: [
    accepted('a seller', sellerToken(SELLER), SELLER),
    ...memberVectors(
      SELLER,
      [
        ['sub', 'TheDaily@pay.example', 'payto_malformed'],
        ...WRONG_ORIGINS.map((origin) => ['origins', [origin]] as const),
        ['origins', 'https://news.example'],
        ['origins', Array.from({ length: 33 }, (_, index) => `https://a${index}.example`)],
        ['keys', [{ ...key, d: KEYS.receipt.d }], 'jwk_malformed'],
        ['keys', Array(9).fill(key)],
        ['exp', ISSUED_SEC],
        ['exp', ISSUED_SEC + 86_401],
        ...wrongCounts('exp'),
      ],
      sellerToken,
    ),
  ],
};

const BALANCE = {
  iss: 'https://pay.example',
  sub: fixed('account', 16),
  cur: 'USD',
  available: '4310000',
  starter: '250000',
  aside: '600000',
  rev: 17,
  iat: ISSUED_SEC,
};
const balanceToken = byProvider('farthing-balance+jwt');

const balance: VectorFile = {
  operation: 'balance',
  about: 'SPEC 9.4: a balance',
  vectors: [
    accepted('a balance', balanceToken(BALANCE), BALANCE),
    ...memberVectors(
      BALANCE,
      [
        ...wrongIds('sub'),
        ['cur', 'usd'],
        ...wrongAmounts('available'),
        ...wrongAmounts('starter'),
        ...wrongAmounts('aside'),
        ...wrongCounts('rev'),
      ],
      balanceToken,
    ),
  ],
};

const STATEMENT = {
  iss: 'https://pay.example',
  sub: fixed('account', 16),
  pur: fixed('purse', 16),
  aud: PAYTO,
  cur: 'USD',
  state: 'released',
  seq: 3,
  tot: '60000',
  lim: '100000',
  exp: ISSUED_SEC + 604_800,
  iat: ISSUED_SEC,
};
const statementToken = byProvider('farthing-statement+jwt');

const statement: VectorFile = {
  operation: 'statement',
  about: 'SPEC 9.14: a purse as its provider has it',
  vectors: [
    accepted('a statement', statementToken(STATEMENT), STATEMENT),
    ...memberVectors(
      STATEMENT,
      [
        ...wrongIds('sub'),
        ...wrongIds('pur'),
        ['aud', 'TheDaily@pay.example', 'payto_malformed'],
        ['cur', 'usd'],
        ['state', 'closed'],
        ...wrongCounts('seq'),
        ...wrongAmounts('tot'),
        ...wrongAmounts('lim'),
        ...wrongCounts('exp'),
      ],
      statementToken,
    ),
  ],
};

const PROOF = {
  jti: fixed('proof', 16),
  htm: 'POST',
  htu: 'https://pay.example/v1/purses',
  nonce: fixed('provider nonce', 16),
  qry: '?a=1',
  dig: sha256('{"id":"x"}'),
  iat: ISSUED_SEC,
};
const PROOF_HEADER = { alg: 'ES256', jwk: publicOf(KEYS.device), typ: 'dpop+jwt' };
const proofBy = (header: object, claims: object) => ({ token: token(header, claims, KEYS.device) });
const proofToken = (claims: object) => proofBy(PROOF_HEADER, claims);
const REQUIRED = without(without(PROOF, 'qry'), 'dig');

const proof: VectorFile = {
  operation: 'proof',
  about: 'SPEC 9.2: a proof of key, checked by the key in its own header',
  vectors: [
    accepted('with query and body', proofToken(PROOF), PROOF),
    accepted('without', proofToken(REQUIRED), REQUIRED),
    ...memberVectors(
      REQUIRED,
      [
        ...wrongIds('jti'),
        ['htm', ''],
        ['htm', 'PROPPATCHES'],
        ['nonce', ''],
        ['dig', fixed('short', 31)],
        ['qry', ''],
        ...wrongCounts('iat'),
      ],
      proofToken,
    ),
    refused('jws_header', 'no jwk', proofBy(without(PROOF_HEADER, 'jwk'), PROOF)),
    refused('jws_header', 'a kid', proofBy({ ...PROOF_HEADER, kid: 'device' }, PROOF)),
    refused(
      'jwk_malformed',
      'a private key for the jwk',
      proofBy({ ...PROOF_HEADER, jwk: KEYS.device }, PROOF),
    ),
    refused(
      'jws_signature',
      'the jwk of another',
      proofBy({ ...PROOF_HEADER, jwk: publicOf(KEYS.stranger) }, PROOF),
    ),
  ],
};

const named = { ...publicOf(KEYS.provider), kid: thumbprint(KEYS.provider) };
const jwks: VectorFile = {
  operation: 'jwks',
  about: 'SPEC 2.5: the keys of a provider',
  vectors: [
    accepted('one key', { keys: [named] }, PROVIDER_KEYS),
    accepted('with alg and use', { keys: [{ ...named, alg: 'ES256', use: 'sig' }] }, PROVIDER_KEYS),
    accepted('none', { keys: [] }, []),
    ...refusals('payload_malformed', {
      'a private key': { keys: [{ ...named, d: KEYS.provider.d }] },
      'another algorithm': { keys: [{ ...named, alg: 'ES384' }] },
      'for encryption': { keys: [{ ...named, use: 'enc' }] },
      'no kid': { keys: PROVIDER_KEYS },
      'nine keys': { keys: Array(9).fill(named) },
      'a bare list': [named],
      null: null,
    }),
    refused('jwk_malformed', 'a coordinate that is cut', { keys: [{ ...named, x: 'AAAA' }] }),
  ],
};

const PROVEN = { account: thumbprint(KEYS.device), keys: [key], paytos: [PAYTO] };

const origin: VectorFile = {
  operation: 'origin',
  about: 'SPEC 2.3: /.well-known/farthing.json',
  vectors: [
    accepted('one payto', PROVEN, PROVEN),
    ...refusals('payload_malformed', {
      'no account': without(PROVEN, 'account'),
      'no paytos': without(PROVEN, 'paytos'),
      'no keys': without(PROVEN, 'keys'),
      'an unknown member': { ...PROVEN, name: 'x' },
      'an account that is a key': { ...PROVEN, account: key },
      'one payto without a list': { ...PROVEN, paytos: PAYTO },
      'nine paytos': { ...PROVEN, paytos: Array(9).fill(PAYTO) },
      'a text': PAYTO,
    }),
    refused('payto_malformed', 'a payto in capitals', { ...PROVEN, paytos: ['A@pay.example'] }),
    refused('jwk_malformed', 'a private key', { ...PROVEN, keys: [KEYS.receipt] }),
  ],
};

export const documentFiles = { provider, seller, balance, statement, proof, jwks, origin };
