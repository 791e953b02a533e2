/**
 * The provider's keys: fetched when needed, kept, asked for again but not at everybody's call (SPEC
 * 2.5).
 */
import { expect, it } from 'vitest';
import type { Micros } from '../../../../src/protocol/money.ts';
import {
  makeKey,
  makePurse,
  pageChallenge,
  payChallenge,
  renewCertificate,
  settlePurse,
} from '../../../support/payer.ts';
import { chargeFor42, codeOf, openShop, PAYTO, TERMS_42, URL_42 } from '../shop.ts';

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

const KEPT_MS = 300_000;

/** The provider signs by a new key, and the one before has left its set. */
async function replaceKey({ provider }: Awaited<ReturnType<typeof openShop>>) {
  const stolen = provider.signing;
  provider.signing = await makeKey();
  provider.keys = [provider.signing];
  return stolen;
}

it('a key that left the set is found out after five minutes, by what is new', async () => {
  const shop = await openShop();
  await payFresh(shop);
  const stolen = await replaceKey(shop);
  const forged = async () => {
    const purse = await makePurse(shop.provider, PAYTO);
    await renewCertificate(purse, {}, stolen);
    return codeOf(await shop.pay((await chargeFor42(purse)).header));
  };
  shop.world.nowMs += KEPT_MS - 1;
  expect(await forged()).toBe('status 200');
  shop.world.nowMs += 1;
  expect(await forged()).toBe('jws_key_unknown');
  expect(await payFresh(shop)).toBe('status 200');
  expect(shop.provider.fetchCount).toBe(2);
});

it('a remembered purse of it waits for nobody, and is refused once it is looked up', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const pay = async () => {
    const charge = await chargeFor42(purse);
    const answer = await shop.pay(charge.header);
    if (answer.ok) settlePurse(purse, charge);
    return codeOf(answer);
  };
  expect(await pay()).toBe('status 200');
  await replaceKey(shop);
  shop.world.nowMs += KEPT_MS;
  expect(await pay()).toBe('status 200');
  await expect.poll(() => shop.provider.fetchCount).toBe(2);
  await expect.poll(pay).toBe('jws_key_unknown');
  // Without its certificate, which is remembered, too.
  const challenge = await pageChallenge(URL_42, TERMS_42);
  const { header } = await payChallenge(purse, challenge, { certificate: null });
  expect(await codeOf(await shop.pay(header))).toBe('purse_unknown');
  // What it has left is good by the key that signs now.
  await renewCertificate(purse);
  expect(await pay()).toBe('status 200');
});

it('what a stolen key raised is not kept in the place of what its provider says', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  await renewCertificate(purse, { lim: 10_000_000n as Micros });
  const first = await chargeFor42(purse);
  await shop.pay(first.header);
  settlePurse(purse, first);
  await replaceKey(shop);
  shop.world.nowMs += KEPT_MS;
  await renewCertificate(purse, { lim: 30_000n as Micros });
  const { header } = await chargeFor42(purse);
  await expect.poll(async () => codeOf(await shop.pay(header))).toBe('over_limit');
});

it('with the provider down the keys that are there go on, and readers do not wait', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const first = await chargeFor42(purse);
  await shop.pay(first.header);
  settlePurse(purse, first);
  shop.provider.isUp = false;
  shop.world.nowMs += KEPT_MS;
  expect(await payFresh(shop)).toBe('status 200');
  expect(await codeOf(await shop.pay((await chargeFor42(purse)).header))).toBe('status 200');
  expect(await payFresh(shop)).toBe('status 200');
  expect(shop.provider.fetchCount).toBe(2);
});

it('a server that has just started takes what it remembers before it knows any key', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const first = await chargeFor42(purse);
  await shop.pay(first.header);
  settlePurse(purse, first);
  shop.provider.isUp = false;
  shop.restart();
  expect(await codeOf(await shop.pay((await chargeFor42(purse)).header))).toBe('status 200');
});
