import { describe, expect, it } from 'vitest';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import {
  buy,
  comeBack,
  makeSecret,
  openReader,
  reopen,
  safeReader,
  titles,
  useTown,
  yours,
} from '../../../support/keeping.ts';
import { makeReader, pressOn } from '../../../support/wallet.ts';

const town = useTown();

describe('a new profile', () => {
  it('gets the account, its balance, the limit, the rules and what was bought', async () => {
    const { reader, secret } = await safeReader(town, '/articles/back-1', '/articles/back-2');
    const { payto } = town.shop;
    const { host: at } = new URL(town.shop.origin);
    const rule = { kind: 'one-click', itemMicros: '50000', dayMicros: '500000' } as const;
    await reader.wallet.setRule({ payto, host: at, rule });
    await reader.wallet.setDailyLimit('700000');
    await reader.wallet.refresh();
    const back = await comeBack(town.host, secret);
    const [before, after] = [await reader.wallet.view(), await back.wallet.view()];
    // What the old device holds set aside is not this one's to spend.
    expect(BigInt(after.yours)).toBe(BigInt(before.yours) - BigInt(before.aside));
    expect(after).toMatchObject({ dailyLimit: '700000', spentToday: '40000' });
    expect(await titles(back)).toEqual(['back-1', 'back-2']);
    expect((await back.wallet.sellers())[0]).toMatchObject({
      payto,
      name: 'The Daily',
      hosts: [{ host: at, rule }],
    });
  });

  it('opens what was bought without paying, by a purse that sets nothing aside', async () => {
    const { secret } = await safeReader(town, '/articles/again');
    const back = await comeBack(town.host, secret);
    const accepted = await town.shop.accepted();
    const before = await yours(back);
    back.requests.length = 0;
    expect(await reopen(back, town.shop, '/articles/again')).toBe('paid');
    expect(back.requests.filter((it) => it.includes('/v1/'))).toEqual(['POST /v1/purses']);
    expect(town.shop.log.at(-1)).toBe('GET /articles/again 204 paid');
    expect(await town.shop.accepted()).toEqual(accepted);
    expect([await yours(back), (await back.wallet.view()).aside]).toEqual([before, '0']);
    back.requests.length = 0;
    expect(await reopen(back, town.shop, '/articles/again')).toBe('paid');
    expect(back.requests.filter((it) => it.includes('/v1/'))).toEqual([]);
  });

  it('opens it with an empty balance, too, and pays by the same purse later', async () => {
    const { reader, secret } = await safeReader(town, '/articles/poor');
    const third = await comeBack(town.host, secret);
    // Two devices set aside all that there is.
    for (const [index, it] of [reader, third].entries())
      await buy(it, town.shop, `/articles/spent-${index}`);
    // The first goes on by itself: it sets aside what its next purchase needs.
    const limit = async () => (await reader.ports.store.purses.all())[0]?.limitMicros;
    await expect.poll(limit).toBe(100_000n);
    const back = await comeBack(town.host, secret);
    const { availableMicros } = (await back.ports.store.account.get('account')) ?? {};
    expect(await reopen(back, town.shop, '/articles/poor')).toBe('paid');
    expect((await back.ports.store.account.get('account'))?.availableMicros).toBe(availableMicros);
    expect(await buy(back, town.shop, '/articles/after-poor')).toBe('paid');
    expect((await back.ports.store.purses.all()).length).toBe(1);
  });

  it('cannot undo what another device bought: that right is with its purse', async () => {
    const { reader, secret } = await safeReader(town, '/articles/undone');
    const [mine] = (await reader.wallet.view()).latest;
    expect(mine?.undoUntilMs).toBeDefined();
    const back = await comeBack(town.host, secret);
    const [theirs] = (await back.wallet.view()).latest;
    expect(theirs?.undoUntilMs).toBeUndefined();
    await expect(back.wallet.undo(theirs?.id ?? '')).rejects.toMatchObject({ code: 'undo_over' });
    await reader.wallet.undo(mine?.id ?? '');
    await reader.wallet.refresh();
    await back.wallet.refresh();
    expect((await back.wallet.view()).latest[0]?.undo).toBe('granted');
    expect(await buy(back, town.shop, '/articles/undone')).toBe('paid');
  });
});

describe('words', () => {
  it('that were never set find nothing, change nothing, and the right ones do', async () => {
    const { secret } = await safeReader(town, '/articles/right');
    const reader = makeReader();
    const wish = { provider: town.host, name: 'Laptop' };
    const wrong = reader.wallet.restore({ ...makeSecret(), ...wish });
    await expect(wrong).rejects.toMatchObject({ code: 'recovery_unknown' });
    expect(await reader.wallet.standing()).toBe('none');
    expect(await reader.ports.store.keeps.all()).toEqual([]);
    await reader.wallet.restore({ ...secret, ...wish });
    expect(await titles(reader)).toEqual(['right']);
  });

  it('that others took the place of find nothing; a passkey beside them still does', async () => {
    const { reader, secret } = await safeReader(town, '/articles/replaced');
    const passkey = makeSecret('passkey');
    await reader.wallet.setRecovery(passkey);
    const later = makeSecret();
    await reader.wallet.setRecovery(later);
    await expect(comeBack(town.host, secret)).rejects.toMatchObject({ code: 'recovery_unknown' });
    for (const it of [later, passkey])
      expect(await titles(await comeBack(town.host, it))).toEqual(['replaced']);
  });

  it('are not taken where there is a wallet already', async () => {
    const { reader, secret } = await safeReader(town);
    const again = reader.wallet.restore({ ...secret, provider: town.host, name: 'Laptop' });
    await expect(again).rejects.toMatchObject({ code: 'account_exists' });
  });

  it('are nowhere in the profile, and no key of it can be taken out', async () => {
    const { reader } = await safeReader(town, '/articles/kept');
    const { transaction: _, ...tables } = reader.ports.store;
    const rows = (await Promise.all(Object.values(tables).map((it) => it.all()))).flat();
    const keys = JSON.stringify(rows, (_name, value) =>
      value instanceof CryptoKey
        ? `key ${value.extractable}`
        : typeof value === 'bigint'
          ? ''
          : value,
    );
    expect(keys).toContain('key false');
    expect(keys).not.toContain('key true');
    expect(rows.some((row) => 'secret' in row)).toBe(false);
  });
});

describe('two devices', () => {
  it('have one day and one history', async () => {
    const { reader, secret } = await safeReader(town, '/articles/shared-1');
    const second = await comeBack(town.host, secret);
    await buy(second, town.shop, '/articles/shared-2');
    await second.wallet.refresh();
    await reader.wallet.refresh();
    for (const it of [reader, second]) {
      expect((await it.wallet.view()).spentToday).toBe('40000');
      expect(await titles(it)).toEqual(['shared-1', 'shared-2']);
    }
    expect(await reopen(reader, town.shop, '/articles/shared-2')).toBe('paid');
  });

  it('are named, listed and removed; the removed one pays nothing more', async () => {
    const { reader, secret } = await safeReader(town);
    const second = await comeBack(town.host, secret);
    const list = async () => (await second.wallet.safety()).devices;
    const old = (await list()).find(({ isThis }) => !isThis);
    await second.wallet.nameDevice({ kid: old?.kid ?? '', name: 'Lost laptop' });
    expect((await list()).map(({ name }) => name).toSorted()).toEqual([
      'Lost laptop',
      'New laptop',
    ]);
    await second.wallet.revokeDevice(old?.kid ?? '');
    expect((await list()).filter(({ revokedMs }) => revokedMs !== undefined)).toHaveLength(1);
    await expect(reader.wallet.refresh()).rejects.toMatchObject({ code: 'device_revoked' });
    expect(await reader.wallet.standing()).toBe('revoked');
    const press = pressOn(town.shop.origin, '/articles/revoked', { payto: town.shop.payto });
    expect(await reader.wallet.press(press)).toMatchObject({ code: 'device_revoked' });
  });

  it('one is removed between its question and its yes: nothing is charged', async () => {
    const { reader, secret } = await safeReader(town);
    const second = await comeBack(town.host, secret);
    const press = pressOn(town.shop.origin, '/articles/mid-1', { payto: town.shop.payto });
    const decision = await reader.wallet.press(press);
    const old = (await second.wallet.safety()).devices.find(({ isThis }) => !isThis);
    await second.wallet.revokeDevice(old?.kid ?? '');
    const before = await town.shop.accepted();
    const askId = decision.kind === 'ask' ? decision.ask.id : '';
    const outcome = await reader.wallet.pay({ askId, remember: false });
    expect(outcome).toMatchObject({
      kind: 'refused',
      payment: { refusal: { code: 'device_revoked' } },
    });
    expect(await town.shop.accepted()).toEqual(before);
  });

  it('one is removed while its charge is on the way: its receipt is still taken', async () => {
    const { reader, secret } = await safeReader(town, '/articles/mid-2');
    const second = await comeBack(town.host, secret);
    town.shop.faults.push('lose-reply');
    expect(await buy(reader, town.shop, '/articles/mid-3')).toBe('waiting');
    const old = (await second.wallet.safety()).devices.find(({ isThis }) => !isThis);
    await second.wallet.revokeDevice(old?.kid ?? '');
    await expect(reader.wallet.refresh()).rejects.toMatchObject({ code: 'device_revoked' });
    await reader.passTime();
    const states = (await reader.ports.store.payments.all()).map(({ state }) => state);
    expect(states).toEqual(['paid', 'paid']);
  });

  it('what a lost one has set aside is back when its seller has handed in', async () => {
    const { reader, secret } = await safeReader(town, '/articles/lost');
    const second = await comeBack(town.host, secret);
    const lost = (await second.wallet.safety()).devices.find(({ isThis }) => !isThis);
    expect(lost).toMatchObject({ aside: '50000' });
    expect((lost?.backByMs ?? 0) - Date.now()).toBeGreaterThan(9.9 * 86_400_000);
    // Before and after it has nothing to hand in: it is asked all the same.
    await town.shop.seller.collect();
    await second.wallet.revokeDevice(lost?.kid ?? '');
    await town.shop.seller.collect();
    await second.wallet.refresh();
    expect(await yours(second)).toBe('230000');
    expect((await second.wallet.safety()).devices.every(({ aside }) => aside === '0')).toBe(true);
    expect(await buy(reader, town.shop, '/articles/too-late')).not.toBe('paid');
    expect((await auditDatabase(town.provider.databaseFile)).findings).toEqual([]);
  });

  it('a removed one comes back as a new device, with the words', async () => {
    const { reader, secret } = await safeReader(town, '/articles/returned');
    const second = await comeBack(town.host, secret);
    const old = (await second.wallet.safety()).devices.find(({ isThis }) => !isThis);
    await second.wallet.revokeDevice(old?.kid ?? '');
    await expect(reader.wallet.refresh()).rejects.toMatchObject({ code: 'device_revoked' });
    await reader.wallet.restore({ ...secret, provider: town.host, name: 'Again' });
    expect(await reader.wallet.standing()).toBe('open');
    expect(await titles(reader)).toEqual(['returned']);
    expect(await buy(reader, town.shop, '/articles/returned-2')).toBe('paid');
  });
});

describe('the reminder', () => {
  it('comes with the reader’s own money, goes for a week, and ends with a code', async () => {
    const reader = await openReader(town);
    const isAtStake = async () => (await reader.wallet.view()).isAtStake;
    expect(await isAtStake()).toBe(false);
    await reader.wallet.topUp('10000000');
    expect(await isAtStake()).toBe(true);
    await reader.wallet.remindLater();
    expect(await isAtStake()).toBe(false);
    reader.clock.aheadMs = 8 * 86_400_000;
    expect(await isAtStake()).toBe(true);
    await reader.wallet.setRecovery(makeSecret());
    expect(await isAtStake()).toBe(false);
  });
});
