import {
  accepted,
  base64url,
  canonical,
  fixed,
  hmac,
  KEYS,
  publicOf,
  refusals,
  refused,
  SECRETS,
  sha256,
  thumbprint,
  token,
  type VectorFile,
  without,
} from '../material.ts';
import { CHARGE, RECEIPT } from '../purchase.ts';
import { memberVectors, wrongAmounts, wrongCounts, wrongIds } from './members.ts';

const HEADER = { alg: 'ES256', kid: thumbprint(KEYS.receipt), typ: 'farthing-receipt+jws' };
const CHARGE_TOKEN = token({ alg: 'ES256', typ: 'farthing-charge+jws' }, CHARGE, KEYS.purse);

function receiptToken(claims: object) {
  return { token: token(HEADER, claims, KEYS.receipt), keys: [publicOf(KEYS.receipt)] };
}

const receipt: VectorFile = {
  operation: 'receipt',
  about: 'SPEC 7.1: a receipt, signed by a receipt key of the seller',
  vectors: [
    accepted('an article for a year', receiptToken(RECEIPT), RECEIPT),
    accepted('a day pass', receiptToken({ ...RECEIPT, free: RECEIPT.undo }), {
      ...RECEIPT,
      free: RECEIPT.undo,
    }),
    ...memberVectors(
      RECEIPT,
      [
        ...wrongIds('pur'),
        ...wrongCounts('seq'),
        ...wrongAmounts('tot'),
        ...wrongAmounts('amt'),
        ...wrongCounts('at'),
        ...wrongCounts('until'),
        ...wrongCounts('undo'),
        ['bnd', fixed('short', 31)],
        ...wrongCounts('free'),
        ['scope', 'cap'],
        ['item', '/articles/42'],
      ],
      receiptToken,
    ),
    refused('jws_key_unknown', 'by a key that the record does not name', {
      token: token(HEADER, RECEIPT, KEYS.receipt),
      keys: [publicOf(KEYS.stranger)],
    }),
  ],
};

const RECEIPT_JSON = {
  method: 'farthing',
  status: 'success',
  timestamp: '2027-01-15T08:01:00.000Z',
  reference: `${RECEIPT.pur}.3`,
  receipt: receiptToken(RECEIPT).token,
};
const receiptHeader: VectorFile = {
  operation: 'receiptHeader',
  about: 'SPEC 4.8: the receipt in Payment-Receipt',
  vectors: [
    accepted('as a seller writes it', base64url(JSON.stringify(RECEIPT_JSON)), RECEIPT),
    ...refusals('receipt_invalid', {
      nothing: '',
      'a bare token': RECEIPT_JSON.receipt,
      'no JSON': base64url('success'),
      null: base64url('null'),
      'another method': base64url(JSON.stringify({ ...RECEIPT_JSON, method: 'tempo' })),
      'no receipt': base64url(JSON.stringify(without(RECEIPT_JSON, 'receipt'))),
      'a charge for a receipt': base64url(
        JSON.stringify({ ...RECEIPT_JSON, receipt: CHARGE_TOKEN }),
      ),
      padding: `${base64url(JSON.stringify(RECEIPT_JSON))}==`,
    }),
  ],
};

const PASS = {
  origin: 'https://news.example',
  item: '/articles/42',
  exp: RECEIPT.until,
  pur: RECEIPT.pur,
  seq: 3,
};
const PASS_NAME = `__Secure-fee-${sha256(canonical([PASS.origin, PASS.item])).slice(0, 16)}`;
const sealedText = (text: string, secret: string = SECRETS.pass) => ({
  token: `${base64url(text)}.${hmac(secret, base64url(text))}`,
  secret: SECRETS.pass,
});
const sealed = (content: unknown) => sealedText(canonical(content));
const PASS_TOKEN = sealed(PASS).token;
const PASS_MAC = hmac(SECRETS.pass, base64url(canonical(PASS)));

const pass: VectorFile = {
  operation: 'pass',
  about: 'SPEC 7.2: a pass; a bad cookie is no cookie',
  vectors: [
    accepted('an article', sealed(PASS), {
      pass: PASS,
      name: PASS_NAME,
    }),
    accepted('while it can be undone', sealed({ ...PASS, und: RECEIPT.undo }), {
      pass: { ...PASS, und: RECEIPT.undo },
      name: PASS_NAME,
    }),
    accepted('what is free under a cap', sealed({ ...PASS, cap: 'cap.x' }), {
      pass: { ...PASS, cap: 'cap.x' },
      name: PASS_NAME,
    }),
    accepted('a ticket', sealed({ ...PASS, once: true }), {
      pass: { ...PASS, once: true },
      name: PASS_NAME,
    }),
    ...refusals('none', {
      nothing: { token: '', secret: SECRETS.pass },
      'by another secret': sealedText(canonical(PASS), 'another secret'),
      'no HMAC': { token: PASS_TOKEN.split('.')[0], secret: SECRETS.pass },
      'an empty HMAC': { token: `${PASS_TOKEN.split('.')[0]}.`, secret: SECRETS.pass },
      'a third segment': { token: `${PASS_TOKEN}.`, secret: SECRETS.pass },
      padding: { token: `${PASS_TOKEN}=`, secret: SECRETS.pass },
      'another item under the same HMAC': {
        token: sealed({ ...PASS, item: '/articles/43' }).token.replace(/[^.]*$/, PASS_MAC),
        secret: SECRETS.pass,
      },
      'white space': sealedText(canonical(PASS).replace(',', ', ')),
      'no expiry': sealed(without(PASS, 'exp')),
      'an unknown member': sealed({ ...PASS, admin: true }),
      'an end of the undo window that is a text': sealed({ ...PASS, und: '1' }),
      'a ticket that is not one': sealed({ ...PASS, once: false }),
      'a cap of no name': sealed({ ...PASS, cap: '' }),
      'an item that is a number': sealed({ ...PASS, item: 42 }),
      'over 2,048 characters': sealed({ ...PASS, item: 'a'.repeat(1600) }),
    }),
  ],
};

export const receiptFiles = { receipt, 'receipt-header': receiptHeader, pass };
