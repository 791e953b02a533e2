import { expect, test } from 'vitest';
import { readSellerRecord } from '../../../../src/protocol/documents.ts';
import { checkJws } from '../../../../src/protocol/jws.ts';
import { importPublicKey } from '../../../../src/protocol/key.ts';
import { balanceIn, makeAccount, readReply, type TestAccount } from '../../../support/account.ts';
import { addDevice, listDevices, setRecovery } from '../../../support/devices.ts';
import { makeKey, randomId, START_MS } from '../../../support/payer.ts';
import { ISSUER, registerSeller, type Sandbox, useSandbox } from '../../../support/sandbox.ts';

const ORIGIN = 'http://news.localhost:8080';
const PAYTO = 'news@localhost:4270';

interface Registration {
  readonly sandbox: Sandbox;
  readonly account: TestAccount;
  register(changes?: object): ReturnType<TestAccount['call']>;
}

async function useRegistration(): Promise<Registration> {
  const sandbox = await useSandbox();
  const account = await makeAccount(ISSUER, sandbox.send);
  const keys = [account.device.jwk];
  const proven = { account: account.device.kid, paytos: [PAYTO], keys };
  sandbox.origins.set(ORIGIN, proven);
  const body = { handle: 'news', name: 'The Daily', origins: [ORIGIN], keys };
  const register = (changes: object = {}) =>
    account.call('POST', '/v1/sellers', { id: randomId(), ...body, ...changes });
  return { sandbox, account, register };
}

test('a seller is registered by its first write, and its record verifies', async () => {
  const { sandbox, account, register } = await useRegistration();
  expect((await register()).status).toBe(200);
  const { body } = await readReply(await sandbox.send(`${ISSUER}/v1/sellers/news`, {}));
  const { claims, jws } = readSellerRecord(String(body.record));
  await checkJws(jws, await importPublicKey(sandbox.context.keys.signer().jwk));
  expect(claims).toEqual({
    iss: ISSUER,
    sub: PAYTO,
    name: 'The Daily',
    origins: [ORIGIN],
    keys: [account.device.jwk],
    iat: START_MS / 1000,
    exp: START_MS / 1000 + 86_400,
  });
});

test('whoever has added a seller’s key to its own account does not get its handle', async () => {
  const { sandbox, account, register } = await useRegistration();
  const stranger = await sandbox.reader();
  const { reply } = await addDevice(sandbox, stranger, { key: account.device });
  expect(reply.status).toBe(200);
  expect((await register()).code).toBe('account_exists');
  expect(await sandbox.context.database.selectFrom('seller').selectAll().execute()).toEqual([]);
});

test('whoever sets a seller’s thumbprint as a recovery key does not keep it out', async () => {
  const { sandbox, account, register } = await useRegistration();
  const stranger = await sandbox.reader();
  const { recovery, reply } = await setRecovery(sandbox, stranger, { key: account.device });
  expect(reply.status).toBe(200);
  expect((await register()).status).toBe(200);
  expect((await listDevices(stranger)).recovery).toEqual([]);
  const { device } = await addDevice(sandbox, recovery);
  const { body } = await account.call('GET', '/v1/account');
  expect((await device.call('GET', '/v1/account')).body.account).toBe(body.account);
});

test('another device of a seller’s account changes what is registered', async () => {
  const { sandbox, account, register } = await useRegistration();
  await register();
  const { device } = await addDevice(sandbox, account);
  const keys = [device.device.jwk];
  const origins = ['http://daily.localhost:8080'];
  const proven = { account: device.device.kid, paytos: [PAYTO], keys };
  sandbox.origins.set(origins[0] ?? '', proven);
  const body = { id: randomId(), handle: 'news', name: 'The Daily', origins, keys };
  expect((await device.call('POST', '/v1/sellers', body)).status).toBe(200);
});

test('an account that a seller opened has no starter credit', async () => {
  const { account, register } = await useRegistration();
  await register();
  expect(balanceIn(await account.call('GET', '/v1/account')).available).toBe(0n);
});

test('the same registration again is the same record, although the origin is down', async () => {
  const { sandbox, register } = await useRegistration();
  const id = randomId();
  const first = await register({ id });
  sandbox.origins.clear();
  expect((await register({ id })).text).toBe(first.text);
  expect((await register({ id, name: 'Another' })).code).toBe('id_reused');
});

test('a seller changes its own record', async () => {
  const { sandbox, account, register } = await useRegistration();
  await register();
  const { jwk } = await makeKey();
  const second = 'https://news.example';
  const paytos = ['other@pay.example', PAYTO];
  sandbox.origins.set(second, { account: account.device.kid, paytos, keys: [] });
  const reply = await register({
    name: 'Daily\u202e\n News',
    origins: [second, ORIGIN],
    keys: [jwk],
  });
  const { claims } = readSellerRecord(String(reply.body.record));
  expect(claims).toMatchObject({ name: 'Daily News', origins: [second, ORIGIN], keys: [jwk] });
});

test('a stranger registers nothing by the proof of somebody else', async () => {
  const { sandbox, register } = await useRegistration();
  const stranger = await makeAccount(ISSUER, sandbox.send);
  const keys = [stranger.device.jwk];
  const body = { id: randomId(), handle: 'news', name: 'Mine', origins: [ORIGIN], keys };
  const { code } = await stranger.call('POST', '/v1/sellers', body);
  expect(code).toBe('origin_unproven');
  expect((await register()).status).toBe(200);
});

test('a handle belongs to who took it first', async () => {
  const { sandbox, register } = await useRegistration();
  await register();
  const thief = await makeAccount(ISSUER, sandbox.send);
  const { reply } = await registerSeller(sandbox, thief, 'news');
  expect([reply.status, reply.code]).toEqual([409, 'handle_taken']);
});

test('for a handle that is another’s, or not to be had, no origin is asked', async () => {
  const { sandbox, account, register } = await useRegistration();
  const stranger = await sandbox.reader();
  sandbox.origins.clear();
  await addDevice(sandbox, stranger, { key: account.device });
  expect((await register()).code).toBe('account_exists');
  const owner = await makeAccount(ISSUER, sandbox.send);
  await registerSeller(sandbox, owner, 'daily');
  sandbox.origins.clear();
  const keys = [account.device.jwk];
  const body = { id: randomId(), handle: 'daily', name: 'Mine', origins: [ORIGIN], keys };
  expect((await account.call('POST', '/v1/sellers', body)).code).toBe('handle_taken');
});

test('two accounts that take one handle at once: one has it', async () => {
  const sandbox = await useSandbox();
  const accounts = [makeAccount(ISSUER, sandbox.send), makeAccount(ISSUER, sandbox.send)];
  const replies = await Promise.all(
    accounts.map(async (account, index) => {
      const origin = `http://news${index}.localhost:8080`;
      return (await registerSeller(sandbox, await account, 'news', origin)).reply;
    }),
  );
  expect(replies.map(({ code }) => code).toSorted()).toEqual(['handle_taken', undefined]);
});

test('an origin that does not name the seller, or says nothing readable, is refused', async () => {
  const { sandbox, register } = await useRegistration();
  for (const document of [{ paytos: ['other@localhost:4270'], keys: [] }, { paytos: PAYTO }, 7]) {
    sandbox.origins.set(ORIGIN, document);
    expect((await register()).code).toBe('origin_unproven');
  }
  sandbox.origins.delete(ORIGIN);
  expect((await register()).code).toBe('origin_unproven');
  const reply = await readReply(await sandbox.send(`${ISSUER}/v1/sellers/news`, {}));
  expect([reply.status, reply.code]).toEqual([404, 'seller_unknown']);
});

test('origins are read one after another, and none after one that fails', async () => {
  const { sandbox, register } = await useRegistration();
  const reads: string[] = [];
  const { readOrigin } = sandbox.context;
  Object.assign(sandbox.context, {
    readOrigin: (origin: string) => {
      reads.push(origin);
      return readOrigin(origin);
    },
  });
  const doors = Array.from({ length: 30 }, (_, index) => `https://victim.example:${1000 + index}`);
  expect((await register({ origins: [ORIGIN, ...doors] })).code).toBe('origin_unproven');
  expect(reads).toEqual([ORIGIN, doors[0]]);
});

test('a key has one registration under way, and eight keys have one each', async () => {
  const { sandbox } = await useRegistration();
  const slow = Promise.withResolvers<unknown>();
  Object.assign(sandbox.context, { readOrigin: () => slow.promise });
  const accounts = await Promise.all(
    Array.from({ length: 9 }, () => makeAccount(ISSUER, sandbox.send)),
  );
  const registering: ReturnType<TestAccount['call']>[] = [];
  for (const account of accounts) {
    await account.call('GET', '/v1/account');
    const body = { id: randomId(), handle: `shop${registering.length}`, name: 'Shop' };
    registering.push(
      account.call('POST', '/v1/sellers', {
        ...body,
        origins: [ORIGIN],
        keys: [account.device.jwk],
      }),
    );
  }
  // Whichever comes to the gate last.
  const answers = registering.map(async (asked, index) => ({ ...(await asked), index }));
  const refused = await Promise.race(answers);
  expect([refused.status, refused.code]).toEqual([429, 'rate_limited']);
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
  const busy = accounts[refused.index === 0 ? 1 : 0] as TestAccount;
  const { reply } = await registerSeller(sandbox, busy, 'again');
  expect(reply.code).toBe('rate_limited');
  slow.resolve({});
  const codes = (await Promise.all(registering)).map(({ code }) => code);
  expect(codes.toSorted()).toEqual([...Array(8).fill('origin_unproven'), 'rate_limited']);
});

test.for([
  ['a handle in capitals', { handle: 'News' }],
  ['an empty name', { name: ' \n' }],
  ['no origin', { origins: [] }],
  ['an origin with a path', { origins: [`${ORIGIN}/`] }],
  ['no key', { keys: [] }],
  [
    'a key off the curve',
    { keys: [{ crv: 'P-256', kty: 'EC', x: 'A'.repeat(43), y: 'A'.repeat(43) }] },
  ],
] as const)('%s is malformed', async ([, changes]) => {
  const { register } = await useRegistration();
  expect((await register(changes)).code).toBe('body_malformed');
});
