/** What is booked while an answer of the wallet service is still on its way. */
import { expect, it } from 'vitest';
import { FarthingError } from '../../src/protocol/errors.ts';
import { problemOf } from '../../src/protocol/problem.ts';
import type { WalletPorts } from '../../src/wallet/ports.ts';
import { buy, comeBack, reopen, safeReader, useTown, yours } from '../support/keeping.ts';
import { makeReader, type Reader } from '../support/wallet.ts';

const town = useTown();

/** The end of an address whose next answer is held back, until somebody lets it go. */
let held = '';
let come = Promise.withResolvers<void>();
let go = Promise.withResolvers<void>();

function holdBack(end: string): void {
  held = end;
  come = Promise.withResolvers();
  go = Promise.withResolvers();
}

const slow = (ports: WalletPorts): WalletPorts => ({
  ...ports,
  async fetch(url, init) {
    const answer = await ports.fetch(url, init);
    if (held === '' || !url.endsWith(held)) return answer;
    held = '';
    come.resolve();
    await go.promise;
    return answer;
  },
});

/** How it stands, what was spent, and how much there is of each purse. */
const pursesOf = async ({ ports }: Reader) => {
  const purses = await ports.store.purses.all();
  return purses.map(({ state, seq, totalMicros, limitMicros }) => [
    ...[state, seq, totalMicros, limitMicros],
  ]);
};

it('a receipt that comes while its purse is prolonged is not forgotten', async () => {
  const reader = makeReader(undefined, slow);
  await reader.wallet.open(town.host);
  await buy(reader, town.shop, '/articles/first');
  town.shop.faults.push('bad-gateway');
  expect(await buy(reader, town.shop, '/articles/second')).toBe('waiting');
  const [purse] = await reader.ports.store.purses.all();
  if (!purse) throw new Error('nothing is set aside');
  await reader.ports.store.purses.put({
    ...purse,
    expiresAtSec: Math.floor(Date.now() / 1000) + 7200,
  });
  holdBack('/raise');
  const tidied = reader.wallet.tidy();
  await come.promise;
  await reader.passTime();
  expect((await reader.wallet.view()).latest[0]).toMatchObject({ state: 'paid' });
  go.resolve();
  await tidied;
  expect(await pursesOf(reader)).toEqual([['open', 2, 40_000n, 50_000n]]);
});

it('what is paid by a purse that was asked for to show a receipt is not forgotten', async () => {
  const { secret } = await safeReader(town, '/articles/shown');
  const back = await comeBack(town.host, secret, slow);
  holdBack('/v1/purses');
  const shown = reopen(back, town.shop, '/articles/shown');
  await come.promise;
  expect(await buy(back, town.shop, '/articles/beside')).toBe('paid');
  const paid = await pursesOf(back);
  go.resolve();
  expect(await shown).toBe('paid');
  expect(await pursesOf(back)).toEqual(paid);
});

it('a raise without an answer is gone on with, though its purse is asked for', async () => {
  const { secret } = await safeReader(town, '/articles/raised');
  let isLost = false;
  const back = await comeBack(town.host, secret, (ports) => ({
    ...ports,
    async fetch(url, init) {
      const answer = await slow(ports).fetch(url, init);
      if (!isLost || !url.endsWith('/raise')) return answer;
      throw new TypeError('no answer');
    },
  }));
  holdBack('/v1/purses');
  const shown = reopen(back, town.shop, '/articles/raised');
  await come.promise;
  for (const path of ['/articles/once', '/articles/twice'])
    expect(await buy(back, town.shop, path)).toBe('paid');
  isLost = true;
  expect(await buy(back, town.shop, '/articles/again')).toBe('waiting');
  go.resolve();
  expect(await shown).toBe('paid');
  isLost = false;
  await back.wallet.refresh();
  expect(await yours(back)).toBe('160000');
  expect(await pursesOf(back)).toEqual([['open', 2, 40_000n, 100_000n]]);
});

it('a purse that is over when it is raised pays nothing more: the next one does', async () => {
  const raised = Promise.withResolvers<void>();
  const over = problemOf(new FarthingError('purse_expired', 'it has ended'));
  const reader = makeReader(undefined, (ports) => ({
    ...ports,
    async fetch(url, init) {
      if (!url.endsWith('/raise')) return ports.fetch(url, init);
      raised.resolve();
      return Response.json(over, { status: 409 });
    },
  }));
  await reader.wallet.open(town.host);
  for (const path of ['/articles/r-1', '/articles/r-2', '/articles/r-3'])
    expect(await buy(reader, town.shop, path)).toBe('paid');
  await raised.promise;
  const states = (await pursesOf(reader)).map(([state]) => state);
  expect(states.toSorted()).toEqual(['open', 'retired']);
});

it.each([
  ['after', [0, 1]],
  ['before', [1, 0]],
])(
  'a purse granted when asked for again, %s the first request is refused, is open',
  async (_, order) => {
    const { secret } = await safeReader(town, '/articles/asked');
    const asked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const heard = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let count = 0;
    const back = await comeBack(town.host, secret, (ports) => ({
      ...ports,
      async fetch(url, init) {
        if (!url.endsWith('/v1/purses')) return ports.fetch(url, init);
        const at = count++;
        const frozen = problemOf(new FarthingError('account_frozen', 'for a moment'));
        const answer = at === 0 ? Response.json(frozen, { status: 403 }) : ports.fetch(url, init);
        asked[at]?.resolve();
        await heard[at]?.promise;
        return answer;
      },
    }));
    const bought = buy(back, town.shop, '/articles/refused');
    await asked[0]?.promise;
    const shown = reopen(back, town.shop, '/articles/asked');
    await asked[1]?.promise;
    const ends = [bought, shown];
    for (const at of order) {
      heard[at]?.resolve();
      await ends[at];
    }
    expect(await Promise.all(ends)).toEqual(['refused', 'paid']);
    expect(await pursesOf(back)).toEqual([['open', 0, 0n, 50_000n]]);
  },
);

/** A reader whose charge for `/late` is accepted, and refused in words as too late. */
async function lateReader(after: () => void, isDown = false): Promise<Reader> {
  let isLate = false;
  const reader = makeReader(undefined, (ports) => ({
    ...ports,
    async fetch(url, init) {
      if (isLate && isDown && url.endsWith('/v1/purses')) throw new TypeError('no answer');
      const answer = await slow(ports).fetch(url, init);
      if (!url.endsWith('/late') || isLate) return answer;
      isLate = true;
      reader.clock.aheadMs += 10_000;
      after();
      const headers = { 'Content-Type': 'application/problem+json' };
      return new Response('{"farthing":"purse_expired","detail":""}', { status: 402, headers });
    },
  }));
  await reader.wallet.open(town.host);
  await buy(reader, town.shop, '/articles/in-time');
  const { purses } = reader.ports.store;
  const [purse] = await purses.all();
  if (!purse) throw new Error('nothing is set aside');
  await purses.put({ ...purse, expiresAtSec: Math.floor(Date.now() / 1000) + 605 });
  return reader;
}

it('a charge refused as too late, and accepted, is found when its purse closes', async () => {
  const reader = await lateReader(() => undefined, true);
  expect(await buy(reader, town.shop, '/articles/late')).toBe('waiting');
  reader.clock.aheadMs += 130_000;
  await reader.passTime();
  expect((await reader.wallet.view()).latest[0]).toMatchObject({ state: 'refused' });
  const { back } = await reader.wallet.takeBack(town.shop.payto);
  expect(back).toBe('10000');
  expect((await reader.wallet.view()).latest[0]).toMatchObject({ state: 'paid' });
});

it('one found while what was signed in its place is on its way leaves that alone', async () => {
  const late = Promise.withResolvers<void>();
  const reader = await lateReader(() => {
    holdBack('/late');
    late.resolve();
  });
  const bought = buy(reader, town.shop, '/articles/late');
  await late.promise;
  await come.promise;
  await reader.wallet.tidy();
  go.resolve();
  expect(await bought).toBe('paid');
  const paid = ['open', 1, 20_000n, 50_000n];
  expect((await pursesOf(reader)).toSorted()).toEqual([paid, ['retired', 1, 20_000n, 50_000n]]);
  // Both were taken; the purse of the first shows it once its seller is asked again.
  reader.clock.aheadMs += 86_400_000;
  await reader.wallet.takeBack(town.shop.payto);
  const totals = (await pursesOf(reader)).map(([state, , total]) => [state, total]);
  expect(totals.toSorted()).toEqual([
    ['closed', 20_000n],
    ['closed', 40_000n],
  ]);
});
