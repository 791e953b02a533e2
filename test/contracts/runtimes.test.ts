/** The published module does the same in Node, Deno, Bun and on the edge. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeOpaque } from '../../src/protocol/challenge.ts';
import { readFinal } from '../../src/protocol/close.ts';
import { micros } from '../../src/protocol/money.ts';
import { readProblem } from '../../src/protocol/problem.ts';
import { parseReceiptHeader } from '../../src/protocol/receipt.ts';
import { readRefundNote } from '../../src/protocol/undo.ts';
import { makeSecret } from '../../src/seller/secret.ts';
import type { Row } from '../../src/seller/store.ts';
import {
  challengeIn,
  closeHeader,
  makeKey,
  makeProvider,
  makePurse,
  payChallenge,
  START_MS,
  settlePurse,
  showHeader,
  syncHeader,
  type TestCharge,
  type TestPurse,
  undoHeader,
} from '../support/payer.ts';
import {
  installDist,
  OWN_SERVERS,
  RUNTIMES,
  type RuntimeShop,
  startRuntimeShop,
} from '../support/runtimes.ts';
import { ADAPTER_FACTS } from './adapter.ts';
import { type AdapterFact, sceneAt } from './scene.ts';

const PAYTO = 'daily@pay.example';
const folder = mkdtempSync(join(tmpdir(), 'farthing-runtimes-'));
beforeAll(() => installDist(folder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const provider = await makeProvider(PAYTO);
const secret = await makeSecret();
const keys = await (await provider.fetch(`${provider.iss}/.well-known/jwks.json`)).json();

describe.each(RUNTIMES)('in %s', (runtime) => {
  let shop: RuntimeShop;
  beforeAll(async () => {
    shop = await startRuntimeShop(runtime, folder, { payto: PAYTO, secret, keys, nowMs: START_MS });
  }, 30_000);
  afterAll(() => shop.stop());

  const ask = (path: string, init?: RequestInit) => fetch(`${shop.origin}${path}`, init);
  const pay = (path: string, Authorization: string, init?: RequestInit) =>
    ask(path, { ...init, headers: { Authorization } });
  const codeOf = async (answer: Response) => readProblem(await answer.json())?.code;
  const claimsOf = (answer: Response) =>
    parseReceiptHeader(answer.headers.get('Payment-Receipt') ?? '').claims;

  async function buy(path: string, purse: TestPurse) {
    const charge = await payChallenge(purse, challengeIn(await ask(path)));
    const answer = await pay(path, charge.header);
    expect(answer.status).toBe(200);
    settlePurse(purse, charge);
    const header = answer.headers.get('Payment-Receipt') ?? '';
    return { charge, answer, receipt: parseReceiptHeader(header).token };
  }

  it('an article is bought, opens by its pass and by its receipt, and is paid once', async () => {
    const purse = await makePurse(provider, PAYTO);
    const { charge, answer, receipt } = await buy('/a', purse);
    expect(await answer.text()).toBe('the article');
    const Cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    expect((await ask('/a', { headers: { Cookie } })).status).toBe(200);
    expect(claimsOf(await pay('/a', charge.header))).toMatchObject({ seq: 1, tot: 20_000n });
    const shown = await showHeader(purse, { charge, receipt }, challengeIn(await ask('/a')));
    expect(await (await pay('/a', shown)).text()).toBe('the article');
  });

  it('a browser gets the page, a program the problem', async () => {
    const page = await ask('/a', { headers: { Accept: 'text/html' } });
    expect([page.status, page.headers.get('Content-Type')]).toEqual([
      402,
      'text/html; charset=utf-8',
    ]);
    expect(await page.text()).toContain('2¢');
    expect(await codeOf(await ask('/a'))).toBe('payment_required');
  });

  const REFUSED: [string, string, (purse: TestPurse) => Promise<TestCharge>][] = [
    [
      'by another key',
      'jws_signature',
      async (purse) =>
        payChallenge(purse, challengeIn(await ask('/a')), { signer: await makeKey() }),
    ],
    [
      'at another place',
      'out_of_sync',
      async (purse) => payChallenge(purse, challengeIn(await ask('/a')), { charge: { seq: 5 } }),
    ],
    [
      'for another page',
      'terms_changed',
      async (purse) => payChallenge(purse, challengeIn(await ask('/b'))),
    ],
    [
      'without its certificate',
      'purse_unknown',
      async (purse) => payChallenge(purse, challengeIn(await ask('/a')), { certificate: null }),
    ],
  ];
  it.each(REFUSED)('a charge %s is refused with %s', async (_, code, make) => {
    const { header } = await make(await makePurse(provider, PAYTO));
    expect(await codeOf(await pay('/a', header))).toBe(code);
  });

  it('a page that failed is not charged', async () => {
    const purse = await makePurse(provider, PAYTO);
    const { header } = await payChallenge(purse, challengeIn(await ask('/broken')));
    expect(await codeOf(await pay('/broken', header))).toBe('not_delivered');
    expect((await buy('/a', purse)).charge.claims.seq).toBe(1);
    expect(await (await ask('/heard')).json()).toContain('Error: the database is away');
  });

  it('undo gives back, and the shop hears of it', async () => {
    const purse = await makePurse(provider, PAYTO);
    const bought = await buy('/u', purse);
    const url = `${shop.origin}/u`;
    const answer = await pay('/u', await undoHeader(purse, bought, { url }));
    const { refund } = (await answer.json()) as { refund: string };
    expect(readRefundNote(refund).claims).toMatchObject({ pur: purse.id, amt: 20_000n });
    expect(await (await ask('/heard')).json()).toContain(`${purse.id}.1`);
  });

  it('a purse says how it stands, and closes', async () => {
    const purse = await makePurse(provider, PAYTO);
    const { charge } = await buy('/a', purse);
    const standing = await pay('/a', await syncHeader(purse, challengeIn(await ask('/a'))));
    expect(await standing.json()).toMatchObject({ seq: 1, tot: '20000', last: charge.token });
    const closed = await pay('/a', await closeHeader(purse, challengeIn(await ask('/a'))));
    const { final } = (await closed.json()) as { final: string };
    expect(readFinal(final).claims).toMatchObject({ seq: 1, tot: 20_000n });
  });

  it('a cap is not passed', async () => {
    const purse = await makePurse(provider, PAYTO);
    await buy('/capped/1', purse);
    const whole = await payChallenge(purse, challengeIn(await ask('/capped/2')));
    const refusal = await pay('/capped/2', whole.header);
    expect(decodeOpaque(challengeIn(refusal).opaque ?? '').due).toBe('10000');
    const rest = await payChallenge(purse, challengeIn(refusal), {
      opening: { amt: micros(10_000n) },
    });
    expect(claimsOf(await pay('/capped/2', rest.header))).toMatchObject({
      free: START_MS / 1000 + 86_400,
    });
  });

  it('a body is sold with its digest', async () => {
    const init = { method: 'POST', body: 'tides' };
    const challenge = challengeIn(await ask('/search', init));
    const opening = { digest: challenge.digest };
    const { header } = await payChallenge(await makePurse(provider, PAYTO), challenge, { opening });
    expect(await (await pay('/search', header, init)).text()).toBe('found tides');
    const other = { method: 'POST', body: 'reefs' };
    expect(await codeOf(await pay('/search', header, other))).toBe('used');
  });

  it('ten purses at once are each served what they paid', async () => {
    const purses = await Promise.all(Array.from({ length: 10 }, () => makePurse(provider, PAYTO)));
    const bought = await Promise.all(purses.map((purse) => buy('/a', purse)));
    expect(bought.map(({ charge }) => charge.claims.seq)).toEqual(Array(10).fill(1));
  });
});

/** Speaks to the site in another run-time behind the scenes. */
async function direct(origin: string, order: object) {
  const answer = await fetch(`${origin}/stage`, { method: 'POST', body: JSON.stringify(order) });
  return (await answer.json()) as { handled: number; row?: Row };
}

describe.each(OWN_SERVERS)('adapters in %s', (runtime) => {
  let shop: RuntimeShop;
  beforeAll(async () => {
    const order = { payto: PAYTO, secret, keys, nowMs: START_MS, script: 'site.js' };
    shop = await startRuntimeShop(runtime, folder, order);
  }, 30_000);
  afterAll(() => shop.stop());

  const openScene = async (adapter: string, { hasPreview, cors, outer }: AdapterFact) => {
    const { origin } = shop;
    await direct(origin, { open: { adapter, hasPreview, cors, outer } });
    const backstage = {
      setPrice: async (price: string) => void (await direct(origin, { price })),
      openGate: async () => void (await direct(origin, { gate: true })),
      cancelled: async () => void (await direct(origin, { cancelled: true })),
      handled: async () => (await direct(origin, {})).handled,
    };
    const store = { get: async (purse: string) => (await direct(origin, { purse })).row };
    const site = { origin, close: async () => {} };
    return sceneAt({ site, backstage, store }, provider);
  };

  describe.each(['fetch', 'hono'])('the %s adapter', (adapter) => {
    it.each(ADAPTER_FACTS)('$fact', async (fact) => fact.check(await openScene(adapter, fact)));
  });
});
