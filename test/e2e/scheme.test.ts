/**
 * The Payment scheme with strangers, over real HTTP: its own client, command line, server and
 * validator, none of which has ever heard of Farthing.
 */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningProvider, startProvider } from '../../src/provider/main.ts';
import { loadPeerCore } from '../support/mppx/peer.ts';
import { readPurse } from '../support/mppx/purse.ts';
import { makePurseFile, openClient, runPeer } from '../support/mppx/world.ts';
import { type RunningShop, startShop } from '../support/shop.ts';

const PRICE_MICROS = 20_000n;

let folder: string;
let provider: RunningProvider;
let shop: RunningShop;
let purse: string;
let pay: typeof fetch;
let handles = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farthing-test-'));
  provider = await startProvider({ dataDir: folder, port: 0 });
});

afterAll(async () => {
  await provider.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  shop = await startShop(provider.issuer, { handle: `strangers-${++handles}` });
  const { payto } = shop;
  purse = await makePurseFile(folder, { issuer: provider.issuer, payto, amountMicros: 1_000_000n });
  pay = await openClient(purse);
});

afterEach(() => shop.close());

const article = (name: string | number) => `${shop.origin}/articles/${name}`;

describe('the client of the scheme', () => {
  it.each(['*/*', 'text/html', 'application/json'])('buys with Accept: %s', async (accept) => {
    const answer = await pay(article('tides'), { headers: { Accept: accept } });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('Every word of it.');
    const { Receipt } = await loadPeerCore();
    const { id } = readPurse(purse);
    expect(Receipt.fromResponse(answer)).toMatchObject({
      method: 'farthing',
      status: 'success',
      reference: `${id}.1`,
    });
    expect(await shop.accepted()).toEqual({ charges: 1, totalMicros: PRICE_MICROS });
  });

  it('gets a pass and no page where it prefers so', async () => {
    const answer = await pay(article('tides'), { headers: { Prefer: 'return=minimal' } });
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()).toHaveLength(1);
    expect(await shop.accepted()).toEqual({ charges: 1, totalMicros: PRICE_MICROS });
  });

  it('is shown again what it bought, and pays once', async () => {
    await pay(article('tides'));
    await pay(article('reefs'));
    const again = await pay(article('tides'));
    expect(again.status).toBe(200);
    expect(await again.text()).toContain('The article tides');
    expect(await shop.accepted()).toEqual({ charges: 2, totalMicros: 30_000n });
  });

  it('promises in thirty fetches at once on one purse exactly what the shop receives', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `page-${index % 24}`);
    const answers = await Promise.all(names.map((name) => pay(article(name))));
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    for (const [index, text] of texts.entries()) expect(text).toContain(names[index]);
    const received = { charges: 24, totalMicros: 24n * PRICE_MICROS };
    expect(await shop.accepted()).toEqual(received);
    const { seq, tot, pending } = readPurse(purse);
    expect({ charges: seq, totalMicros: tot, pending }).toEqual(received);
  });

  it('gets the answer that was lost before it buys anything else', async () => {
    shop.faults.push('lose-reply');
    await expect(pay(article('tides'))).rejects.toThrow();
    expect(readPurse(purse)).toMatchObject({ seq: 0, pending: { seq: 1 } });

    expect((await pay(article('reefs'))).status).toBe(200);
    expect(await shop.accepted()).toEqual({ charges: 2, totalMicros: 30_000n });
    expect((await pay(article('tides'))).status).toBe(200);
    expect(await shop.accepted()).toEqual({ charges: 2, totalMicros: 30_000n });
  });

  it('sends one charge however often its answer is lost', async () => {
    shop.faults.push('lose-reply', 'bad-gateway');
    await expect(pay(article('tides'))).rejects.toThrow();
    expect((await pay(article('tides'))).status).toBe(502);
    expect((await pay(article('tides'))).status).toBe(200);
    expect(await shop.accepted()).toEqual({ charges: 1, totalMicros: PRICE_MICROS });
  });

  it('learns from the challenge alone how far its purse is, after a restored backup', async () => {
    const backup = `${purse}.backup`;
    await copyFile(purse, backup);
    await pay(article('tides'));
    await pay(article('reefs'));
    await copyFile(backup, purse);

    expect((await pay(article('dawn'))).status).toBe(200);
    expect(await shop.accepted()).toEqual({ charges: 3, totalMicros: 50_000n });
    expect(readPurse(purse)).toMatchObject({ seq: 3, tot: 50_000n });
  });
});

describe('the command of the scheme', () => {
  it('buys in three processes on one purse, one after the other', async () => {
    for (const name of ['tides', 'reefs', 'tides']) {
      const { exitCode, output } = await runPeer([article(name)], purse);
      expect(output).toContain(`The article ${name}`);
      expect(exitCode).toBe(0);
    }
    expect(await shop.accepted()).toEqual({ charges: 2, totalMicros: 30_000n });
  });

  it('buys in three processes on one purse, all at once', async () => {
    const names = ['one', 'two', 'three'];
    const runs = await Promise.all(names.map((name) => runPeer([article(name)], purse)));
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(await shop.accepted()).toEqual({ charges: 3, totalMicros: 3n * PRICE_MICROS });
    expect(readPurse(purse)).toMatchObject({ seq: 3, tot: 3n * PRICE_MICROS });
  });
});
