import { expect, test } from 'vitest';
import { readBalance, readJwks, readProviderRecord } from '../../../../src/protocol/documents.ts';
import { checkJwsByKid } from '../../../../src/protocol/jws.ts';
import { importPublicKey, thumbprint } from '../../../../src/protocol/key.ts';
import type { Micros } from '../../../../src/protocol/money.ts';
import { balanceIn, makeAccount, openAccount, readReply, topUp } from '../../../support/account.ts';
import { randomId } from '../../../support/payer.ts';
import { ISSUER, type Sandbox, useSandbox } from '../../../support/sandbox.ts';

async function read(sandbox: Sandbox, path: string) {
  return readReply(await sandbox.send(ISSUER + path, {}));
}

async function keySet(sandbox: Sandbox) {
  const keys = readJwks((await read(sandbox, '/.well-known/jwks.json')).body);
  const entries = keys.map(
    async (jwk) => [await thumbprint(jwk), await importPublicKey(jwk)] as const,
  );
  return new Map(await Promise.all(entries));
}

test('a new account starts with the credit that the provider gives, once', async () => {
  const sandbox = await useSandbox();
  const account = await makeAccount(ISSUER, sandbox.send);
  const opened = balanceIn(await openAccount(account));
  expect(opened).toMatchObject({ available: 250_000n, starter: 250_000n, aside: 0n, cur: 'USD' });
  expect(balanceIn(await account.call('GET', '/v1/account'))).toEqual(opened);
});

test('a provider may give nothing', async () => {
  const sandbox = await useSandbox({ starterMicros: 0n as Micros });
  const balance = balanceIn(await (await sandbox.reader()).call('GET', '/v1/account'));
  expect(balance).toMatchObject({ available: 0n, starter: 0n, rev: 0 });
});

test('balances and the provider’s record verify by its published keys', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const keys = await keySet(sandbox);
  const reply = await reader.call('GET', '/v1/account');
  await checkJwsByKid(readBalance(String(reply.body.balance)).jws, keys);
  const { body } = await read(sandbox, '/.well-known/farthing-provider.json');
  const record = readProviderRecord(String(body.record));
  await checkJwsByKid(record.jws, keys);
  expect(record.claims).toMatchObject({
    iss: ISSUER,
    name: 'Test money',
    sandbox: true,
    currencies: ['USD'],
    starter: 250_000n,
  });
});

test('a top-up is there at once, and moves the revision', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const before = balanceIn(await reader.call('GET', '/v1/account'));
  const after = balanceIn(await topUp(reader, 5_000_000n));
  expect(after).toMatchObject({ available: 5_250_000n, starter: 250_000n });
  expect(after.rev).toBeGreaterThan(before.rev);
});

test('the same top-up again is the same answer and no more money', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const id = randomId();
  const first = await topUp(reader, 5_000_000n, id);
  await topUp(reader, 1_000_000n);
  expect((await topUp(reader, 5_000_000n, id)).text).toBe(first.text);
  expect(balanceIn(await reader.call('GET', '/v1/account')).available).toBe(6_250_000n);
});

test('an id that was used for something else is refused', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const id = randomId();
  await topUp(reader, 5_000_000n, id);
  expect((await topUp(reader, 4_000_000n, id)).code).toBe('id_reused');
  expect((await openAccount(reader, id)).code).toBe('id_reused');
});

test('ids of two accounts do not meet', async () => {
  const sandbox = await useSandbox();
  const id = randomId();
  expect((await topUp(await sandbox.reader(), 5_000_000n, id)).status).toBe(200);
  expect((await topUp(await sandbox.reader(), 4_000_000n, id)).status).toBe(200);
});

test.for([999_999n, 20_000_001n])('a top-up of %s micros is refused', async (amountMicros) => {
  const sandbox = await useSandbox();
  expect((await topUp(await sandbox.reader(), amountMicros)).code).toBe('topup_refused');
});

test('only the one currency is kept', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const body = { id: randomId(), amount: '1000000', currency: 'EUR' };
  expect((await reader.call('POST', '/v1/topups', body)).code).toBe('currency_unsupported');
});

test('a malformed top-up leaves its id free', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const id = randomId();
  const body = { id, amount: '1000000.5', currency: 'USD' };
  expect((await reader.call('POST', '/v1/topups', body)).code).toBe('body_malformed');
  expect((await topUp(reader, 1_000_000n, id)).status).toBe(200);
});
