/** The wallet against others: sellers that lie, answers that are lost, clocks that jump. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { formatChallenge } from '../../src/protocol/challenge.ts';
import { type Credential, parseCredential } from '../../src/protocol/credential.ts';
import type { ErrorCode } from '../../src/protocol/errors.ts';
import { decodeTerms } from '../../src/protocol/request.ts';
import { encodeTerms, type Terms } from '../../src/protocol/terms.ts';
import { mortal } from '../support/mortal.ts';
import { useProvider } from '../support/provider.ts';
import { type RunningShop, startShop } from '../support/shop.ts';
import { makeReader, pressOn, type Reader } from '../support/wallet.ts';

const provider = useProvider();
let shop: RunningShop;
let reader: Reader;
let profiles = 0;

/** Stands between the wallet and everybody: answers itself, or lets the request through. */
type Between = (path: string, pass: () => Promise<Response>, init?: RequestInit) => unknown;
let between: Between | undefined;

beforeAll(async () => {
  shop = await startShop(provider.issuer);
});

afterAll(() => shop.close());

const host = () => new URL(provider.issuer).host;

function readerOn(profile: string): Reader {
  return makeReader(profile, (ports) => ({
    ...ports,
    fetch: async (input, init) => {
      const pass = () => ports.fetch(input, init);
      const answer = await between?.(new URL(String(input)).pathname, pass, init);
      return answer instanceof Response ? answer : pass();
    },
  }));
}

beforeEach(async () => {
  between = undefined;
  reader = readerOn(`others-${++profiles}`);
  await reader.wallet.open(host());
});

const press = (path: string, fields: Partial<Record<string, string>> = {}) =>
  pressOn(shop.origin, path, { payto: shop.payto, ...fields });

async function ask(path: string, fields: Partial<Record<string, string>> = {}): Promise<string> {
  const decision = await reader.wallet.press(press(path, fields));
  if (decision.kind !== 'ask') throw new Error(`asked: ${decision.kind}`);
  return decision.ask.id;
}

async function yes(path: string, remember = false) {
  return reader.wallet.pay({ askId: await ask(path), remember });
}

const problem = (code: ErrorCode, status = 402, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ farthing: code, detail: '' }), {
    status,
    headers: { ...headers, 'Content-Type': 'application/problem+json' },
  });

function credentialOf(init: RequestInit | undefined): Credential {
  const header = new Headers(init?.headers).get('Authorization') ?? '';
  const credential = parseCredential(header);
  if (!credential) throw new Error('the request carries no charge');
  return credential;
}

/** A seller's refusal with terms of its own, `change`d from those that were signed. */
function newTerms(init: RequestInit | undefined, change: Partial<Terms>): Response {
  const { challenge } = credentialOf(init);
  const request = encodeTerms({ ...decodeTerms(challenge.request), ...change });
  const own = { ...challenge, id: 'own', request, opaque: undefined };
  return problem('terms_changed', 402, { 'WWW-Authenticate': formatChallenge(own) });
}

/** Loses the next answer on `path` after the request took effect. */
function loseNext(path: string): void {
  let isLost = false;
  between = async (asked, pass) => {
    if (asked !== path || isLost) return;
    isLost = true;
    await pass();
    throw new TypeError('lost');
  };
}

describe('a seller that lies', () => {
  it.each(['purse_expired', 'purse_closed'] as const)(
    'calls every purse %s: it holds one charge for one yes',
    async (code) => {
      const signed = new Set<string | null>();
      between = (path, _, init) => {
        if (path !== '/articles/a') return undefined;
        signed.add(new Headers(init?.headers).get('Authorization'));
        return problem(code);
      };
      expect((await yes('/articles/a')).kind).toBe('refused');
      expect(signed.size).toBe(1);
    },
  );

  // What a page's own script forges beside a server that is honest, most of all.
  it.each(['seller_blocked', 'insufficient_funds', 'account_frozen'] as const)(
    'says what is not for a seller to say, %s: nothing is settled by it, and one charge is made',
    async (code) => {
      between = async (path, pass) => {
        if (path !== '/articles/a') return undefined;
        await pass();
        return problem(code);
      };
      const { charges } = await shop.accepted();
      expect((await yes('/articles/a')).kind).toBe('waiting');
      between = undefined;
      await reader.passTime();
      const [entry] = (await reader.wallet.history({})).entries;
      expect(entry).toMatchObject({ state: 'paid' });
      expect((await shop.accepted()).charges).toBe(charges + 1);
    },
  );

  it('asks for what no window shows: nobody is asked', async () => {
    const change = { meter: '10s' };
    between = (path, _, init) => (path === '/articles/a' ? newTerms(init, change) : undefined);
    expect((await yes('/articles/a')).kind).toBe('refused');
  });

  it.each(['', '<h1>No</h1>'])(
    'refuses what was bought with "%s": it opens later',
    async (body) => {
      const decision = await yes(`/articles/bought-${body.length}`);
      if (decision.kind !== 'paid') throw new Error(decision.kind);
      const bought = { paymentId: decision.payment.id, tabId: 7 };
      const headers = { 'Content-Type': 'application/problem+json' };
      between = (_path, _pass, init) =>
        new Headers(init?.headers).has('Authorization') &&
        new Response(body, { status: 402, headers });
      const reopened = reader.wallet.reopen(bought);
      await expect(reopened).rejects.toMatchObject({ code: 'seller_unreachable' });
      between = undefined;
      expect((await reader.wallet.reopen(bought)).kind).toBe('paid');
    },
  );

  it('refuses with a flood: it is not read to its end', async () => {
    let sent = 0;
    const flood = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        if (sent > 16_777_216) controller.close();
        else controller.enqueue(new Uint8Array(65_536));
      },
    });
    const headers = { 'Content-Type': 'application/problem+json' };
    between = (path) =>
      path === '/articles/a' ? new Response(flood, { status: 402, headers }) : undefined;
    expect((await yes('/articles/a')).kind).toBe('waiting');
    expect(sent).toBeLessThan(262_144);
  });
});

describe('what is sold in a way that the wallet cannot hand over', () => {
  it('by meter: nothing is asked or charged', async () => {
    const decision = await reader.wallet.press(press('/articles/a', { meter: '10s' }));
    expect(decision).toMatchObject({ kind: 'unpayable', code: 'action_unsupported' });
  });
});

describe('an answer of the wallet service that is lost or no answer', () => {
  it('a top-up whose answer cannot be read is not made twice', async () => {
    between = async (path, pass) => {
      if (path !== '/v1/topups') return undefined;
      const body = (await (await pass()).json()) as { account: string };
      return Response.json({ ...body, balance: 'no.balance.token' });
    };
    await expect(reader.wallet.topUp('5000000')).rejects.toThrow();
    between = undefined;
    await reader.wallet.topUp('5000000');
    expect((await reader.wallet.view()).yours).toBe('5250000');
  });

  it.each([
    ['rate_limited', 429],
    ['proof_nonce', 401],
    ['internal', 500],
  ] as const)('a top-up lost and then put off (%s) is not made twice', async (code, status) => {
    loseNext('/v1/topups');
    await expect(reader.wallet.topUp('5000000')).rejects.toThrow();
    between = (path) => (path === '/v1/topups' ? problem(code, status) : undefined);
    await expect(reader.wallet.topUp('5000000')).rejects.toThrow();
    between = undefined;
    await reader.wallet.topUp('5000000');
    expect((await reader.wallet.view()).yours).toBe('5250000');
  });

  it('money set aside under a lost answer is found again, also after a 429', async () => {
    loseNext('/v1/purses');
    expect((await yes('/articles/found')).kind).toBe('waiting');
    between = (path) => (path === '/v1/purses' ? problem('rate_limited', 429) : undefined);
    await reader.passTime();
    between = undefined;
    await reader.passTime();
    await reader.wallet.refresh();
    expect(await reader.wallet.view()).toMatchObject({ yours: '230000', aside: '30000' });
  });

  it('at no death does the wallet show more than there is', async () => {
    for (let dieAt = 1; dieAt < 40; dieAt++) {
      const profile = `others-${++profiles}`;
      reader = readerOn(profile);
      await reader.wallet.open(host());
      const { ports, death } = mortal(reader.ports, dieAt);
      const doomed = makeReader(profile, () => ports);
      const buy = async () => {
        const decision = await doomed.wallet.press(press(`/articles/dead-${dieAt}`));
        if (decision.kind !== 'ask') throw new Error(decision.kind);
        await doomed.wallet.pay({ askId: decision.ask.id, remember: false });
      };
      await Promise.race([buy(), death.came]);
      const { yours } = await readerOn(profile).wallet.view();
      expect(Number(yours), death.steps.at(-1)).toBeLessThanOrEqual(250_000);
    }
  });
});

describe('a yes', () => {
  it('that could not be signed for two minutes is withdrawn, whoever wakes up later', async () => {
    const askId = await ask('/articles/late');
    between = (path) => {
      if (path === '/v1/purses') throw new TypeError('down');
    };
    expect((await reader.wallet.pay({ askId, remember: false })).kind).toBe('waiting');
    between = undefined;
    reader.clock.aheadMs = 8 * 3_600_000;
    const before = await shop.accepted();
    await reader.passTime();
    expect(await shop.accepted()).toEqual(before);
    expect((await reader.wallet.view()).latest).toMatchObject([{ state: 'refused' }]);
  });

  it('said again after the worker died goes on with the payment', async () => {
    const askId = await ask('/articles/again');
    const { ports, death } = mortal(reader.ports, 9);
    const { wallet } = makeReader(undefined, () => ports);
    await Promise.race([wallet.pay({ askId, remember: false }), death.came]);
    expect((await reader.wallet.pay({ askId, remember: false })).kind).toBe('paid');
  });

  it('in a second tab for what is bought by now opens it there, for nothing', async () => {
    const inTab = { ...press('/articles/tabs'), tabId: 8 };
    const [first, second] = [await ask('/articles/tabs'), await reader.wallet.press(inTab)];
    if (second.kind !== 'ask') throw new Error(second.kind);
    const before = await shop.accepted();
    await reader.wallet.pay({ askId: first, remember: false });
    await reader.wallet.pay({ askId: second.ask.id, remember: false });
    expect(reader.opened.map(({ tabId }) => tabId)).toEqual([7, 8]);
    expect((await shop.accepted()).charges - before.charges).toBe(1);
  });

  it('is for the question that is there: one a tab, the newest', async () => {
    await Promise.all([ask('/articles/q'), ask('/articles/q')]);
    expect(await reader.ports.store.asks.all()).toHaveLength(1);
    shop.prices['/articles/up'] = '0.03 USD';
    const askId = await ask('/articles/up');
    await Promise.all([reader.wallet.pay({ askId, remember: false }), ask('/articles/q')]);
    expect(await reader.ports.store.asks.all()).toHaveLength(1);
  });

  it('asked for twice in the same words is one question', async () => {
    expect(await ask('/articles/q')).toBe(await ask('/articles/q'));
    const [one, other] = [await ask('/articles/q'), await ask('/articles/r')];
    expect(one).not.toBe(other);
  });

  it('for terms that changed at the same price names no former price', async () => {
    between = (path, _, init) =>
      path === '/articles/a' ? newTerms(init, { durationSec: 86_400 }) : undefined;
    expect(await yes('/articles/a')).toMatchObject({
      kind: 'ask',
      ask: { formerMicros: undefined, terms: { durationSec: 86_400 } },
    });
  });
});

describe('what is bought', () => {
  it('is not bought again by a clock that jumped ten years', async () => {
    await yes('/articles/old', true);
    reader.clock.aheadMs = 10 * 365 * 86_400_000;
    const before = await shop.accepted();
    expect((await reader.wallet.press(press('/articles/old'))).kind).toBe('owned');
    expect(await shop.accepted()).toEqual(before);
  });

  it('opens where the page calls it by another name than the seller does', async () => {
    await yes('/articles/name', true);
    const before = await shop.accepted();
    const item = '/another-name';
    expect((await reader.wallet.press(press('/articles/name', { item }))).kind).toBe('paid');
    expect(reader.opened).toHaveLength(2);
    expect(await shop.accepted()).toEqual(before);
  });

  it('under way in one tab and pressed in another is followed there', async () => {
    shop.faults.push('lose-reply');
    expect((await yes('/articles/way')).kind).toBe('waiting');
    const inTab = { ...press('/articles/way'), tabId: 8 };
    expect((await reader.wallet.press(inTab)).kind).toBe('owned');
  });
});

it('however often a payment is tried, one timer waits for it', async () => {
  between = (path) => (path === '/articles/t' ? new Response('', { status: 502 }) : undefined);
  const outcome = await yes('/articles/t');
  if (outcome.kind !== 'waiting') throw new Error(outcome.kind);
  for (let i = 0; i < 5; i++) await reader.wallet.retry(outcome.payment.id);
  expect(await reader.passTime()).toBe(1);
});

it('two first runs at once open one account', async () => {
  const profile = `others-${++profiles}`;
  const [one, other] = [readerOn(profile), readerOn(profile)];
  await Promise.all([one.wallet.open(host()), other.wallet.open(host())]);
  expect(one.requests.concat(other.requests)).toContain('POST /v1/accounts');
  await other.wallet.refresh();
  expect((await one.wallet.view()).yours).toBe('250000');
});

it('a first run that is answered after another one leaves what that has opened', async () => {
  for (let dieAt = 1; ; dieAt++) {
    const profile = `others-${++profiles}`;
    const [one, other] = [readerOn(profile), readerOn(profile)];
    const { ports, death } = mortal(other.ports, dieAt);
    const asked = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    between = async (path, pass) => {
      if (path !== '/v1/accounts') return undefined;
      between = undefined;
      const answer = await pass();
      asked.resolve();
      await opened.promise;
      return answer;
    };
    const late = makeReader(profile, () => ports).wallet.open(host());
    const ended = late.then(() => 'ended');
    await Promise.race([asked.promise, death.came]);
    between = undefined;
    await one.wallet.open(host());
    opened.resolve();
    const end = await Promise.race([ended, death.came]);
    expect((await one.wallet.view()).yours, death.steps.at(-1)).toBe('250000');
    if (end === 'ended') break;
  }
});
