/** A site that is up behind an adapter, a reader in front of it, and what both may be asked. */
import assert from 'node:assert/strict';
import { readProblem } from '../../src/protocol/problem.ts';
import { createSeller, memoryStore, type Store } from '../../src/seller/index.ts';
import { makeSecret } from '../../src/seller/secret.ts';
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
import { CORS, type OpenSite, type Site, type Stage } from './sites/site.ts';

const PAYTO = 'daily@pay.example';
export const MINIMAL = { Prefer: 'return=minimal' };

/** A site that is up, and a reader in front of it. */
export interface Scene {
  readonly site: Site;
  readonly stage: Stage;
  readonly store: Store;
  readonly purse: TestPurse;
  visit(path: string, headers?: Record<string, string>, method?: string): Promise<Response>;
  /** Asks for what is found for a body. */
  search(body: BodyInit, headers?: Record<string, string>): Promise<Response>;
  chargeFor(path: string): Promise<TestCharge>;
  /** Pays, and answers with everything that came back. */
  buy(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Buys with `return=minimal`; answers the headers that open the page from then on. */
  passTo(path: string): Promise<Record<string, string>>;
}

export interface AdapterFact {
  readonly fact: string;
  readonly check: (scene: Scene) => Promise<void>;
  /** What the shop shows browsers in place of the page about the price. */
  readonly preview?: () => Response;
}

/** Opens a site for one fact. */
export async function openScene(open: OpenSite, { preview }: Partial<AdapterFact> = {}) {
  const provider = await makeProvider(PAYTO);
  const store = memoryStore();
  const stage: Stage = {
    price: '0.02 USD',
    handled: 0,
    gate: Promise.withResolvers<void>(),
    cancelled: Promise.withResolvers<void>(),
    ...(preview && { preview }),
  };
  const errors: unknown[] = [];
  const seller = createSeller({
    payto: PAYTO,
    secret: await makeSecret(),
    store,
    fetch: provider.fetch,
    now: () => START_MS,
    onError: (error) => errors.push(error),
  });
  const site = await open(seller, stage);
  const purse = await makePurse(provider, PAYTO);
  const visit: Scene['visit'] = (path, headers = {}, method = 'GET') =>
    fetch(site.origin + path, { headers, method, redirect: 'manual' });
  const search: Scene['search'] = (body, headers = {}) => {
    const init = { method: 'POST', headers, body, duplex: 'half' };
    return fetch(`${site.origin}/articles/search`, init as RequestInit);
  };
  const chargeFor: Scene['chargeFor'] = async (path) =>
    payChallenge(purse, await pageChallenge(site.origin, termsFor({ payto: PAYTO, item: path })));
  const buy: Scene['buy'] = async (path, headers) => {
    const charge = await chargeFor(path);
    const answer = await visit(path, { Authorization: charge.header, ...headers });
    if (answer.headers.has('Payment-Receipt')) settlePurse(purse, charge);
    return answer;
  };
  const passTo: Scene['passTo'] = async (path) => {
    const answer = await buy(path, MINIMAL);
    assert.equal(answer.status, 204);
    return {
      Cookie: answer.headers
        .getSetCookie()
        .map((it) => it.split(';')[0])
        .join('; '),
    };
  };
  const scene: Scene = { site, stage, store, purse, visit, search, chargeFor, buy, passTo };
  return { ...scene, errors };
}

export async function codeOf(answer: Response): Promise<string> {
  assert.equal(answer.status, 402);
  assert.equal(answer.headers.get('Content-Type'), 'application/problem+json');
  return readProblem(await answer.json())?.code ?? 'no code';
}

export function assertPrivate(answer: Response, kept = 'max-age=5'): void {
  assert.equal(answer.headers.get('Cache-Control'), kept ? `private, ${kept}` : 'private');
  const vary = (answer.headers.get('Vary') ?? '').split(', ');
  for (const name of ['Authorization', 'Cookie']) assert.ok(vary.includes(name), name);
}

export function assertCors(answer: Response): void {
  for (const [name, value] of Object.entries(CORS)) assert.equal(answer.headers.get(name), value);
}
