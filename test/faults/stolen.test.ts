/**
 * A signing key of the provider's is stolen and taken back, or has left its set a year ago: readers
 * lose nothing and pay nothing twice, and what the thief signs counts for nothing.
 */
import { expect, onTestFinished, test, vi } from 'vitest';
import { readCertificate, signCertificate } from '../../src/protocol/certificate.ts';
import type { Micros } from '../../src/protocol/money.ts';
import { auditDatabase } from '../../src/provider/audit.ts';
import { openDatabase } from '../../src/provider/database/database.ts';
import { startProvider } from '../../src/provider/main.ts';
import { openKeys, rotateKey } from '../../src/provider/signing/keys.ts';
import { revokeKey } from '../../src/provider/signing/revocation.ts';
import { comeBack, makeSecret } from '../support/keeping.ts';
import {
  challengeIn,
  type HeldPurse,
  makeKey,
  payChallenge,
  randomId,
  settlePurse,
  type TestKey,
} from '../support/payer.ts';
import { temporaryFolder } from '../support/sandbox.ts';
import { startShop } from '../support/shop.ts';
import { makeReader, pressOn, type Reader } from '../support/wallet.ts';
import { codeOf } from '../unit/seller/shop.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const PRICE = '0.005 USD';
const PRICE_MICROS = 5_000n;
const TWO_YEARS = 'P730D';

/** A provider, its books, a shop and a reader, by one clock that is moved. */
async function openTown() {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const folder = temporaryFolder();
  const provider = await startProvider({ dataDir: folder, port: 0 });
  onTestFinished(() => provider.close());
  const shop = await startShop(provider.issuer, { duration: TWO_YEARS });
  onTestFinished(() => shop.close());
  const database = await openDatabase(provider.databaseFile, 'write');
  onTestFinished(() => database.destroy());
  const atSec = () => Math.floor(Date.now() / SECOND_MS);
  const host = new URL(provider.issuer).host;
  const newReader = async () => {
    const reader = makeReader();
    await reader.wallet.open(host);
    return reader;
  };
  const press = (path: string) => {
    shop.prices[path] = PRICE;
    return pressOn(shop.origin, path, { payto: shop.payto, price: PRICE, duration: TWO_YEARS });
  };
  /** The key that signs now. */
  const signer = async () => (await openKeys(database, atSec)).signer();
  return {
    ...{ shop, host, newReader, press, signer, issuer: provider.issuer },
    reader: await newReader(),
    rotate: () => rotateKey(database, atSec()),
    /** Takes the key that signs back; answers it. */
    revoke: async (): Promise<TestKey> => {
      const stolen = await signer();
      await revokeKey(database, stolen.kid, { atSec: atSec(), isReplaced: true });
      return stolen;
    },
    buy: async ({ wallet }: Reader, path: string) => {
      const decision = await wallet.press(press(path));
      if (decision.kind !== 'ask') throw new TypeError(`not asked: ${decision.kind}`);
      return (await wallet.pay({ askId: decision.ask.id, remember: false })).kind;
    },
    holds: async () => expect((await auditDatabase(provider.databaseFile)).findings).toEqual([]),
  };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** By whose key the reader's purse is. */
async function purseKid({ ports }: Reader): Promise<string | undefined> {
  const [purse, ...others] = await ports.store.purses.all();
  expect(others).toEqual([]);
  return readCertificate(purse?.certificate ?? '').jws.kid;
}

const spent = (count: bigint) => ({ charges: Number(count), totalMicros: count * PRICE_MICROS });

test('a reader with an open purse goes on paying, each thing once', async () => {
  const { reader, shop, buy, revoke, signer, holds } = await openTown();
  expect(await buy(reader, '/articles/a')).toBe('paid');
  const stolen = await revoke();
  await pass(10 * SECOND_MS);
  // The shop has not looked yet: for five minutes it takes what it knows.
  expect(await buy(reader, '/articles/b')).toBe('paid');
  expect(await purseKid(reader)).toBe(stolen.kid);
  await pass(5 * MINUTE_MS);
  expect(await buy(reader, '/articles/c')).toBe('paid');
  reader.requests.length = 0;
  await expect
    .poll(() => buy(reader, `/articles/${randomId()}`).then(() => purseKid(reader)))
    .toBe((await signer()).kid);
  const [purse] = await reader.ports.store.purses.all();
  expect(reader.requests).toContain(`GET /v1/purses/${purse?.id}`);
  const { charges, totalMicros } = await shop.accepted();
  expect(totalMicros).toBe(BigInt(charges) * PRICE_MICROS);
  const { latest } = await reader.wallet.view();
  expect(latest.map(({ state }) => state)).toEqual(Array.from({ length: charges }, () => 'paid'));
  await shop.seller.collect();
  await reader.wallet.refresh();
  expect((await reader.wallet.view()).yours).toBe(`${250_000n - totalMicros}`);
  await holds();
});

test('a charge whose answer was lost meanwhile is answered, and is the same charge', async () => {
  const { reader, shop, buy, revoke, holds } = await openTown();
  expect(await buy(reader, '/articles/a')).toBe('paid');
  shop.faults.push('lose-reply', 'lose-reply');
  expect(await buy(reader, '/articles/b')).toBe('waiting');
  await revoke();
  await pass(10 * MINUTE_MS);
  // The second answer is lost too.
  for (let time = 0; time < 2; time++) await reader.passTime();
  expect((await reader.wallet.view()).latest[0]?.state).toBe('paid');
  expect(await shop.accepted()).toEqual(spent(2n));
  await shop.seller.collect();
  await holds();
});

test('what is set aside comes back at once', async () => {
  const { reader, newReader, shop, buy, revoke, holds } = await openTown();
  await buy(reader, '/articles/a');
  await revoke();
  await pass(5 * MINUTE_MS);
  // The shop looks its keys up when a new reader comes.
  await buy(await newReader(), '/articles/a');
  const taken = await reader.wallet.takeBack(shop.payto);
  expect(taken).toMatchObject({ back: '45000', left: '0' });
  expect((await reader.wallet.view()).yours).toBe('245000');
  await holds();
});

test('a new key that the shop may not look up yet: a payment waits, and is made once', async () => {
  const town = await openTown();
  const { reader, shop, revoke, buy, newReader, holds } = town;
  await buy(reader, '/articles/a');
  await pass(2 * MINUTE_MS);
  // Somebody made a key up: the shop has looked just now.
  const forger = { ...(await makeKey()), kid: randomId(32) };
  expect(await payBy(forger, town, '/articles/a')).toBe('jws_key_unknown');
  await revoke();
  await pass(10 * SECOND_MS);
  const other = await newReader();
  expect(await buy(other, '/articles/b')).toBe('waiting');
  await pass(MINUTE_MS);
  await other.passTime();
  expect((await other.wallet.view()).latest[0]?.state).toBe('paid');
  expect(await shop.accepted()).toEqual(spent(2n));
  await shop.seller.collect();
  await holds();
});

type Town = Awaited<ReturnType<typeof openTown>>;

/** A purse that nobody has set anything aside for. */
async function forgePurse({ key, kid }: Pick<TestKey, 'key' | 'kid'>, { issuer, shop }: Town) {
  const [id, purseKey] = [randomId(), await makeKey()];
  const iat = Math.floor(Date.now() / SECOND_MS);
  const certificate = await signCertificate(
    {
      ...{ iss: issuer, jti: id, aud: shop.payto, cur: 'USD', lim: (10n ** 12n) as Micros },
      ...{ iat, exp: iat + 7 * 86_400, cnf: { jwk: purseKey.jwk }, sub: randomId(), undo: 0 },
    },
    { key, kid },
  );
  const purse: HeldPurse = {
    ...{ id, payto: shop.payto, key: purseKey, certificate, seq: 0, tot: 0n as Micros },
  };
  return purse;
}

/** What a shop says to a charge of a purse. */
async function payFrom(purse: HeldPurse, { shop, press }: Town, path: string): Promise<string> {
  press(path);
  const url = shop.origin + path;
  const charge = await payChallenge(purse, challengeIn(await fetch(url)));
  const answer = await fetch(url, { headers: { Authorization: charge.header } });
  if (answer.ok) settlePurse(purse, charge);
  return codeOf(answer);
}

async function payBy(key: Pick<TestKey, 'key' | 'kid'>, town: Town, path: string) {
  return payFrom(await forgePurse(key, town), town, path);
}

test('what a thief has signed pays nothing five minutes later, known before or not', async () => {
  const town = await openTown();
  const { buy, reader, revoke, signer } = town;
  await buy(reader, '/articles/a');
  const forged = await forgePurse(await signer(), town);
  expect(await payFrom(forged, town, '/articles/b')).toBe('status 200');
  const stolen = await revoke();
  await pass(5 * MINUTE_MS);
  expect(await payBy(stolen, town, '/articles/c')).toBe('jws_key_unknown');
  expect(await payFrom(forged, town, '/articles/d')).toBe('jws_key_unknown');
  expect(await payFrom(forged, town, '/articles/e')).toBe('jws_key_unknown');
});

test('what was bought thirteen months ago opens, here and on another device', async () => {
  const town = await openTown();
  const { reader, newReader, buy, rotate, press, signer, host } = town;
  await buy(reader, '/articles/old');
  const secret = makeSecret();
  await reader.wallet.setRecovery(secret);
  const before = await signer();
  await rotate();
  vi.setSystemTime(Date.now() + 400 * DAY_MS);
  await pass(10 * SECOND_MS);
  expect((await signer()).kid).not.toBe(before.kid);
  await buy(await newReader(), '/articles/new');
  reader.requests.length = 0;
  expect(await reader.wallet.renew(press('/articles/old'))).toBe(true);
  const [purse] = await reader.ports.store.purses.all();
  expect(reader.requests).toContain(`GET /v1/purses/${purse?.id}`);
  // From now on it is here as it is signed now.
  reader.requests.length = 0;
  expect(await reader.wallet.renew(press('/articles/old'))).toBe(true);
  expect(reader.requests.filter((it) => it.includes('/v1/purses'))).toEqual([]);
  const back = await comeBack(host, secret);
  expect(await back.wallet.renew(press('/articles/old'))).toBe(true);
  expect(await town.shop.accepted()).toEqual(spent(2n));
});
