import { expect, test } from 'vitest';
import { rotatedSecret } from '../../../src/cli/secret.ts';
import {
  CHALLENGE_HEADER_LENGTH_MAX,
  type Challenge,
  parseChallenges,
} from '../../../src/protocol/challenge.ts';
import { decodeTerms } from '../../../src/protocol/request.ts';
import { createSeller, memoryStore } from '../../../src/seller/index.ts';
import { importSecret } from '../../../src/seller/keys.ts';
import { makeSecret, readSecrets } from '../../../src/seller/secret.ts';
import {
  challengeIn,
  makeProvider,
  makePurse,
  pageChallenge,
  payChallenge,
  randomId,
  START_MS,
  settlePurse,
  showHeader,
  undoHeader,
} from '../../support/payer.ts';
import {
  chargeFor42,
  codeOf,
  cookieOf,
  openShop,
  PAYTO,
  receiptOf,
  rowOf,
  TERMS_42,
  URL_42,
} from './shop.ts';

const EUROPE = 'daily@geld.example';

function challengesIn(answer: Response): readonly Challenge[] {
  return parseChallenges(answer.headers.get('WWW-Authenticate') ?? '');
}

function offersIn(answer: Response): string[] {
  return challengesIn(answer).map(({ request }) => {
    const { payto, currency, amountMicros } = decodeTerms(request);
    return `${amountMicros} ${currency} ${payto}`;
  });
}

/** A shop that is paid at two providers, in two currencies. */
async function openAbroad() {
  const providers = { [PAYTO]: await makeProvider(PAYTO), [EUROPE]: await makeProvider(EUROPE) };
  const fetchPort: typeof fetch = (input, init) => {
    const provider = Object.values(providers).find(({ iss }) => String(input).startsWith(iss));
    if (!provider) throw new TypeError('fetch failed');
    return provider.fetch(input, init);
  };
  const options = { payto: [PAYTO, EUROPE], fetch: fetchPort };
  const shop = await openShop({ price: '0.02 USD, 0.03 EUR' }, options as never);
  return { shop, providers };
}

test('each price at each payto has a challenge of its own, in the seller’s order', async () => {
  const { shop } = await openAbroad();
  expect(offersIn(await shop.visit())).toEqual([
    `20000 USD ${PAYTO}`,
    `30000 EUR ${PAYTO}`,
    `20000 USD ${EUROPE}`,
    `30000 EUR ${EUROPE}`,
  ]);
});

test('each of them is paid from a purse of its own', async () => {
  const { shop, providers } = await openAbroad();
  for (const challenge of challengesIn(await shop.visit())) {
    const { payto, currency: cur } = decodeTerms(challenge.request);
    const provider = providers[payto as typeof PAYTO];
    const purse = await makePurse(provider as never, payto, { cur });
    const answer = await shop.pay((await payChallenge(purse, challenge)).header);
    expect(receiptOf(answer).claims.seq).toBe(1);
  }
});

test('who was refused finds the challenge of its own kind first', async () => {
  const { shop, providers } = await openAbroad();
  const purse = await makePurse(providers[EUROPE] as never, EUROPE, { cur: 'EUR' });
  const challenge = challengesIn(await shop.visit()).at(-1) as Challenge;
  const charge = await payChallenge(purse, challenge, { charge: { seq: 5 } });
  const answer = await shop.pay(charge.header);
  expect(await codeOf(answer)).toBe('out_of_sync');
  expect(offersIn(answer)[0]).toBe(`30000 EUR ${EUROPE}`);
});

test('a purse of one provider does not pay at another', async () => {
  const { shop, providers } = await openAbroad();
  const purse = await makePurse(providers[EUROPE] as never, PAYTO);
  const [challenge] = challengesIn(await shop.visit());
  const answer = await shop.pay((await payChallenge(purse, challenge as Challenge)).header);
  expect(await codeOf(answer)).toBe('certificate_issuer');
});

test('a purse of the same id at another provider does not get the row of the first', async () => {
  const { shop, providers } = await openAbroad();
  const [dollars, , , euros] = challengesIn(await shop.visit()) as Challenge[];
  const change = { cur: 'EUR', jti: randomId() };
  const first = await makePurse(providers[PAYTO] as never, PAYTO, { jti: change.jti });
  const other = await makePurse(providers[EUROPE] as never, EUROPE, change);
  const known = await makePurse(providers[EUROPE] as never, EUROPE, { cur: 'EUR' });
  await shop.pay((await payChallenge(known, euros as Challenge)).header);
  const charge = await payChallenge({ ...first, id: change.jti }, dollars as Challenge);
  await shop.pay(charge.header);
  const row = await shop.store.get(change.jti);
  const { seq, tot } = charge.claims;
  const later = await payChallenge({ ...other, id: change.jti, seq, tot }, euros as Challenge);
  expect(await codeOf(await shop.pay(later.header))).toBe('certificate_replaced');
  expect(await shop.store.get(change.jti)).toEqual(row);
});

test('who was refused finds its own kind, were it the twelfth', async () => {
  const payto = [PAYTO, EUROPE, 'daily@pay1.example', 'daily@pay2.example'];
  const shop = await openShop({ price: '0.02 USD, 0.02 EUR, 0.02 GBP' }, { payto });
  const terms = { ...TERMS_42, payto: payto[3] ?? '', currency: 'GBP' };
  const purse = await makePurse(await makeProvider(terms.payto), terms.payto, { cur: 'GBP' });
  const page = await pageChallenge(URL_42, { ...terms, amountMicros: 1n as never });
  const answer = await shop.pay((await payChallenge(purse, page)).header);
  expect(offersIn(answer)[0]).toBe(`20000 GBP ${terms.payto}`);
  expect(offersIn(answer)).toHaveLength(8);
});

test.for([
  [8, '/a', '😀'.repeat(120)],
  [8, `/a?q=${'x'.repeat(490)}`, '😀'.repeat(120)],
  [8, `/a?q=${'%F0%9F%98%80'.repeat(41)}`, 'ก'.repeat(120)],
] as const)('%i challenges at %s leave room for other headers', async ([count, path, title]) => {
  const currencies = ['USD', 'EUR', 'GBP', 'JPY', 'CHF', 'SEK', 'NOK', 'DKK'];
  const price = currencies.map((it) => `0.02 ${it}`).join(', ');
  const shop = await openShop({ price, title });
  const answer = await shop.visit({}, `https://news.example${path}`);
  expect(answer.headers.get('WWW-Authenticate')?.length).toBeLessThanOrEqual(12_288);
  const challenges = challengesIn(answer);
  expect([challenges.length, challenges[0]?.description]).toEqual([count, title]);
});

test('eight challenges for the longest item are short enough for a header', async () => {
  const prices = ['USD', 'EUR', 'GBP', 'JPY', 'CHF', 'SEK', 'NOK', 'DKK'].map((it) => `0.02 ${it}`);
  const payto = [PAYTO, EUROPE];
  const item = '潮'.repeat(170);
  const title = '潮の満ち引き'.repeat(20);
  const shop = await openShop({ price: prices.join(', '), item, title }, { payto });
  const header = (await shop.visit()).headers.get('WWW-Authenticate') ?? '';
  expect(header.length).toBeLessThanOrEqual(CHALLENGE_HEADER_LENGTH_MAX);
  expect(parseChallenges(header)).toHaveLength(8);
});

test.for([
  ['none', []],
  ['two at one provider', [PAYTO, 'other@pay.example']],
] as const)('a seller with %s is refused at its start', async ([, payto]) => {
  const secret = await makeSecret();
  expect(() => createSeller({ payto, secret, store: memoryStore() })).toThrow(/at each provider/);
});

test('a rotated secret recognises what the former one signed', async () => {
  const former = await makeSecret();
  const before = await openShop({}, { secret: former });
  const purse = await before.purse();
  const charge = await chargeFor42(purse);
  const challenge = challengeIn(await before.visit());
  const answer = await before.pay(charge.header);
  const receipt = receiptOf(answer).token;
  settlePurse(purse, charge);
  const { store, provider } = before;
  const secret = await rotatedSecret(former);
  const after = await openShop({}, { secret, store, fetch: provider.fetch });
  expect((await after.visit({ Cookie: cookieOf(answer) })).status).toBe(200);
  const fresh = challengeIn(await after.visit());
  const shown = await after.pay(await showHeader(purse, { charge, receipt }, fresh));
  expect(shown.status).toBe(200);
  expect((await after.pay(await undoHeader(purse, { charge, receipt }))).status).toBe(200);
  const paid = await after.pay((await payChallenge(purse, challenge)).header);
  expect(receiptOf(paid).jws.kid).not.toBe(receiptOf(answer).jws.kid);
  expect(await rowOf(before, purse)).toMatchObject({ seq: 2 });
});

test('a rotated secret proves both receipt keys and keeps the account', async () => {
  const former = await makeSecret();
  const secret = await rotatedSecret(former);
  const options = { payto: PAYTO, store: memoryStore(), now: () => START_MS };
  const proofOf = async (it: string) =>
    (await createSeller({ ...options, secret: it }).proof()).json() as Promise<{
      account: string;
      keys: unknown[];
    }>;
  const [old, now] = [await proofOf(former), await proofOf(secret)];
  expect(now.account).toBe(old.account);
  expect(now.keys).toHaveLength(2);
  expect(now.keys[1]).toEqual(old.keys[0]);
  const [first, second] = readSecrets(secret);
  const kids = await Promise.all([first, second ?? first].map(async (it) => importSecret(it)));
  expect(kids[0]?.account.kid).toBe(kids[1]?.account.kid);
  expect(kids[0]?.receipt.kid).not.toBe(kids[1]?.receipt.kid);
});

test('a charge for one port buys nothing at another', async () => {
  const shop = await openShop();
  const charge = await chargeFor42(await shop.purse());
  const other = URL_42.replace('news.example', 'news.example:8443');
  expect(await codeOf(await shop.pay(charge.header, other))).toBe('terms_changed');
  await shop.pay(charge.header);
  expect(await codeOf(await shop.pay(charge.header, other))).toBe('terms_changed');
});
