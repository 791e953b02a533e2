import { expect, test } from 'vitest';
import { readSellerRecord } from '../../../../src/protocol/documents.ts';
import { beginChecks, checkOrigins } from '../../../../src/provider/sellers/origincheck.ts';
import { askForPurse, chargeOf, collect, readReply } from '../../../support/account.ts';
import { randomId } from '../../../support/payer.ts';
import { ISSUER, registerSeller, useSandbox } from '../../../support/sandbox.ts';
import { DAY_MS } from '../../../support/till.ts';

const ORIGIN = 'http://news.localhost:8080';

/** A seller whose one origin is looked at each day. */
async function useChecks() {
  const sandbox = await useSandbox();
  const seller = await sandbox.seller('news');
  const proof = sandbox.origins.get(ORIGIN);
  const reads: string[] = [];
  const { readOrigin } = sandbox.context;
  Object.assign(sandbox.context, {
    readOrigin: (origin: string) => {
      reads.push(origin);
      return readOrigin(origin);
    },
  });
  const pass = async (days: number) => {
    sandbox.time.nowMs += days * DAY_MS;
    await checkOrigins(sandbox.context);
  };
  const listed = async () => {
    const { body } = await readReply(await sandbox.send(`${ISSUER}/v1/sellers/news`, {}));
    return readSellerRecord(String(body.record)).claims.origins;
  };
  const fail = () => sandbox.origins.delete(ORIGIN);
  const mend = () => sandbox.origins.set(ORIGIN, proof);
  return { sandbox, seller, reads, pass, listed, fail, mend };
}

test('an origin is proven again each day', async () => {
  const { reads, pass } = await useChecks();
  await pass(0.9);
  expect(reads).toEqual([]);
  await pass(0.1);
  await pass(0.5);
  expect(reads).toEqual([ORIGIN]);
  await pass(0.5);
  expect(reads).toEqual([ORIGIN, ORIGIN]);
});

test('three failures in a row take it from the record, until it is proven again', async () => {
  const { sandbox, pass, listed, fail, mend } = await useChecks();
  fail();
  await pass(1);
  await pass(1);
  expect(await listed()).toEqual([ORIGIN]);
  await pass(1);
  expect(await listed()).toEqual([]);
  expect(sandbox.log).toEqual([expect.stringContaining(`news: ${ORIGIN} is suspended`)]);
  await pass(1);
  expect(sandbox.log).toHaveLength(1);
  mend();
  await pass(1);
  expect(await listed()).toEqual([ORIGIN]);
  expect(sandbox.log.at(-1)).toContain('proven again');
});

test('failures that are not in a row suspend nothing', async () => {
  const { pass, listed, fail, mend } = await useChecks();
  for (let round = 0; round < 3; round++) {
    fail();
    await pass(1);
    await pass(1);
    mend();
    await pass(1);
  }
  expect(await listed()).toEqual([ORIGIN]);
});

test('a seller that registers again is proven, and begins anew', async () => {
  const { sandbox, seller, pass, listed, fail } = await useChecks();
  fail();
  for (let day = 0; day < 3; day++) await pass(1);
  expect(await listed()).toEqual([]);
  await registerSeller(sandbox, seller.account, 'news');
  expect(await listed()).toEqual([ORIGIN]);
});

test('an origin that names another account’s key is not proven', async () => {
  const { sandbox, pass, listed } = await useChecks();
  const { account } = await sandbox.seller('blog');
  const paytos = ['news@localhost:4270'];
  sandbox.origins.set(ORIGIN, { account: account.device.kid, paytos, keys: [] });
  for (let day = 0; day < 3; day++) await pass(1);
  expect(await listed()).toEqual([]);
});

test('a check that somebody has taken is made by nobody else until it is late', async () => {
  const { sandbox, reads, pass } = await useChecks();
  const [slow, asked] = [Promise.withResolvers<unknown>(), Promise.withResolvers<void>()];
  const { readOrigin } = sandbox.context;
  const stall = () => {
    asked.resolve();
    return slow.promise;
  };
  Object.assign(sandbox.context, { readOrigin: stall });
  const first = pass(1);
  await asked.promise;
  Object.assign(sandbox.context, { readOrigin });
  await pass(0);
  expect(reads).toEqual([]);
  await pass(600 / 86_400);
  expect(reads).toEqual([ORIGIN]);
  slow.resolve({});
  await first;
});

test('many origins are all looked at', async () => {
  const { sandbox, seller, reads, pass } = await useChecks();
  const origins = Array.from({ length: 32 }, (_, index) => `http://s${index}.localhost:8080`);
  const keys = [seller.account.device.jwk];
  for (const origin of origins) sandbox.origins.set(origin, sandbox.origins.get(ORIGIN));
  const body = { id: randomId(), handle: 'news', name: 'News', origins, keys };
  expect((await seller.account.call('POST', '/v1/sellers', body)).status).toBe(200);
  reads.length = 0;
  await pass(1);
  expect(reads.toSorted()).toEqual(origins.toSorted());
});

test('sellers of books from before are looked at from the next day on', async () => {
  const { sandbox, reads, pass } = await useChecks();
  await sandbox.context.database.deleteFrom('origin_check').execute();
  await pass(1);
  expect(reads).toEqual([]);
  await beginChecks(sandbox.context);
  await pass(1);
  await beginChecks(sandbox.context);
  expect(reads).toEqual([ORIGIN]);
});

test('a service for its own shops knows no others', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const [news, blog] = [await sandbox.seller('news'), await sandbox.seller('blog')];
  const { payto } = blog;
  const before = await askForPurse(reader, { payto, amountMicros: 50_000n });
  const charges = [await chargeOf(before, { seq: 1, tot: 10_000n })];
  Object.assign(sandbox.context.rules, { ownShops: ['news', 'music'] });
  const codes = [
    (await registerSeller(sandbox, blog.account, 'blog')).reply,
    (await askForPurse(reader, { payto, amountMicros: 50_000n })).reply,
    await collect(blog.account, { payto, charges }),
  ];
  expect(codes.map(({ status, code }) => [status, code])).toEqual(
    Array(3).fill([403, 'seller_not_admitted']),
  );
  expect((await registerSeller(sandbox, news.account, 'news')).reply.status).toBe(200);
  const own = await askForPurse(reader, { payto: news.payto, amountMicros: 50_000n });
  expect(own.reply.status).toBe(200);
});

test('a seller that registers again while it is looked at keeps nobody else waiting', async () => {
  const { sandbox, seller, pass } = await useChecks();
  const other = 'http://shop.localhost:8080';
  const { readOrigin } = sandbox.context;
  const reads: string[] = [];
  let isMoved = false;
  Object.assign(sandbox.context, {
    readOrigin: async (origin: string) => {
      reads.push(origin);
      if (!isMoved && origin === ORIGIN) {
        isMoved = true;
        await registerSeller(sandbox, seller.account, 'news', other);
      }
      return readOrigin(origin);
    },
  });
  for (let index = 0; index < 20; index++)
    await registerSeller(sandbox, seller.account, `s${index}`);
  reads.length = 0;
  await pass(1);
  expect(new Set(reads).size).toBe(22);
});
