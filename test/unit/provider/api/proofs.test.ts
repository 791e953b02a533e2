import { expect, test } from 'vitest';
import { makeAccount, openAccount, readReply, topUp } from '../../../support/account.ts';
import { makeKey, randomId } from '../../../support/payer.ts';
import { ISSUER, useSandbox } from '../../../support/sandbox.ts';

const MINUTE_MS = 60_000;

test('a request without a proof is told to send one', async () => {
  const { send } = await useSandbox();
  const reply = await readReply(await send(`${ISSUER}/v1/account`, {}));
  expect([reply.status, reply.code]).toEqual([401, 'proof_missing']);
  expect(reply.headers.get('WWW-Authenticate')).toBe('DPoP algs="ES256"');
  expect(reply.headers.get('DPoP-Nonce')).toMatch(/^[\w-]{43}$/);
});

test('a proof without the nonce gets it, and is good when repeated', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const reply = await reader.call('GET', '/v1/account', undefined, { claims: { nonce: 'none' } });
  expect(reply.code).toBe('proof_nonce');
  expect(reply.headers.get('WWW-Authenticate')).toContain('error="use_dpop_nonce"');
  expect((await reader.call('GET', '/v1/account')).status).toBe(200);
});

test('a nonce is good for five minutes and at most ten', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const { nonce } = reader;
  const callWithIt = () => reader.call('GET', '/v1/account', undefined, { claims: { nonce } });
  sandbox.time.nowMs += 5 * MINUTE_MS;
  expect((await callWithIt()).status).toBe(200);
  sandbox.time.nowMs += 5 * MINUTE_MS;
  expect((await callWithIt()).code).toBe('proof_nonce');
});

test('a wallet whose clock is years off is served', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const reply = await reader.call('GET', '/v1/account', undefined, { claims: { iat: 1 } });
  expect(reply.status).toBe(200);
});

test.for([
  ['method', { htm: 'GET' }],
  ['address', { htu: `${ISSUER}/v1/purses` }],
  ['provider', { htu: 'http://localhost:9999/v1/topups' }],
  ['query', { qry: '?a=1' }],
  ['body', { dig: randomId(32) }],
  ['body left out', { dig: undefined }],
] as const)('a proof for another %s is refused', async ([, claims]) => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const body = { id: randomId(), amount: '1000000', currency: 'USD' };
  const reply = await reader.call('POST', '/v1/topups', body, { claims });
  expect([reply.status, reply.code]).toEqual([401, 'proof_mismatch']);
});

test('the query is part of what is proven', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  expect((await reader.call('GET', '/v1/account?x=1')).status).toBe(200);
  const claims = { qry: undefined };
  const reply = await reader.call('GET', '/v1/account?x=1', undefined, { claims });
  expect(reply.code).toBe('proof_mismatch');
});

test('a proof that another key signed is refused', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const { key } = await makeKey();
  expect((await reader.call('GET', '/v1/account', undefined, { key })).code).toBe('proof_mismatch');
});

test('something that is no proof is refused', async () => {
  const { send } = await useSandbox();
  const headers = { DPoP: 'a.b.c' };
  const reply = await readReply(await send(`${ISSUER}/v1/account`, { headers }));
  expect(reply.code).toBe('proof_mismatch');
});

test('a proof of a read is good once', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const claims = { jti: randomId() };
  const read = () => reader.call('GET', '/v1/account', undefined, { claims });
  expect((await read()).status).toBe(200);
  expect((await read()).code).toBe('proof_replayed');
});

test('a key reads two hundred times under one nonce, and nobody else waits for that', async () => {
  const sandbox = await useSandbox();
  const [reader, other] = [await sandbox.reader(), await sandbox.reader()];
  const codes = new Set<string | undefined>();
  for (let count = 0; count < 200; count++)
    codes.add((await reader.call('GET', '/v1/account')).code);
  expect([...codes]).toEqual([undefined]);
  sandbox.time.nowMs += 1000;
  const reply = await reader.call('GET', '/v1/account');
  expect([reply.status, reply.code]).toEqual([429, 'rate_limited']);
  const waitSec = Number(reply.headers.get('Retry-After'));
  expect(waitSec).toBeGreaterThan(0);
  expect((await other.call('GET', '/v1/account')).status).toBe(200);
  sandbox.time.nowMs += waitSec * 1000;
  expect((await reader.call('GET', '/v1/account')).status).toBe(200);
}, 20_000);

test('the reads of a key without an account are not remembered', async () => {
  const { send } = await useSandbox();
  const stranger = await makeAccount(ISSUER, send);
  const claims = { jti: randomId() };
  const read = () => stranger.call('GET', '/v1/account', undefined, { claims });
  const codes = [await read(), await read()].map(({ code }) => code);
  expect(codes).toEqual(['account_unknown', 'account_unknown']);
});

test('a key without an account is told so', async () => {
  const { send } = await useSandbox();
  const stranger = await makeAccount(ISSUER, send);
  expect((await stranger.call('GET', '/v1/account')).code).toBe('account_unknown');
  expect((await topUp(stranger, 1_000_000n)).code).toBe('account_unknown');
});

test('every site may call, and may read the nonce', async () => {
  const { send } = await useSandbox();
  const preflight = await send(`${ISSUER}/v1/purses`, {
    method: 'OPTIONS',
    headers: {
      Origin: 'https://wallet.example',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type,dpop',
    },
  });
  expect(preflight.headers.get('Access-Control-Allow-Origin')).toBe('*');
  expect(preflight.headers.get('Access-Control-Allow-Headers')).toMatch(/DPoP/i);
  expect(preflight.headers.get('Access-Control-Allow-Credentials')).toBeNull();
  const answer = await send(`${ISSUER}/v1/account`, { headers: { Origin: 'https://a.example' } });
  expect(answer.headers.get('Access-Control-Expose-Headers')).toMatch(/DPoP-Nonce/);
});

test('bodies have a size, a form and an address', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const huge = { id: 'x'.repeat(20_000) };
  expect((await reader.call('POST', '/v1/topups', huge)).code).toBe('body_too_large');
  expect((await reader.call('POST', '/v1/topups')).code).toBe('body_malformed');
  expect((await reader.call('POST', '/v1/nothing', {})).code).toBe('not_found');
  const extra = { id: randomId(), surprise: true };
  expect((await reader.call('POST', '/v1/accounts', extra)).code).toBe('body_malformed');
});

test('what fails on our side is told to the operator and not to the caller', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  await sandbox.context.database.schema.alterTable('purse').renameTo('lost').execute();
  const reply = await reader.call('GET', '/v1/account');
  expect([reply.status, reply.code]).toEqual([500, 'internal']);
  expect(reply.text).not.toContain('purse');
  expect(sandbox.log.join()).toMatch(/no such table: purse|"purse" does not exist/);
});

test('opening twice with one key is refused, and with one id answered alike', async () => {
  const { send } = await useSandbox();
  const account = await makeAccount(ISSUER, send);
  const id = randomId();
  const first = await openAccount(account, id);
  expect((await openAccount(account, id)).text).toBe(first.text);
  expect((await openAccount(account)).code).toBe('account_exists');
});
