import { createCipheriv, createHash, hkdfSync } from 'node:crypto';
import {
  accepted,
  base64url,
  fixed,
  KEYS,
  publicOf,
  refusals,
  thumbprint,
  type VectorFile,
} from '../material.ts';
import { keyOf, ORDER } from '../p256.ts';

/** Published with BIP-39: bytes → words. */
const PUBLISHED: readonly (readonly [string, string])[] = [
  ['00000000000000000000000000000000', `${'abandon '.repeat(11)}about`],
  [
    '7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f',
    'legal winner thank year wave sausage worth useful legal winner thank yellow',
  ],
  [
    '80808080808080808080808080808080',
    'letter advice cage absurd amount doctor acoustic avoid letter advice cage above',
  ],
  ['ffffffffffffffffffffffffffffffff', `${'zoo '.repeat(11)}wrong`],
  [
    '9e885d952ad362caeb4efe34a8e91bd2',
    'ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic',
  ],
  [
    'c0ba5a8e914111210f2bd131f3d5e08d',
    'scheme spot photo card baby mountain device kick cradle pact join borrow',
  ],
  [
    'f30f8c1da665478f49b001d94c5fc452',
    'vessel ladder alter error federal sibling chat ability sun glass valve picture',
  ],
];
const OZONE = 'ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic';
const OZONE_SECRET = Buffer.from('9e885d952ad362caeb4efe34a8e91bd2', 'hex');

const words: VectorFile = {
  operation: 'words',
  about: 'SPEC 9.18: a recovery secret as twelve words of BIP-39',
  vectors: [
    ...PUBLISHED.map(([hex, text]) =>
      accepted(`published with BIP-39: ${hex}`, text, {
        secret: base64url(Buffer.from(hex, 'hex')),
        words: text,
      }),
    ),
    accepted('as people type them', `  ${OZONE.toUpperCase().replaceAll(' ', ' \n ')}\t`, {
      secret: base64url(OZONE_SECRET),
      words: OZONE,
    }),
    ...refusals('words_count', {
      'no words': '',
      'one too few': OZONE.replace(' picnic', ''),
      'one too many': `${OZONE} picnic`,
      'twenty-four': `${OZONE} ${OZONE}`,
    }),
    ...refusals('words_unknown', {
      'a word of no list': OZONE.replace('fiber', 'farthing'),
      'the beginning of a word': OZONE.replace('picnic', 'picn'),
      'a word of the French list': OZONE.replace('ozone', 'abaisser'),
      'a name of every object': OZONE.replace('ozone', 'constructor'),
    }),
    ...refusals('words_checksum', {
      'another word of the list': OZONE.replace('picnic', 'piece'),
      'two that changed places': OZONE.replace('ozone drill', 'drill ozone'),
      'one word twelve times': 'abandon '.repeat(12),
    }),
  ],
};

const ACCOUNT = fixed('account', 16);
const HISTORY_KEY = Buffer.from(fixed('history key', 32), 'base64url');
const IV = Buffer.from(fixed('iv', 12), 'base64url');

function derive(secret: Uint8Array, label: string, byteCount: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, new Uint8Array(), label, byteCount));
}

/** The recovery key, written down from the clause and not from the code. */
function recoveryKey(secret: Uint8Array) {
  const wide = derive(secret, 'farthing/recovery/key/1', 48).toString('hex');
  return keyOf(1n + (BigInt(`0x${wide}`) % (ORDER - 1n)));
}

function sealedWith(key: Uint8Array, name: string, bytes: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, IV).setAAD(Buffer.from(name));
  return Buffer.concat([IV, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** The same but for one bit of its byte `at`. */
function flipped(bytes: Buffer, at: number): string {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return base64url(copy);
}

const SECRETS: readonly (readonly [string, Buffer])[] = [
  ['of words', OZONE_SECRET],
  ['of zeros', Buffer.alloc(16)],
  ['of a passkey', createHash('sha256').update('farthing vector passkey').digest()],
];
const nameOf = (account: string) => `farthing/history-key/1|${account}`;
const sealedFor = (secret: Buffer) =>
  sealedWith(derive(secret, 'farthing/recovery/seal/1', 32), nameOf(ACCOUNT), HISTORY_KEY);
const OZONE_SEALED = sealedFor(OZONE_SECRET);
const sealedInput = (sealed: string, account = ACCOUNT, secret: Buffer = OZONE_SECRET) => ({
  secret: base64url(secret),
  account,
  sealed,
});

const recovery: VectorFile = {
  operation: 'recovery',
  about: 'SPEC 9.18: the recovery key of a secret, and the history key that is sealed for it',
  vectors: [
    ...SECRETS.map(([description, secret]) =>
      accepted(description, sealedInput(base64url(sealedFor(secret)), ACCOUNT, secret), {
        jwk: publicOf(recoveryKey(secret)),
        kid: thumbprint(recoveryKey(secret)),
        historyKey: base64url(HISTORY_KEY),
      }),
    ),
    ...refusals('history_damaged', {
      'another secret': sealedInput(base64url(OZONE_SEALED), ACCOUNT, Buffer.alloc(16)),
      'of another account': sealedInput(base64url(OZONE_SEALED), fixed('other', 16)),
      'a byte short': sealedInput(base64url(OZONE_SEALED.subarray(0, -1))),
      'another iv': sealedInput(flipped(OZONE_SEALED, 0)),
      'another text': sealedInput(flipped(OZONE_SEALED, 20)),
      'another tag': sealedInput(flipped(OZONE_SEALED, OZONE_SEALED.length - 1)),
      'nothing but an iv': sealedInput(base64url(IV)),
      'no base64url': sealedInput('A==='),
    }),
  ],
};

const DEVICE = thumbprint(KEYS.device);
const TEXT = '{"first":1,"payments":[],"purses":{},"sellers":[]}';
const filled = (text: string) => Buffer.from(text.padEnd(1024, ' '));
const placeName = (account: string, device: string, place: number) =>
  `farthing/history/1|${account}|${device}|${place}`;
const CHUNK = sealedWith(HISTORY_KEY, placeName(ACCOUNT, DEVICE, 7), filled(TEXT));
const chunkInput = (changes: object = {}) => ({
  key: base64url(HISTORY_KEY),
  account: ACCOUNT,
  device: DEVICE,
  place: 7,
  chunk: base64url(CHUNK),
  ...changes,
});

const chunk: VectorFile = {
  operation: 'chunk',
  about: 'SPEC 9.19: a chunk of the history copy, in its place',
  vectors: [
    accepted('in its place', chunkInput(), TEXT),
    ...refusals('history_damaged', {
      'in the place of another': chunkInput({ place: 8 }),
      'of another device': chunkInput({ device: thumbprint(KEYS.stranger) }),
      'of another account': chunkInput({ account: fixed('other', 16) }),
      'with another key': chunkInput({ key: fixed('other key', 32) }),
      cut: chunkInput({ chunk: base64url(CHUNK.subarray(0, 512)) }),
      changed: chunkInput({ chunk: flipped(CHUNK, 300) }),
      'not UTF-8': chunkInput({
        chunk: base64url(
          sealedWith(HISTORY_KEY, placeName(ACCOUNT, DEVICE, 7), Buffer.from([0xff, 0xfe])),
        ),
      }),
    }),
  ],
};

export const recoveryFiles = { words, recovery, chunk };
