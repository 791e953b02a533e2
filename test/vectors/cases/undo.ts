import {
  accepted,
  fixed,
  KEYS,
  publicOf,
  refused,
  thumbprint,
  token,
  type VectorFile,
  without,
} from '../material.ts';
import { END, NOTE, SYNC, UNDO } from '../purchase.ts';
import { memberVectors, wrongAmounts, wrongCounts, wrongIds, wrongPaytos } from './members.ts';

const HEADERS = {
  undo: { alg: 'ES256', typ: 'farthing-undo+jws' },
  close: { alg: 'ES256', typ: 'farthing-close+jws' },
  sync: { alg: 'ES256', typ: 'farthing-sync+jws' },
  refund: { alg: 'ES256', kid: thumbprint(KEYS.receipt), typ: 'farthing-refund+jws' },
  final: { alg: 'ES256', kid: thumbprint(KEYS.receipt), typ: 'farthing-final+jws' },
};

type Wrong = Parameters<typeof memberVectors>[1];
type Claims = object;

/** Something that the purse key signs, without a kid. */
function signedByPurse(name: 'undo' | 'close' | 'sync', { about, good, wrong }: Cases): VectorFile {
  const tokenOf = (claims: Claims) => ({
    token: token(HEADERS[name], claims, KEYS.purse),
    key: publicOf(KEYS.purse),
  });
  return {
    operation: name,
    about,
    vectors: [
      ...good.map(([description, claims]) => accepted(description, tokenOf(claims), claims)),
      ...memberVectors(good[0][1], wrong, tokenOf),
      refused('jws_header', 'a kid', {
        token: token({ ...HEADERS[name], kid: thumbprint(KEYS.purse) }, good[0][1], KEYS.purse),
        key: publicOf(KEYS.purse),
      }),
      refused('jws_signature', 'by the key of another purse', {
        token: token(HEADERS[name], good[0][1], KEYS.stranger),
        key: publicOf(KEYS.purse),
      }),
    ],
  };
}
interface Cases {
  readonly about: string;
  readonly good: readonly [readonly [string, Claims], ...(readonly [string, Claims])[]];
  readonly wrong: Wrong;
}

/** Something that a receipt key signs, named by its kid. */
function signedBySeller(name: 'refund' | 'final', { about, good, wrong }: Cases): VectorFile {
  const tokenOf = (claims: Claims) => ({
    token: token(HEADERS[name], claims, KEYS.receipt),
    keys: [publicOf(KEYS.receipt)],
  });
  return {
    operation: name,
    about,
    vectors: [
      ...good.map(([description, claims]) => accepted(description, tokenOf(claims), claims)),
      ...memberVectors(good[0][1], wrong, tokenOf),
      refused('jws_key_unknown', 'no kid', {
        token: token(without(HEADERS[name], 'kid'), good[0][1], KEYS.receipt),
        keys: [publicOf(KEYS.receipt)],
      }),
      refused('jws_key_unknown', 'by a key that the record does not name', {
        token: token(HEADERS[name], good[0][1], KEYS.receipt),
        keys: [publicOf(KEYS.stranger)],
      }),
      refused('jws_signature', 'by another key under that name', {
        token: token(HEADERS[name], good[0][1], KEYS.stranger),
        keys: [publicOf(KEYS.receipt)],
      }),
    ],
  };
}

const WRONG_PLACES = [...wrongPaytos('aud'), ...wrongIds('pur'), ...wrongCounts('seq')];
const WRONG_ENDS = [...WRONG_PLACES, ...wrongAmounts('tot')];
const UNUSED = { ...END, seq: 0, tot: '0' };

const undo = signedByPurse('undo', {
  about: 'SPEC 7.4: the wish to undo a charge, signed by the key of its purse',
  good: [['the third of a purse', UNDO]],
  wrong: [...WRONG_PLACES, ['bnd', fixed('short', 31)], ['amt', '20000']],
});
const refund = signedBySeller('refund', {
  about: 'SPEC 7.5: a refund note, signed by a receipt key of the seller',
  good: [
    ['the first of a purse', NOTE],
    ['a later one', { ...NOTE, rtot: '60000' }],
  ],
  wrong: [...WRONG_PLACES, ...wrongAmounts('amt'), ...wrongAmounts('rtot')],
});
const close = signedByPurse('close', {
  about: 'SPEC 5.12: the wish to close a purse, signed by its key',
  good: [
    ['after three charges', END],
    ['a purse that was never used', UNUSED],
  ],
  wrong: WRONG_ENDS,
});
const sync = signedByPurse('sync', {
  about: 'SPEC 6.11: a proof that a purse is asked about by its reader, signed by its key',
  good: [['under a server’s challenge', SYNC]],
  wrong: [
    ...wrongPaytos('aud'),
    ['cid', ''],
    ['cid', 'x'.repeat(65)],
    ...wrongIds('pur'),
    ['seq', 3],
  ],
});
const final = signedBySeller('final', {
  about: 'SPEC 5.12: a final statement, signed by a receipt key of the seller',
  good: [
    ['after three charges', END],
    ['a purse that was never used', UNUSED],
  ],
  wrong: WRONG_ENDS,
});

export const undoFiles = { undo, refund, close, final, sync };
