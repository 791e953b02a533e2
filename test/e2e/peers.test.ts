/**
 * Our wallet at a shop of the Payment scheme's own server, and the scheme's validator at ours.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readJwks } from '../../src/protocol/documents.ts';
import { importPublicKey, thumbprint } from '../../src/protocol/key.ts';
import { type RunningProvider, startProvider } from '../../src/provider/main.ts';
import { startPeerShop, startPublishedShop } from '../support/mppx/shops.ts';
import { runPeer } from '../support/mppx/world.ts';
import { makeReader, pressOn } from '../support/wallet.ts';

let folder: string;
let provider: RunningProvider;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farthing-test-'));
  provider = await startProvider({ dataDir: folder, port: 0 });
});

afterAll(async () => {
  await provider.close();
  await rm(folder, { recursive: true, force: true });
});

async function issuerKeys() {
  const keys = readJwks(await (await fetch(`${provider.issuer}/.well-known/jwks.json`)).json());
  return new Map(
    await Promise.all(
      keys.map(async (jwk) => [await thumbprint(jwk), await importPublicKey(jwk)] as const),
    ),
  );
}

let handles = 0;

async function openPeerShop() {
  const handle = `peer-${++handles}`;
  const shop = await startPeerShop(provider.issuer, { handle, issuerKeys: await issuerKeys() });
  const reader = makeReader();
  await reader.wallet.open(new URL(provider.issuer).host);
  const yes = async (path: string) => {
    const terms = { payto: shop.payto, refund: 'none' };
    const decision = await reader.wallet.press(pressOn(shop.origin, path, terms));
    if (decision.kind !== 'ask') throw new Error(`asked: ${decision.kind}`);
    return reader.wallet.pay({ askId: decision.ask.id, remember: true });
  };
  return { shop, reader, yes };
}

describe('our wallet at a server of the scheme', () => {
  afterEach(() => void vi.useRealTimers());

  it('buys under the challenge it is given, since none built from a page is known', async () => {
    const { shop, yes } = await openPeerShop();
    expect((await yes('/articles/tides')).kind).toBe('paid');
    expect(shop.log).toEqual([402, 200]);
    expect(shop.accepted()).toEqual({ charges: 1, totalMicros: 20_000n });
    await shop.close();
  });

  it('buys one after the other on one purse', async () => {
    const { shop, yes } = await openPeerShop();
    await yes('/articles/tides');
    expect((await yes('/articles/reefs')).kind).toBe('paid');
    expect(shop.accepted()).toEqual({ charges: 2, totalMicros: 40_000n });
    await shop.close();
  });

  it('pays once where the answer is lost and the challenge has expired meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { shop, reader, yes } = await openPeerShop();
    shop.lost = 1;
    expect((await yes('/articles/tides')).kind).toBe('waiting');
    expect(shop.accepted()).toEqual({ charges: 1, totalMicros: 20_000n });

    vi.setSystemTime(Date.now() + 3_600_000);
    await reader.passTime();
    expect(shop.log).toEqual([402, 200, 402, 200]);
    expect(shop.accepted()).toEqual({ charges: 1, totalMicros: 20_000n });
    expect((await reader.wallet.view()).latest).toMatchObject([{ state: 'paid' }]);
    await shop.close();
  });
});

describe('the validator of the scheme', () => {
  it('finds a shop that publishes what it sells in order, route by route', async () => {
    const shop = await startPublishedShop(provider.issuer, `found-${++handles}`);
    const { exitCode, output } = await runPeer(['validate', shop.origin]);
    expect(output).toContain('/articles/');
    expect(output).toContain('/reefs');
    expect(exitCode, output).toBe(0);
    await shop.close();
  });

  it('finds a site that publishes nothing wanting', async () => {
    expect((await runPeer(['validate', provider.issuer])).exitCode).toBe(1);
  });

  it('finds one address in order', async () => {
    const shop = await startPublishedShop(provider.issuer, `found-${++handles}`);
    const endpoint = ['--endpoint', 'GET:/articles/tides'];
    const { exitCode, output } = await runPeer(['validate', shop.origin, ...endpoint]);
    expect(exitCode, output).toBe(0);
    await shop.close();
  });
});
