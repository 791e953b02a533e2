/**
 * Protocol 11, case 2: a seller takes its own terms to the byte, and nothing near them (SPEC 4.5).
 */
import { expect, it } from 'vitest';
import { encodeBase64url, utf8 } from '../../../src/protocol/base64url.ts';
import { buildChallenge } from '../../../src/protocol/challenge.ts';
import { canonicalJson } from '../../../src/protocol/json.ts';
import { encodeTerms } from '../../../src/protocol/terms.ts';
import { headerFor, pageChallenge, payChallenge } from '../../support/payer.ts';
import { chargeFor42, codeOf, openShop, rowOf, TERMS_42, URL_42 } from './shop.ts';

const TERM_CHANGES: [string, object][] = [
  ['one micro more', { amountMicros: 20_001n }],
  ['one micro less', { amountMicros: 19_999n }],
  ['another account of the seller', { payto: 'daily2@pay.example' }],
  ['another item', { item: '/articles/43' }],
  ['a longer duration', { durationSec: 366 * 86_400 }],
  ['a longer undo window', { refundSec: 601 }],
  ['no undo', { refundSec: 0 }],
  ['a cap', { cap: { amountMicros: 1n, periodSec: 86_400 } }],
  ['a meter', { meter: '10s' }],
];
it.each(TERM_CHANGES)('a page-built challenge with %s is terms_changed', async (_, changes) => {
  const shop = await openShop();
  const purse = await shop.purse();
  const answer = await shop.pay((await chargeFor42(purse, changes)).header);
  expect(await codeOf(answer)).toBe('terms_changed');
  expect(await rowOf(shop, purse)).toBeUndefined();
});

it('a shop behind a proxy that does not know its own address says at which it is', async () => {
  const shop = await openShop();
  const header = (await chargeFor42(await shop.purse())).header;
  const answer = await shop.pay(header, URL_42.replace('https:', 'http:'));
  expect(await answer.json()).toMatchObject({
    farthing: 'terms_changed',
    detail: 'the terms here, at http://news.example, are those of the new challenge',
  });
});

const WIRE = JSON.parse(Buffer.from(encodeTerms(TERMS_42), 'base64url').toString());
const SPELLINGS: [string, string][] = [
  [
    'another order of members',
    JSON.stringify({
      recipient: WIRE.recipient,
      amount: WIRE.amount,
      currency: WIRE.currency,
      methodDetails: WIRE.methodDetails,
    }),
  ],
  ['an escape', canonicalJson(WIRE).replace('daily', '\\u0064aily')],
  ['white space', JSON.stringify(WIRE, null, 1)],
  ['a member more', canonicalJson({ ...WIRE, title: 'How tides work' })],
];
it.each(SPELLINGS)('a request with %s is terms_changed', async (_, text) => {
  const shop = await openShop();
  const purse = await shop.purse();
  const honest = await pageChallenge(URL_42, TERMS_42);
  const request = encodeBase64url(utf8(text));
  const nonce = crypto.getRandomValues(new Uint8Array(16));
  const challenge = await buildChallenge({
    realm: 'news.example',
    request,
    expires: undefined,
    nonce,
  });
  const charge = await payChallenge(purse, honest, { opening: { request } });
  const answer = await shop.pay(headerFor(purse, { ...charge, challenge }));
  expect(await codeOf(answer)).toBe('terms_changed');
  expect(await rowOf(shop, purse)).toBeUndefined();
});
