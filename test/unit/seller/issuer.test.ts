/**
 * The provider's keys: fetched when needed, kept, asked for again but not at everybody's call (SPEC
 * 2.5).
 */
import { expect, it } from 'vitest';
import { makeKey, makePurse, renewCertificate, settlePurse } from '../../support/payer.ts';
import { chargeFor42, codeOf, openShop, PAYTO } from './shop.ts';

async function payFresh(shop: Awaited<ReturnType<typeof openShop>>) {
  return codeOf(await shop.pay((await chargeFor42(await shop.purse())).header));
}

it('the keys are fetched once for many purses, and not for a remembered one', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const first = await chargeFor42(purse);
  await shop.pay(first.header);
  settlePurse(purse, first);
  await shop.pay((await chargeFor42(purse)).header);
  expect(await payFresh(shop)).toBe('status 200');
  expect(shop.provider.fetchCount).toBe(1);
});

it('twenty readers at the start make one request', async () => {
  const shop = await openShop();
  const answers = await Promise.all(Array.from({ length: 20 }, () => payFresh(shop)));
  expect(new Set(answers)).toEqual(new Set(['status 200']));
  expect(shop.provider.fetchCount).toBe(1);
});

it('a new key of the provider is looked up, a made-up one once a minute at most', async () => {
  const shop = await openShop();
  await payFresh(shop);
  const stranger = await makeKey();
  for (let round = 0; round < 3; round++) {
    const purse = await makePurse(shop.provider, PAYTO);
    await renewCertificate(purse, {}, stranger);
    expect(await codeOf(await shop.pay((await chargeFor42(purse)).header))).toBe('jws_key_unknown');
  }
  expect(shop.provider.fetchCount).toBe(1);
  shop.provider.signing = await makeKey();
  shop.provider.keys.push(shop.provider.signing);
  shop.world.nowMs += 60_000;
  expect(await payFresh(shop)).toBe('status 200');
  expect(shop.provider.fetchCount).toBe(2);
});

it('an empty or failing key server changes nothing for known keys', async () => {
  const shop = await openShop();
  await payFresh(shop);
  const published = shop.provider.keys;
  shop.world.nowMs += 60_000;
  shop.provider.keys = [];
  const purse = await makePurse(shop.provider, PAYTO);
  await renewCertificate(purse, {}, await makeKey());
  const { header } = await chargeFor42(purse);
  expect(await codeOf(await shop.pay(header))).toBe('provider_unreachable');
  expect(await payFresh(shop)).toBe('status 200');
  shop.provider.keys = published;
});

it('a provider that is down at the start: nothing charged, and asked again soon', async () => {
  const shop = await openShop();
  shop.provider.isUp = false;
  const { header } = await chargeFor42(await shop.purse());
  expect(await codeOf(await shop.pay(header))).toBe('provider_unreachable');
  expect(await codeOf(await shop.pay(header))).toBe('provider_unreachable');
  expect(shop.provider.fetchCount).toBe(1);
  shop.provider.isUp = true;
  shop.world.nowMs += 2000;
  expect((await shop.pay(header)).status).toBe(200);
});

it('a clock that was ahead once and was put back puts no look-up off', async () => {
  const shop = await openShop();
  shop.provider.isUp = false;
  const rightMs = shop.world.nowMs;
  shop.world.nowMs += 86_400_000;
  expect(await payFresh(shop)).toBe('provider_unreachable');
  shop.world.nowMs = rightMs;
  shop.provider.isUp = true;
  expect(await payFresh(shop)).toBe('status 200');
});
