import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { FarthingError } from '../../../../src/protocol/errors.ts';
import { problemOf } from '../../../../src/protocol/problem.ts';
import { readKeep } from '../../../../src/wallet/account/keeps.ts';
import {
  buy,
  comeBack,
  lying,
  makeSecret,
  openReader,
  safeReader,
  titles,
  useTown,
  yours,
} from '../../../support/keeping.ts';
import { copyProfile, makeReader, type Reader } from '../../../support/wallet.ts';

const town = useTown();
const damagedOf = async ({ ports }: Reader) => (await readKeep(ports.store, 'copy'))?.damaged;

describe('the copy', () => {
  it('says nothing of what was read to whoever has the provider’s books', async () => {
    await safeReader(town, '/articles/very-private');
    const books = await Promise.all(
      ['', '-wal'].map((end) => readFile(`${town.provider.databaseFile}${end}`, 'latin1')),
    );
    const says = (text: string) => books.some((it) => it.includes(text));
    expect([says('very-private'), says(town.shop.payto)]).toEqual([false, true]);
  });

  it('has what was bought since, and what was undone since', async () => {
    const { reader, secret } = await safeReader(town, '/articles/since-1');
    await buy(reader, town.shop, '/articles/since-2');
    await reader.passTime();
    await reader.wallet.refresh();
    expect(await titles(await comeBack(town.host, secret))).toEqual(['since-1', 'since-2']);
  });

  it('costs no request where nothing has changed but the look at it', async () => {
    const { reader } = await safeReader(town, '/articles/quiet');
    await reader.wallet.refresh();
    reader.requests.length = 0;
    await reader.wallet.refresh();
    expect(reader.requests).toEqual(['GET /v1/account', 'GET /v1/history']);
  });

  it('ends when the reader says so, and begins again with all of it', async () => {
    const { reader, secret } = await safeReader(town, '/articles/ended');
    expect((await reader.wallet.setCopy('off')).copy).toBe('off');
    expect(await titles(await comeBack(town.host, secret))).toEqual([]);
    expect((await reader.wallet.setCopy('on')).copy).toBe('on');
    const back = await comeBack(town.host, secret);
    expect(await titles(back)).toEqual(['ended']);
    expect(await damagedOf(back)).toBe(0);
  });

  it('that begins anew says again what was said then, and overrides no later word', async () => {
    const { reader, secret } = await safeReader(town, '/articles/word');
    const { payto, origin } = town.shop;
    const { host } = new URL(origin);
    const oneClick = { kind: 'one-click', itemMicros: '50000', dayMicros: '500000' } as const;
    await reader.wallet.setRule({ payto, host, rule: oneClick });
    await reader.wallet.setDailyLimit('900000');
    await reader.wallet.refresh();
    const tablet = await comeBack(town.host, secret);
    const said = async ({ wallet }: Reader) => {
      const rules = (await wallet.rules()).flatMap(({ hosts }) => hosts.map((it) => it.rule.kind));
      return [...rules, (await wallet.view()).dailyLimit];
    };
    expect(await said(tablet)).toEqual(['one-click', '900000']);
    await reader.wallet.setRule({ payto, host, rule: { kind: 'block' } });
    await reader.wallet.setDailyLimit('100000');
    await reader.wallet.refresh();
    await tablet.wallet.setCopy('off');
    await tablet.wallet.setCopy('on');
    for (const device of [reader, tablet]) {
      await device.wallet.refresh();
      expect(await said(device)).toEqual(['block', '100000']);
    }
  });

  it('keeps no word of a clock that was ahead: the next one, of either device, holds', async () => {
    const { reader, secret } = await safeReader(town, '/articles/ahead');
    const tablet = await comeBack(town.host, secret);
    reader.clock.aheadMs = 1000 * 86_400_000;
    await reader.wallet.setDailyLimit('900000');
    await reader.wallet.refresh();
    reader.clock.aheadMs = 0;
    await tablet.wallet.refresh();
    for (const [here, there, limit] of [
      [tablet, reader, '100000'],
      [reader, tablet, '200000'],
    ] as const) {
      await here.wallet.setDailyLimit(limit);
      for (const { wallet } of [here, there]) await wallet.refresh();
      expect((await there.wallet.view()).dailyLimit).toBe(limit);
    }
  });

  it('has one word where two devices say theirs of one moment', async () => {
    const { reader, secret } = await safeReader(town, '/articles/at-once');
    reader.clock.aheadMs = 1000 * 86_400_000;
    await reader.wallet.setDailyLimit('900000');
    await reader.wallet.refresh();
    reader.clock.aheadMs = 0;
    const tablet = await comeBack(town.host, secret);
    await tablet.wallet.setDailyLimit('100000');
    await reader.wallet.setDailyLimit('200000');
    for (const { wallet } of [reader, tablet, reader]) await wallet.refresh();
    const limit = (await reader.wallet.view()).dailyLimit;
    expect((await tablet.wallet.view()).dailyLimit).toBe(limit);
  });

  it('of more than fits into one chunk is whole', async () => {
    const reader = await openReader(town);
    await reader.wallet.topUp('5000000');
    await buy(reader, town.shop, '/articles/many-0');
    const [first] = await reader.ports.store.payments.all();
    // What a year leaves behind, without the year.
    for (let index = 1; index < 100 && first?.charge; index++) {
      const id = Buffer.from(`payment ${index}`.padEnd(16)).toString('base64url');
      const opening = { ...first.charge.opening, jti: id };
      await reader.ports.store.payments.put({ ...first, id, charge: { ...first.charge, opening } });
    }
    const secret = makeSecret();
    reader.requests.length = 0;
    await reader.wallet.setRecovery(secret);
    expect(reader.requests.filter((it) => it === 'POST /v1/history').length).toBeGreaterThan(1);
    const back = await comeBack(town.host, secret);
    expect((await back.ports.store.payments.all()).length).toBe(100);
  });
});

describe('a provider that lies about the copy', () => {
  async function threeChunks() {
    const { reader, secret } = await safeReader(town, '/articles/lie-1');
    for (const path of ['/articles/lie-2', '/articles/lie-3']) {
      await buy(reader, town.shop, path);
      await reader.wallet.refresh();
    }
    return secret;
  }
  const other = (chunk: string) =>
    chunk.startsWith('A') ? `B${chunk.slice(1)}` : `A${chunk.slice(1)}`;

  it.for([
    [
      'changes one',
      1,
      (chunks) => chunks.map((it, at) => (at === 1 ? { ...it, chunk: other(it.chunk) } : it)),
    ],
    [
      'cuts one',
      1,
      (chunks) =>
        chunks.map((it, at) => (at === 1 ? { ...it, chunk: it.chunk.slice(0, 400) } : it)),
    ],
    ['leaves one out', 1, (chunks) => chunks.toSpliced(1, 1)],
    [
      'puts two in each other’s place',
      2,
      ([a, b, c]) => [{ ...a, chunk: b?.chunk }, { ...b, chunk: a?.chunk }, c],
    ],
    ['sends one in the place of another', 1, ([a, b, c]) => [a, { ...b, chunk: a?.chunk }, c]],
  ] as const satisfies readonly (readonly [string, number, (chunks: Chunks) => unknown])[])(
    'and %s: what opens is used, the rest is said',
    async ([, lost, lie]) => {
      const secret = await threeChunks();
      const back = await comeBack(
        town.host,
        secret,
        lying(lie as unknown as (it: Chunks) => Chunks),
      );
      expect((await titles(back)).length).toBe(3 - lost);
      expect(await damagedOf(back)).toBe(lost);
      expect(await yours(back)).toBe('150000');
    },
  );

  it('and sends one twice: nothing is there twice', async () => {
    const secret = await threeChunks();
    const twice = lying((chunks) => chunks.flatMap((it) => [it, it]));
    const back = await comeBack(town.host, secret, twice);
    expect([await titles(back), await damagedOf(back)]).toEqual([['lie-1', 'lie-2', 'lie-3'], 0]);
  });

  it('and gives back another history key: the account is there all the same', async () => {
    const { secret } = await safeReader(town, '/articles/unsealed');
    const back = await comeBack(town.host, secret, (ports) => ({
      ...ports,
      fetch: async (input, init) => {
        const answer = await ports.fetch(input, init);
        if (!String(input).endsWith('/v1/devices') || !answer.ok) return answer;
        const body = { ...(await answer.json()), sealed: 'A'.repeat(80) };
        return Response.json(body, { headers: answer.headers });
      },
    }));
    expect(await yours(back)).toBe('200000');
    expect(await titles(back)).toEqual([]);
  });
});
type Chunks = Parameters<Parameters<typeof lying>[0]>[0];

describe('an old profile', () => {
  it('that is put back finds that the copy went on, and loses nothing', async () => {
    const { reader, secret } = await safeReader(town, '/articles/old-1');
    const old = makeReader();
    await copyProfile(reader, old);
    await buy(reader, town.shop, '/articles/old-2');
    await reader.wallet.refresh();
    await old.wallet.setDailyLimit('600000');
    await old.wallet.refresh();
    const back = await comeBack(town.host, secret);
    expect(await titles(back)).toEqual(['old-1', 'old-2']);
    expect(await damagedOf(back)).toBe(0);
    expect((await back.wallet.view()).dailyLimit).toBe('600000');
  });
});

describe('what was undone', () => {
  it('is said to be back by the same day in each browser, and to be there in each', async () => {
    const { reader, secret } = await safeReader(town);
    expect(await buy(reader, town.shop, '/articles/undone')).toBe('paid');
    const [{ id = '' } = {}] = (await reader.wallet.view()).latest;
    await reader.wallet.undo(id);
    await reader.wallet.refresh();
    const other = await comeBack(town.host, secret);
    const saidBy = async ({ wallet }: Reader) => {
      const [{ undo, backByMs } = {}] = (await wallet.view()).latest;
      // Each knows the provider's clock to a second.
      return [undo, backByMs && Math.round(backByMs / 60_000)];
    };
    const said = await saidBy(reader);
    expect(said[0]).toBe('granted');
    expect(said[1]).toBeGreaterThan(Date.now() / 60_000);
    expect(await saidBy(other)).toEqual(said);
    const { entries } = await other.wallet.history({});
    expect(entries[0]?.undone).toMatchObject({ undo: 'granted' });
    await town.shop.seller.collect();
    for (const one of [other, reader]) {
      await one.wallet.refresh();
      expect(await saidBy(one)).toEqual(['back', undefined]);
    }
    // A browser that comes later has it from the copy, and asks nobody.
    const third = await comeBack(town.host, secret);
    expect(await saidBy(third)).toEqual(['back', undefined]);
    expect(third.requests).not.toContain('POST /v1/refunds');
  });

  it('is heard to be back from the copy, where it was not when it was read first', async () => {
    const { reader, secret } = await safeReader(town);
    await buy(reader, town.shop, '/articles/undone');
    const [{ id = '' } = {}] = (await reader.wallet.view()).latest;
    await reader.wallet.undo(id);
    await reader.wallet.refresh();
    const other = await comeBack(town.host, secret);
    await town.shop.seller.collect();
    await reader.wallet.refresh();
    // Past the time in which it is asked for.
    other.clock.aheadMs = 15 * 86_400_000;
    await other.wallet.refresh();
    expect((await other.wallet.view()).latest[0]?.undo).toBe('back');
    expect(other.requests).not.toContain('POST /v1/refunds');
  });

  it('is back with the rest of what was set aside where nobody ever collected it', async () => {
    let isEnded = false;
    const reader = makeReader(undefined, (ports) => ({
      ...ports,
      fetch: async (url, init) => {
        const answer = await ports.fetch(url, init);
        if (!isEnded || !url.endsWith('/v1/refunds')) return answer;
        const [result] = (await answer.json()).results;
        const ended = { ...result, state: 'refused', code: 'refund_excess' };
        return Response.json({ results: [ended] }, { headers: answer.headers });
      },
    }));
    await reader.wallet.open(town.host);
    await buy(reader, town.shop, '/articles/undone');
    const [{ id = '' } = {}] = (await reader.wallet.view()).latest;
    await reader.wallet.undo(id);
    expect((await reader.wallet.view()).latest[0]?.undo).toBe('granted');
    isEnded = true;
    // Its end is later than any undo can be wished for.
    reader.clock.aheadMs = 11 * 86_400_000;
    await reader.wallet.refresh();
    expect((await reader.wallet.view()).latest[0]?.undo).toBe('back');
  });

  it('holds up no look at the balance where nobody answers for it any more', async () => {
    let isGone = false;
    const reader = makeReader(undefined, (ports) => ({
      ...ports,
      fetch: async (url, init) => {
        const answer = await ports.fetch(url, init);
        if (!isGone || !url.endsWith('/v1/refunds')) return answer;
        const problem = problemOf(new FarthingError('seller_unknown', 'it has left'));
        return Response.json(problem, { status: 404, headers: answer.headers });
      },
    }));
    await reader.wallet.open(town.host);
    await buy(reader, town.shop, '/articles/undone');
    const [{ id = '' } = {}] = (await reader.wallet.view()).latest;
    await reader.wallet.undo(id);
    isGone = true;
    for (let look = 0; look < 2; look++) await reader.wallet.refresh();
    expect((await reader.wallet.view()).latest[0]?.undo).toBe('granted');
  });
});
