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
  type TestProvider,
  type TestPurse,
  termsFor,
} from '../support/payer.ts';
import {
  CORS,
  makeStage,
  type OpenSite,
  type Site,
  type Stage,
  type StageOptions,
} from './sites/site.ts';

export const PAYTO = 'daily@pay.example';
export const MINIMAL = { Prefer: 'return=minimal' };

/** What is asked of a site behind the scenes, wherever it runs. */
export interface Backstage {
  setPrice(price: string): Promise<void>;
  /** Lets the slow stream go on to its end. */
  openGate(): Promise<void>;
  /** Resolves when nobody wants the slow stream any more. */
  cancelled(): Promise<void>;
  /** How often a handler of a paid page was run. */
  handled(): Promise<number>;
}

/** A site that is up, and a reader in front of it. */
export interface Scene {
  readonly site: Site;
  readonly backstage: Backstage;
  readonly store: Pick<Store, 'get'>;
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

export interface AdapterFact extends StageOptions {
  readonly fact: string;
  readonly check: (scene: Scene) => Promise<void>;
}

/** A reader with a purse in front of a site. */
export async function sceneAt(
  place: Pick<Scene, 'site' | 'backstage' | 'store'>,
  provider: TestProvider,
): Promise<Scene> {
  const { origin } = place.site;
  const purse = await makePurse(provider, PAYTO);
  const visit: Scene['visit'] = (path, headers = {}, method = 'GET') =>
    fetch(origin + path, { headers, method, redirect: 'manual' });
  const search: Scene['search'] = (body, headers = {}) => {
    const init = { method: 'POST', headers, body, duplex: 'half' };
    return fetch(`${origin}/articles/search`, init as RequestInit);
  };
  const chargeFor: Scene['chargeFor'] = async (path) =>
    payChallenge(purse, await pageChallenge(origin, termsFor({ payto: PAYTO, item: path })));
  const buy: Scene['buy'] = async (path, headers) => {
    const charge = await chargeFor(path);
    const answer = await visit(path, { Authorization: charge.header, ...headers });
    if (answer.headers.has('Payment-Receipt')) settlePurse(purse, charge);
    return answer;
  };
  const passTo: Scene['passTo'] = async (path) => {
    const answer = await buy(path, MINIMAL);
    assert.equal(answer.status, 204);
    const cookies = answer.headers.getSetCookie().map((it) => it.split(';')[0]);
    return { Cookie: cookies.join('; ') };
  };
  return { ...place, purse, visit, search, chargeFor, buy, passTo };
}

function backstageOf(stage: Stage): Backstage {
  return {
    setPrice: async (price) => {
      stage.price = price;
    },
    openGate: async () => stage.gate.resolve(),
    cancelled: () => stage.cancelled.promise,
    handled: async () => stage.handled,
  };
}

/** Opens a site in this process for one fact. */
export async function openScene(open: OpenSite, fact: StageOptions = {}) {
  const provider = await makeProvider(PAYTO);
  const store = memoryStore();
  const stage = makeStage(fact);
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
  const scene = await sceneAt({ site, backstage: backstageOf(stage), store }, provider);
  return { ...scene, store, errors };
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
