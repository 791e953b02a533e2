/** A shop with a frozen clock for the tests of this folder. */

import { readProblem } from '../../../src/protocol/problem.ts';
import { parseReceiptHeader } from '../../../src/protocol/receipt.ts';
import { getPurse, type PurseRow } from '../../../src/seller/charges/purses.ts';
import {
  createSeller,
  memoryStore,
  type RouteOptions,
  type Row,
  type SellerOptions,
} from '../../../src/seller/index.ts';
import { makeSecret } from '../../../src/seller/secret.ts';
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
} from '../../support/payer.ts';

export const PAYTO = 'daily@pay.example';
export const URL_42 = 'https://news.example/articles/42';
export const TERMS_42 = termsFor({ payto: PAYTO, item: '/articles/42' });
const SECRET = await makeSecret();

/** Everything that a test may turn while the shop is open. */
export async function openShop(
  route: Partial<RouteOptions> = {},
  options: Partial<SellerOptions> = {},
) {
  const provider = await makeProvider(PAYTO);
  const store = memoryStore();
  const world = { nowMs: START_MS, price: '0.02 USD', answers: 0, errors: [] as unknown[] };
  const makeSeller = () =>
    createSeller({
      payto: PAYTO,
      secret: SECRET,
      store,
      fetch: provider.fetch,
      now: () => world.nowMs,
      onError: (error) => world.errors.push(error),
      ...options,
    });
  let handler = (_: Request): Response | Promise<Response> => new Response('the article');
  const sell = () =>
    makeSeller().fetch(
      { price: () => world.price, title: 'How tides work', ...route },
      (request) => {
        world.answers += 1;
        return handler(request);
      },
    );
  let serve = sell();
  return {
    provider,
    store,
    world,
    seller: makeSeller(),
    answerWith: (next: typeof handler) => {
      handler = next;
    },
    restart: () => {
      serve = sell();
    },
    visit: (headers: Record<string, string> = {}, url = URL_42, method = 'GET', body?: string) =>
      serve(new Request(url, { headers, method, body: body ?? null })),
    pay: (header: string, url = URL_42, method = 'GET') =>
      serve(new Request(url, { headers: { Authorization: header }, method })),
    purse: () => makePurse(provider, PAYTO),
  };
}
export type Shop = Awaited<ReturnType<typeof openShop>>;

/** An honest charge for article 42, from its page. */
export async function chargeFor42(purse: TestPurse, changes: Partial<typeof TERMS_42> = {}) {
  return payChallenge(purse, await pageChallenge(URL_42, { ...TERMS_42, ...changes }));
}

/** Article 42, bought by an honest wallet. */
export async function buy42(shop: Shop, purse: TestPurse): Promise<TestCharge> {
  const charge = await chargeFor42(purse);
  const { status } = await shop.pay(charge.header);
  if (status !== 200) throw new Error(`article 42 was not sold: status ${status}`);
  settlePurse(purse, charge);
  return charge;
}

/** The code of a refusal; `status …` for any other answer. */
export async function codeOf(response: Response): Promise<string> {
  if (response.status !== 402) return `status ${response.status}`;
  return readProblem(await response.json())?.code ?? 'no code';
}

export function receiptOf(response: Response) {
  return parseReceiptHeader(response.headers.get('Payment-Receipt') ?? '');
}

/** The `Cookie` header that a browser would send after this answer. */
export function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

export async function rowOf(shop: Shop, purse: TestPurse): Promise<PurseRow | undefined> {
  return getPurse(shop.store, purse.id);
}

/** A store that holds one write back, once `hold` was called: the first that `isHeld` picks. */
export function gatedStore() {
  const inner = memoryStore();
  let gate: { isHeld: (row: Row) => boolean; reached: () => void; open: Promise<void> } | undefined;
  const put = async (row: Row) => {
    if (gate?.isHeld(row)) {
      const { reached, open } = gate;
      gate = undefined;
      reached();
      await open;
    }
    return inner.put(row);
  };
  const hold = (isHeld: (row: Row) => boolean) => {
    const reached = Promise.withResolvers<void>();
    const open = Promise.withResolvers<void>();
    gate = { isHeld, reached: reached.resolve, open: open.promise };
    return { reached: reached.promise, release: open.resolve };
  };
  return { store: { ...inner, put }, hold };
}

/** Whether a row is a purse's, and not a cap's. */
export function isOfPurse({ key }: Row): boolean {
  return !key.startsWith('cap.');
}
