/** What is wrong is said when the program starts, with the way to mend it. */
import { expect, it } from 'vitest';
import type { FarthingError } from '../../../src/protocol/errors.ts';
import {
  createSeller,
  memoryStore,
  priceLabel,
  type RouteOptions,
  type SellerOptions,
} from '../../../src/seller/index.ts';
import { importSecret } from '../../../src/seller/keys.ts';
import { makeSecret, readSecrets } from '../../../src/seller/secret.ts';

const secret = await makeSecret();
const good: SellerOptions = { payto: 'daily@pay.example', secret, store: memoryStore() };

function refusalOf(run: () => unknown): FarthingError {
  try {
    run();
  } catch (error) {
    return error as FarthingError;
  }
  throw new Error('nothing was refused');
}

it('a missing secret says how to make one', () => {
  const error = refusalOf(() => createSeller({ ...good, secret: undefined }));
  expect(error.code).toBe('secret_missing');
  expect(error.detail).toBe('set FEE_SECRET; make one with `farthing secret` and put it into .env');
});

it.each(['hunter2', secret.slice(0, -2), `${secret}AA`, secret.replace('fsk1_', 'fsk2_')])(
  'a secret that is not one is refused and not repeated (%#)',
  (bad) => {
    const error = refusalOf(() => createSeller({ ...good, secret: bad }));
    expect(error.code).toBe('secret_malformed');
    expect(error.message).not.toContain(bad.slice(5, 20));
  },
);

it('a secret holds independent keys, and a line end around it does not matter', async () => {
  const keys = await importSecret(readSecrets(`${secret}\n`)[0]);
  expect(keys.receipt.kid).not.toBe(keys.account.kid);
  const macs = await Promise.all(
    [keys.challenge, keys.pass].map((key) => crypto.subtle.sign('HMAC', key, new Uint8Array(1))),
  );
  expect(new Set(macs.map((mac) => Buffer.from(mac).toString('hex'))).size).toBe(2);
  expect(keys.receipt.key.extractable).toBe(false);
});

it.each<[string, Partial<SellerOptions>, string]>([
  ['a payto on this machine', { payto: 'daily@localhost:4000' }, 'option_invalid'],
  ['a payto without a host', { payto: 'daily' }, 'payto_malformed'],
  ['an origin with a path', { origin: 'https://news.example/' }, 'option_invalid'],
  ['a way in by script', { otherWays: [{ label: 'x', href: 'javascript:x()' }] }, 'option_invalid'],
])('%s is refused', (_, options, code) => {
  expect(refusalOf(() => createSeller({ ...good, ...options })).code).toBe(code);
});

it('a payto on this machine is taken by the option that says so', () => {
  const options = { ...good, payto: 'daily@localhost:4000', allowInsecureLoopback: true };
  expect(createSeller(options).paytos).toEqual(['daily@localhost:4000']);
});

it.each<[string, object, string]>([
  ['a malformed price', { price: '2 cents' }, 'price_malformed'],
  ['an unknown currency', { price: '0.02 XXX' }, 'currency_unknown'],
  ['no price', {}, 'option_invalid'],
  ['a misspelt option', { price: '0.02 USD', tilte: 'x' }, 'option_invalid'],
  ['an undo window of nothing', { price: '0.02 USD', refund: 'PT0S' }, 'refund_malformed'],
  ['a cap without a period', { price: '0.02 USD', cap: '0.20 USD' }, 'cap_malformed'],
  ['two prices in one currency', { price: '0.02 USD, 0.03 USD' }, 'price_malformed'],
  ['an end that is no moment', { price: '0.02 USD', expires: '31 May' }, 'expires_malformed'],
  ['a meter', { price: '0.02 USD', meter: '10s' }, 'option_invalid'],
  ['a path that is none', { price: '0.02 USD', path: 'articles' }, 'option_invalid'],
  ['a duration in months', { price: '0.02 USD', duration: 'P1M' }, 'duration_malformed'],
])('a route with %s is refused at the start', (_, options, code) => {
  const seller = createSeller(good);
  expect(refusalOf(() => seller.hono(options as RouteOptions)).code).toBe(code);
  expect(refusalOf(() => seller.fetch(options as RouteOptions, () => new Response())).code).toBe(
    code,
  );
});

it('a price is written for people', () => {
  expect(['0.02 USD', '0.0025 USD', '1.5 USD', '0.02 EUR'].map(priceLabel)).toEqual([
    '2¢',
    '¼¢',
    '$1.50',
    '2\u00a0ct',
  ]);
});
