/**
 * The order of checks is contract (SPEC 6.4): each code is reached, and nothing is stored by a
 * refusal.
 */

import { expect, it } from 'vitest';
import { encodeBase64url, utf8 } from '../../../../src/protocol/base64url.ts';
import {
  type Challenge,
  importHmacKey,
  sealChallenge,
} from '../../../../src/protocol/challenge.ts';
import { CREDENTIAL_LENGTH_MAX } from '../../../../src/protocol/credential.ts';
import type { ErrorCode } from '../../../../src/protocol/errors.ts';
import type { Micros } from '../../../../src/protocol/money.ts';
import { encodeTerms } from '../../../../src/protocol/terms.ts';
import { putPurse, readPurse } from '../../../../src/seller/charges/purses.ts';
import {
  type Crooked,
  challengeIn,
  headerFor,
  makeKey,
  makePurse,
  pageChallenge,
  payChallenge,
  randomId,
  renewCertificate,
  settlePurse,
  type TestPurse,
  twinOf,
} from '../../../support/payer.ts';
import {
  chargeFor42,
  codeOf,
  openShop,
  PAYTO,
  rowOf,
  type Shop,
  TERMS_42,
  URL_42,
} from '../shop.ts';

const SECOND_MS = 1000;
const encode = (value: unknown) => `Payment ${encodeBase64url(utf8(JSON.stringify(value)))}`;
const micros = (value: bigint) => value as Micros;

async function forged(shop: Shop): Promise<Challenge> {
  const { id: _, ...rest } = challengeIn(await shop.visit());
  return sealChallenge(rest, await importHmacKey(new Uint8Array(32).fill(7)));
}

/** A fresh purse's charge with something crooked about it. */
async function crookedCharge(purse: TestPurse, crooked: Crooked, changes = {}) {
  const challenge = await pageChallenge(URL_42, { ...TERMS_42, ...changes });
  return (await payChallenge(purse, challenge, crooked)).header;
}

type Attempt = { header: string; method?: string };
interface Case {
  readonly code: ErrorCode;
  readonly name: string;
  /** `purse` has one accepted charge already. */
  readonly make: (shop: Shop, purse: TestPurse) => Promise<string | Attempt>;
}

const STEP_1: Case[] = [
  {
    code: 'credential_too_large',
    name: 'a header over 4,096 characters',
    make: async () => `Payment ${'A'.repeat(CREDENTIAL_LENGTH_MAX)}`,
  },
  {
    code: 'credential_malformed',
    name: 'a header that is not JSON',
    make: async () => 'Payment AAAA',
  },
  {
    code: 'credential_malformed',
    name: 'a scheme with nothing behind it',
    make: async () => 'Payment',
  },
  {
    code: 'challenge_malformed',
    name: 'a challenge of another method',
    make: async () => encode({ challenge: { method: 'x' }, payload: {} }),
  },
  {
    code: 'action_unsupported',
    name: 'an action of a later version',
    make: async () =>
      encode({ challenge: await pageChallenge(URL_42, TERMS_42), payload: { action: 'tick' } }),
  },
  {
    code: 'jws_typ',
    name: 'a certificate in the place of a charge',
    make: async (_, purse) => {
      const charge = await chargeFor42(purse);
      return headerFor(purse, { ...charge, token: purse.certificate });
    },
  },
  {
    code: 'encoding_not_canonical',
    name: 'a signature with another last character',
    make: async (_, purse) => {
      const charge = await chargeFor42(purse);
      const last = charge.token.at(-1) ?? '';
      const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      const other = ALPHABET[ALPHABET.indexOf(last) ^ 1] ?? '';
      return headerFor(purse, { ...charge, token: charge.token.slice(0, -1) + other });
    },
  },
  {
    code: 'binding_mismatch',
    name: 'an opening that was not sealed',
    make: (_, purse) => crookedCharge(purse, { sentOpening: { jti: randomId() } }),
  },
];

const STEPS_3_TO_5: Case[] = [
  {
    code: 'challenge_unknown',
    name: 'a challenge sealed by somebody else',
    make: async (shop, purse) => (await payChallenge(purse, await forged(shop))).header,
  },
  {
    code: 'challenge_unknown',
    name: 'a page-built challenge whose id is of other parameters',
    make: async (_, purse) => {
      const charge = await chargeFor42(purse);
      return headerFor(purse, {
        ...charge,
        challenge: { ...charge.challenge, expires: '2030-01-01T00:00:00Z' },
      });
    },
  },
  {
    code: 'challenge_expired',
    name: 'the seller’s own challenge at its last moment',
    make: async (shop, purse) => {
      const charge = await payChallenge(purse, challengeIn(await shop.visit()));
      shop.world.nowMs += 600 * SECOND_MS;
      return charge.header;
    },
  },
  {
    code: 'method_not_bound',
    name: 'a page-built challenge with POST',
    make: async (_, purse) => ({ header: (await chargeFor42(purse)).header, method: 'POST' }),
  },
  {
    code: 'digest_mismatch',
    name: 'the seller’s own challenge for GET with POST',
    make: async (shop, purse) => ({
      header: (await payChallenge(purse, challengeIn(await shop.visit()))).header,
      method: 'POST',
    }),
  },
  {
    code: 'purse_unknown',
    name: 'a new purse without its certificate',
    make: async (shop) => crookedCharge(await shop.purse(), { certificate: null }),
  },
  {
    code: 'purse_unknown',
    name: 'a certificate of another purse',
    make: async (shop) =>
      crookedCharge(await shop.purse(), { certificate: (await shop.purse()).certificate }),
  },
  {
    code: 'certificate_issuer',
    name: 'a certificate of another provider',
    make: async (shop) =>
      crookedCharge(await makePurse(shop.provider, PAYTO, { iss: 'https://evil.example' }), {}),
  },
  {
    code: 'jws_key_unknown',
    name: 'a certificate by a key that the provider does not publish',
    make: async (shop) => {
      const purse = await shop.purse();
      await renewCertificate(purse, {}, await makeKey());
      return crookedCharge(purse, {});
    },
  },
  {
    code: 'jws_signature',
    name: 'a certificate by another key under the provider’s name',
    make: async (shop) => {
      const purse = await shop.purse();
      const { kid } = shop.provider.signing;
      await renewCertificate(purse, {}, { ...(await makeKey()), kid });
      return crookedCharge(purse, {});
    },
  },
  {
    code: 'certificate_replaced',
    name: 'a certificate of the same purse for another reader',
    make: async (_, purse) => {
      await renewCertificate(purse, { sub: randomId() });
      return crookedCharge(purse, {});
    },
  },
  {
    code: 'purse_audience',
    name: 'a purse for another seller',
    make: async (shop) => crookedCharge(await makePurse(shop.provider, 'times@pay.example'), {}),
  },
  {
    code: 'purse_audience',
    name: 'a charge for another seller',
    make: (_, purse) => crookedCharge(purse, { charge: { aud: 'times@pay.example' } }),
  },
  {
    code: 'purse_currency',
    name: 'a purse in another currency',
    make: async (shop) => {
      const purse = await makePurse(shop.provider, PAYTO, { cur: 'EUR' });
      return crookedCharge(purse, {}, { currency: 'EUR' });
    },
  },
  {
    code: 'purse_currency',
    name: 'a charge in another currency than its purse',
    make: (_, purse) => crookedCharge(purse, { charge: { cur: 'EUR' } }),
  },
  {
    code: 'purse_expired',
    name: 'a purse at its last moment',
    make: async (shop, purse) => {
      shop.world.nowMs = purse.claims.exp * SECOND_MS;
      return crookedCharge(purse, {});
    },
  },
];

const STEPS_6_TO_8: Case[] = [
  {
    code: 'terms_changed',
    name: 'yesterday’s price',
    make: (_, purse) => crookedCharge(purse, {}, { amountMicros: 10_000n }),
  },
  {
    code: 'terms_changed',
    name: 'a challenge of another host',
    make: async (_, purse) =>
      (await payChallenge(purse, await pageChallenge('https://evil.example/articles/42', TERMS_42)))
        .header,
  },
  {
    code: 'binding_mismatch',
    name: 'an opening for other terms than the challenge',
    make: (_, purse) =>
      crookedCharge(purse, { opening: { request: encodeTerms({ ...TERMS_42, item: '/' }) } }),
  },
  {
    code: 'amount_mismatch',
    name: 'an opening with another amount',
    make: (_, purse) => crookedCharge(purse, { opening: { amt: micros(1n) } }),
  },
  {
    code: 'jws_signature',
    name: 'a charge by another key',
    make: async (_, purse) => crookedCharge(purse, { signer: await makeKey() }),
  },
  {
    code: 'purse_closed',
    name: 'a closed purse',
    make: async (shop, purse) => {
      const row = await rowOf(shop, purse);
      if (row) await putPurse(shop.store, { ...row, final: 'f.i.n', rev: row.rev + 1 });
      return crookedCharge(purse, {});
    },
  },
  {
    code: 'superseded',
    name: 'an older place in the purse',
    make: (_, purse) => crookedCharge(purse, { charge: { seq: 0 } }),
  },
  {
    code: 'out_of_sync',
    name: 'another charge at the same place',
    make: (_, purse) => crookedCharge(purse, { charge: { seq: 1, tot: micros(20_000n) } }),
  },
  {
    code: 'out_of_sync',
    name: 'a place left out',
    make: (_, purse) => crookedCharge(purse, { charge: { seq: 3 } }),
  },
  {
    code: 'out_of_sync',
    name: 'a total that is one micro short',
    make: (_, purse) => crookedCharge(purse, { charge: { tot: micros(39_999n) } }),
  },
  {
    code: 'over_limit',
    name: 'a total over what the purse holds',
    make: async (shop) =>
      crookedCharge(await makePurse(shop.provider, PAYTO, { lim: micros(19_999n) }), {}),
  },
];

/** The rows; whether the last charge can still be taken back is not about money. */
async function booksOf({ store }: Shop) {
  const rows = (await store.due({ limit: 10 })).map(readPurse);
  return rows.map(({ rev: _, firm: __, ...row }) => row);
}

it.each([...STEP_1, ...STEPS_3_TO_5, ...STEPS_6_TO_8])(
  '$name is refused with $code',
  async ({ code, make }) => {
    const shop = await openShop();
    const purse = await shop.purse();
    const first = await chargeFor42(purse);
    await shop.pay(first.header);
    settlePurse(purse, first);

    const made = await make(shop, purse);
    const { header, method = 'GET' } = typeof made === 'string' ? { header: made } : made;
    const before = await booksOf(shop);
    const answersBefore = shop.world.answers;
    const answer = await shop.pay(header, URL_42, method);

    expect(await codeOf(answer)).toBe(code);
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
    expect(challengeIn(answer).request).toBe(encodeTerms(TERMS_42));
    expect(await booksOf(shop)).toEqual(before);
    expect(shop.world.answers).toBe(answersBefore);
  },
);

const LATER_FAULTS: [string, (shop: Shop) => void][] = [
  [
    'the certificate',
    ({ world }) => {
      world.nowMs += 8 * 86_400 * SECOND_MS;
    },
  ],
  [
    'the price',
    ({ world }) => {
      world.price = '0.03 USD';
    },
  ],
];
it.each(LATER_FAULTS)('a bad binding is found before what is wrong with %s', async (_, spoil) => {
  const shop = await openShop();
  const purse = await shop.purse();
  const header = await crookedCharge(purse, {
    sentOpening: { jti: randomId() },
    signer: await makeKey(),
  });
  spoil(shop);
  expect(await codeOf(await shop.pay(header))).toBe('binding_mismatch');
});

it('the expiry is found before the terms, and the terms before the signature', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const header = await crookedCharge(purse, { signer: await makeKey() }, { amountMicros: 1n });
  expect(await codeOf(await shop.pay(header))).toBe('terms_changed');
  shop.world.nowMs = purse.claims.exp * SECOND_MS;
  expect(await codeOf(await shop.pay(header))).toBe('purse_expired');
});

it('out_of_sync carries the last accepted charge, and only to the purse’s key', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const first = await chargeFor42(purse);
  await shop.pay(first.header);
  const { opaque = '' } = challengeIn(await shop.pay(await crookedCharge(purse, {})));
  expect(JSON.parse(Buffer.from(opaque, 'base64url').toString())).toEqual({ last: first.token });
  const stranger = await shop.pay(await crookedCharge(purse, { signer: await makeKey() }));
  expect(challengeIn(stranger).opaque).toBeUndefined();
});

it('the twin of a charge is the same charge', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const charge = await chargeFor42(purse);
  const first = await shop.pay(charge.header);
  const again = await shop.pay(headerFor(purse, { ...charge, token: twinOf(charge.token) }));
  expect(again.status).toBe(200);
  expect(again.headers.get('Payment-Receipt')).toBe(first.headers.get('Payment-Receipt'));
  expect(await rowOf(shop, purse)).toMatchObject({ seq: 1, tot: 20_000n, charge: charge.token });
});
