import { expect, it } from 'vitest';
import type { Secret } from '../../../../src/wallet/account/recovery.ts';
import {
  buy,
  comeBack,
  makeSecret,
  safeReader,
  titles,
  useTown,
  yours,
} from '../../../support/keeping.ts';
import { makeReader, pressOn, type Reader } from '../../../support/wallet.ts';

const town = useTown();

/** Another device of the account removes this one, which hears of it. */
async function remove(reader: Reader, secret: Secret): Promise<void> {
  const other = await comeBack(town.host, secret);
  const { devices } = await other.wallet.safety();
  await other.wallet.revokeDevice(devices.find(({ isThis }) => !isThis)?.kid ?? '');
  await expect(reader.wallet.refresh()).rejects.toMatchObject({ code: 'device_revoked' });
}

it('one opened after a removal has none of the former one’s money, and no code', async () => {
  const { reader, secret } = await safeReader(town, '/articles/former');
  await remove(reader, secret);
  await reader.wallet.open(town.host);
  expect(await reader.wallet.view()).toMatchObject({ yours: '250000', aside: '0' });
  expect(await buy(reader, town.shop, '/articles/by-the-next')).toBe('paid');
  expect(await yours(reader)).toBe('230000');
  await reader.wallet.topUp('5000000');
  expect((await reader.wallet.view()).isAtStake).toBe(true);
  expect(await titles(reader)).toEqual(['by-the-next', 'former']);
});

it('an end that was wished for and never answered is none of the next account’s', async () => {
  const { reader, secret } = await safeReader(town, '/articles/ended');
  const id = (await reader.ports.store.account.get('account'))?.openingId ?? '';
  await reader.ports.store.keeps.put({ key: 'leaving', id, history: 'delete' });
  await remove(reader, secret);
  await reader.wallet.open(town.host);
  await reader.wallet.refresh();
  expect(await reader.wallet.standing()).toBe('open');
  expect(await titles(reader)).toEqual(['ended']);
});

it('one that comes back after a removal has the reader’s limit still', async () => {
  const { reader, secret } = await safeReader(town, '/articles/limited');
  await reader.wallet.setDailyLimit('500000');
  await reader.wallet.refresh();
  await remove(reader, secret);
  await reader.wallet.restore({ ...secret, provider: town.host, name: 'Laptop' });
  await reader.wallet.refresh();
  const next = await comeBack(town.host, secret);
  for (const { wallet } of [reader, next]) expect((await wallet.view()).dailyLimit).toBe('500000');
});

it('one that comes back after a removal has what is set aside, where it was', async () => {
  const { reader, secret } = await safeReader(town, '/articles/aside');
  await remove(reader, secret);
  await reader.wallet.restore({ ...secret, provider: town.host, name: 'Laptop' });
  expect((await reader.wallet.view()).aside).toBe('30000');
  expect((await reader.wallet.takeBack(town.shop.payto)).back).toBe('30000');
});

it('one opened after a removal has a copy of all that was bought, and no question', async () => {
  const { reader, secret } = await safeReader(town, '/articles/copied');
  const { origin, payto } = town.shop;
  const asked = await reader.wallet.press(pressOn(origin, '/articles/asked', { payto }));
  if (asked.kind !== 'ask') throw new Error('nobody was asked');
  await remove(reader, secret);
  await reader.wallet.open(town.host);
  const answer = reader.wallet.pay({ askId: asked.ask.id, remember: false });
  await expect(answer).rejects.toThrow();
  const next = makeSecret();
  await reader.wallet.setRecovery(next);
  expect(await titles(await comeBack(town.host, next))).toEqual(['copied']);
});

it('one whose first balance cannot be read is gone on with', async () => {
  const { secret } = await safeReader(town, '/articles/unread');
  let isBad = true;
  const reader = makeReader(undefined, (ports) => ({
    ...ports,
    async fetch(url, init) {
      const answer = await ports.fetch(url, init);
      if (!isBad || !url.endsWith('/v1/devices')) return answer;
      isBad = false;
      const body = { ...(await answer.json()), balance: 'a.b.c' };
      return Response.json(body, { status: answer.status, headers: answer.headers });
    },
  }));
  const restored = reader.wallet.restore({ ...secret, provider: town.host, name: 'Laptop' });
  await expect(restored).rejects.toMatchObject({ code: 'provider_unreachable' });
  expect(await reader.wallet.standing()).toBe('restoring');
  await reader.wallet.restore({ ...secret, provider: town.host, name: 'Laptop' });
  expect(await titles(reader)).toEqual(['unread']);
});

it.each(['before', 'after'])(
  'an account on its way, asked for %s, takes no other’s place',
  async (when) => {
    const { secret } = await safeReader(town, '/articles/on-its-way');
    const answer = Promise.withResolvers<void>();
    let isDown = when === 'before';
    const reader = makeReader(undefined, (ports) => ({
      ...ports,
      async fetch(input, init) {
        const isAdding = String(input).endsWith('/v1/devices');
        if (isAdding && isDown) throw new TypeError('no answer');
        const added = await ports.fetch(input, init);
        if (isAdding) await answer.promise;
        return added;
      },
    }));
    const restored = reader.wallet.restore({ ...secret, provider: town.host, name: 'Laptop' });
    const code = isDown ? 'provider_unreachable' : 'account_exists';
    const ended = expect(restored).rejects.toMatchObject({ code });
    if (isDown) await ended;
    await reader.wallet.open(town.host);
    await reader.wallet.topUp('5000000');
    isDown = false;
    answer.resolve();
    await ended;
    await reader.wallet.refresh();
    expect(await yours(reader)).toBe('5250000');
  },
);
