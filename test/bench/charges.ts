/** What a seller does for one charge, and the least that anybody could do for it. */
import { createPublicKey, verify } from 'node:crypto';
import { readCharge } from '../../src/protocol/charge.ts';
import { signReceipt } from '../../src/protocol/receipt.ts';
import { createSeller, memoryStore, type Store } from '../../src/seller/index.ts';
import { importSecret } from '../../src/seller/keys.ts';
import { makeSecret, readSecrets } from '../../src/seller/secret.ts';
import {
  makeProvider,
  makePurse,
  pageChallenge,
  payChallenge,
  START_MS,
  settlePurse,
  type TestCharge,
  type TestPurse,
  termsFor,
} from '../support/payer.ts';
import type { Timed } from './rounds.ts';
import type { ServerOrder } from './server.ts';

const PAYTO = 'daily@pay.example';
const ADDRESS = 'https://news.example/articles/how-tides-work';
const TERMS = termsFor({ payto: PAYTO, item: '/articles/how-tides-work' });
const LIMIT_MICROS = 10n ** 14n;
const SECRET = await makeSecret();
const PROVIDER = await makeProvider(PAYTO);

function newPurse(): Promise<TestPurse> {
  return makePurse(PROVIDER, PAYTO, { lim: LIMIT_MICROS as typeof TERMS.amountMicros });
}

/** The next charge of `purse`, as a wallet builds it from a page. */
async function nextCharge(purse: TestPurse): Promise<TestCharge> {
  const charge = await payChallenge(purse, await pageChallenge(ADDRESS, TERMS));
  settlePurse(purse, charge);
  return charge;
}

function requestFor({ header }: TestCharge): Request {
  return new Request(ADDRESS, { headers: { Authorization: header } });
}

/** Sells; the page itself is made outside the time, since it is the shop's own. */
function openShop(store: Store) {
  const { fetch } = PROVIDER;
  const seller = createSeller({ payto: PAYTO, secret: SECRET, store, fetch, now: () => START_MS });
  const route = { price: '0.02 USD', title: 'How tides work' };
  const pages = new WeakMap<Request, Response>();
  const serve = seller.fetch(route, (request) => pages.get(request) ?? new Response('late'));
  return (charge: TestCharge) => {
    const request = requestFor(charge);
    pages.set(request, new Response('the article'));
    return async () => {
      const { status } = await serve(request);
      if (status !== 200) throw new Error(`not sold: ${status}`);
    };
  };
}

async function many<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let index = 0; index < count; index++) made.push(await make());
  return made;
}

/** Charges of one purse, one after the other, for whoever sends them. */
export async function chargesOfOnePurse(): Promise<(count: number) => Promise<TestCharge[]>> {
  const purse = await newPurse();
  return (count) => many(count, () => nextCharge(purse));
}

/** What a server in another process needs to sell to these purses. */
export async function serverOrder(): Promise<ServerOrder> {
  const answer = await PROVIDER.fetch(`${PROVIDER.iss}/.well-known/jwks.json`);
  const { origin } = new URL(ADDRESS);
  return { payto: PAYTO, secret: SECRET, origin, keys: await answer.json() };
}

/** One bare check of the bytes of a charge, by node:crypto: the measure of all else. */
export async function bareCheck(): Promise<Timed> {
  const purse = await newPurse();
  const key = createPublicKey({ key: { ...purse.key.jwk }, format: 'jwk' });
  return {
    name: 'one bare P-256 check (node:crypto)',
    prepare: async (count) => {
      const charges = await many(count, () => nextCharge(purse));
      return charges.map(({ token }) => {
        const { signingInput, signature } = readCharge(token).jws;
        const bytes = Buffer.from(signingInput);
        const how = { key, dsaEncoding: 'ieee-p1363' } as const;
        return () => {
          if (!verify('sha256', bytes, how, signature)) throw new Error('not signed');
        };
      });
    },
  };
}

/** From request to answer, receipt signed: charges of one purse, one after the other. */
export async function wholeCharge(name: string, store: Store = memoryStore()): Promise<Timed> {
  const sale = openShop(store);
  const purse = await newPurse();
  return {
    name,
    prepare: async (count) => {
      const charges = await many(count, () => nextCharge(purse));
      return charges.map(sale);
    },
  };
}

/** The first charge of each purse, whose certificate has to be checked as well. */
export function firstCharge(name: string): Timed {
  const sale = openShop(memoryStore());
  return {
    name,
    prepare: async (count) => {
      const charges = await many(count, async () => nextCharge(await newPurse()));
      return charges.map(sale);
    },
  };
}

/** Charges of many purses at one moment, whose writes can share a commit. */
export async function chargesAtOnce(
  name: string,
  { store, charges }: { store: Store; charges: number },
): Promise<Timed> {
  const sale = openShop(store);
  const purses = await many(charges, newPurse);
  return {
    name,
    charges,
    prepare: (count) =>
      many(count, async () => {
        const sales = (await Promise.all(purses.map(nextCharge))).map(sale);
        return () => Promise.all(sales.map((sell) => sell()));
      }),
  };
}

/** The signature of one receipt alone. */
export async function receiptSignature(): Promise<Timed> {
  const { receipt } = await importSecret(readSecrets(SECRET)[0]);
  const purse = await newPurse();
  return {
    name: 'the signature of its receipt alone',
    prepare: async (count) => {
      const charges = await many(count, () => nextCharge(purse));
      const at = START_MS / 1000;
      return charges.map(({ claims: { pur, seq, tot, bnd }, opening: { amt } }) => {
        const claims = { pur, seq, tot, bnd, amt, at, until: at + 31_536_000, undo: at };
        return () => signReceipt(claims, receipt);
      });
    },
  };
}
