import { expect, test } from 'vitest';
import {
  mayReplace,
  PURSE_LIFE_SEC_MAX,
  readCertificate,
} from '../../../../src/protocol/certificate.ts';
import { checkJws } from '../../../../src/protocol/jws.ts';
import { importPublicKey } from '../../../../src/protocol/key.ts';
import type { Micros } from '../../../../src/protocol/money.ts';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import {
  askForPurse,
  balanceIn,
  makeAccount,
  type Reply,
  raisePurse,
  topUp,
} from '../../../support/account.ts';
import { makeKey, randomId, START_MS } from '../../../support/payer.ts';
import { ISSUER, useSandbox } from '../../../support/sandbox.ts';

const NOW_SEC = START_MS / 1000;
const DAY_MS = 86_400_000;
const PLENTY = { asideLimitMicros: 1_000_000_000n as Micros };

function certificateIn(reply: Reply) {
  return readCertificate(String(reply.body.certificate));
}

test('a purse holds what was asked for, for one seller and one key, for a week', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const { id, key, reply } = await askForPurse(reader, { payto, amountMicros: 50_000n });
  const { claims, jws } = certificateIn(reply);
  expect(claims).toMatchObject({
    iss: ISSUER,
    jti: id,
    aud: payto,
    cur: 'USD',
    lim: 50_000n,
    iat: NOW_SEC,
    exp: NOW_SEC + PURSE_LIFE_SEC_MAX,
    cnf: { jwk: key.jwk },
  });
  await checkJws(jws, await importPublicKey(sandbox.context.keys.signer().jwk));
  expect(jws.kid).toBe(sandbox.context.keys.signer().kid);
});

test('starter credit is set aside before money', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  await topUp(reader, 1_000_000n);
  const first = await askForPurse(reader, { payto, amountMicros: 200_000n });
  expect(balanceIn(first.reply)).toMatchObject({
    available: 1_050_000n,
    starter: 50_000n,
    aside: 200_000n,
  });
  const second = await askForPurse(reader, { payto, amountMicros: 200_000n });
  expect(balanceIn(second.reply)).toMatchObject({
    available: 850_000n,
    starter: 0n,
    aside: 400_000n,
  });
});

test('the same purse again is the same certificate, byte for byte', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const wish = { payto, amountMicros: 50_000n, id: randomId(), key: await makeKey() };
  const first = await askForPurse(reader, wish);
  sandbox.time.nowMs += DAY_MS;
  expect((await askForPurse(reader, wish)).reply.text).toBe(first.reply.text);
  expect(balanceIn(await reader.call('GET', '/v1/account')).aside).toBe(50_000n);
  const other = await askForPurse(reader, { ...wish, amountMicros: 60_000n });
  expect(other.reply.code).toBe('id_reused');
});

test('a reader has one name at a seller and another at the next', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const { payto: elsewhere } = await sandbox.seller('music');
  const reader = await sandbox.reader();
  const subOf = async (seller: string) =>
    certificateIn((await askForPurse(reader, { payto: seller, amountMicros: 1n })).reply).claims
      .sub;
  const sub = await subOf(payto);
  expect(await subOf(payto)).toBe(sub);
  expect(await subOf(elsewhere)).not.toBe(sub);
});

test('a purse that the balance does not cover stays refused after a top-up', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const wish = { payto, amountMicros: 300_000n, id: randomId(), key: await makeKey() };
  const first = await askForPurse(reader, wish);
  expect([first.reply.status, first.reply.code]).toEqual([409, 'insufficient_funds']);
  await topUp(reader, 1_000_000n);
  expect((await askForPurse(reader, wish)).reply.text).toBe(first.reply.text);
  expect((await askForPurse(reader, { ...wish, id: randomId() })).reply.status).toBe(200);
});

test('a malformed request leaves its id free', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const id = randomId();
  const { jwk } = await makeKey();
  const body = { id, payto, currency: 'USD', amount: '50000', key: jwk };
  for (const wrong of [
    { amount: '-1' },
    { amount: 50_000 },
    { payto: 'news' },
    { key: { ...jwk, x: jwk.y } },
    { key: { ...jwk, d: jwk.x } },
    { id: 'short' },
  ]) {
    const reply = await reader.call('POST', '/v1/purses', { ...body, ...wrong });
    expect([wrong, reply.status, reply.code]).toEqual([wrong, 400, 'body_malformed']);
  }
  expect((await reader.call('POST', '/v1/purses', body)).status).toBe(200);
});

test('an unknown seller, another service’s seller and another currency are refused', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const codeFor = async (seller: string) =>
    (await askForPurse(reader, { payto: seller, amountMicros: 1n })).reply.code;
  expect(await codeFor('nobody@localhost:4270')).toBe('seller_unknown');
  expect(await codeFor('news@pay.example')).toBe('seller_unknown');
  const body = { id: randomId(), payto, amount: '1', key: (await makeKey()).jwk };
  const reply = await reader.call('POST', '/v1/purses', { ...body, currency: 'EUR' });
  expect(reply.code).toBe('currency_unsupported');
});

test('the id of another account’s purse is refused', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const { id } = await askForPurse(await sandbox.reader(), { payto, amountMicros: 1n });
  const wish = { payto, amountMicros: 1n, id };
  expect((await askForPurse(await sandbox.reader(), wish)).reply.code).toBe('id_reused');
});

test('three purses at a seller are enough, until one has expired', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  for (let count = 0; count < 3; count++)
    expect((await askForPurse(reader, { payto, amountMicros: 1n })).reply.status).toBe(200);
  const fourth = { payto, amountMicros: 1n, id: randomId(), key: await makeKey() };
  expect((await askForPurse(reader, fourth)).reply.code).toBe('purse_count');
  sandbox.time.nowMs += PURSE_LIFE_SEC_MAX * 1000;
  expect((await askForPurse(reader, fourth)).reply.code).toBe('purse_count');
  expect((await askForPurse(reader, { payto, amountMicros: 1n })).reply.status).toBe(200);
});

test('sixty-four purses in all are enough', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const codes: unknown[] = [];
  for (let seller = 0; seller < 22; seller++) {
    const { payto } = await sandbox.seller(`shop${seller}`);
    for (let count = 0; count < 3; count++)
      codes.push((await askForPurse(reader, { payto, amountMicros: 1n })).reply.code);
  }
  expect(codes.filter((code) => code === undefined)).toHaveLength(64);
  expect(codes.filter((code) => code === 'purse_count')).toHaveLength(2);
});

test('no more than the limit is set aside in a rolling day', async () => {
  const sandbox = await useSandbox({ asideLimitMicros: 100_000n as Micros });
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const ask = (amountMicros: bigint) => askForPurse(reader, { payto, amountMicros });
  expect((await ask(60_000n)).reply.status).toBe(200);
  const beyond = { payto, amountMicros: 40_001n, id: randomId(), key: await makeKey() };
  expect((await askForPurse(reader, beyond)).reply.code).toBe('aside_limit');
  const second = await ask(40_000n);
  expect((await raisePurse(reader, { purse: second.id, amountMicros: 40_001n })).code).toBe(
    'aside_limit',
  );
  sandbox.time.nowMs += DAY_MS;
  expect((await askForPurse(reader, beyond)).reply.code).toBe('aside_limit');
  expect((await ask(100_000n)).reply.status).toBe(200);
});

test('a raised purse keeps id, key and name, and may replace the old one', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const { id, reply } = await askForPurse(reader, { payto, amountMicros: 50_000n });
  sandbox.time.nowMs += DAY_MS;
  const raised = await raisePurse(reader, { purse: id, amountMicros: 100_000n });
  const before = certificateIn(reply).claims;
  const after = certificateIn(raised).claims;
  expect(mayReplace(before, after)).toBe(true);
  expect(after).toMatchObject({ lim: 100_000n, exp: before.exp + DAY_MS / 1000 });
  expect(balanceIn(raised)).toMatchObject({ available: 150_000n, aside: 100_000n });
});

test('a raise again is the same answer; one beyond the balance stays refused', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const { id: purse } = await askForPurse(reader, { payto, amountMicros: 50_000n });
  const raise = { purse, amountMicros: 100_000n, id: randomId() };
  const first = await raisePurse(reader, raise);
  expect((await raisePurse(reader, raise)).text).toBe(first.text);
  const beyond = { purse, amountMicros: 300_000n, id: randomId() };
  const refused = await raisePurse(reader, beyond);
  expect(refused.code).toBe('insufficient_funds');
  await topUp(reader, 1_000_000n);
  expect((await raisePurse(reader, beyond)).text).toBe(refused.text);
});

test('a purse is not lowered, not raised after its end, and not raised by others', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const { id: purse } = await askForPurse(reader, { payto, amountMicros: 50_000n });
  const raise = (amountMicros: bigint) => raisePurse(reader, { purse, amountMicros });
  expect((await raise(49_999n)).code).toBe('purse_limit_lowered');
  const stranger = await sandbox.reader();
  const stolen = await raisePurse(stranger, { purse, amountMicros: 60_000n });
  expect(stolen.code).toBe('purse_not_found');
  sandbox.time.nowMs += PURSE_LIFE_SEC_MAX * 1000;
  expect((await raise(60_000n)).code).toBe('purse_expired');
});

test('a hundred purses at once with money for sixty: exactly sixty', async () => {
  const sandbox = await useSandbox({ ...PLENTY, starterMicros: 0n as Micros });
  const paytos: string[] = [];
  for (let index = 0; index < 34; index++)
    paytos.push((await sandbox.seller(`shop${index}`)).payto);
  const reader = await makeAccount(ISSUER, sandbox.send);
  await reader.call('POST', '/v1/accounts', { id: randomId() });
  await topUp(reader, 6_000_000n);
  const asked = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      askForPurse(reader, { payto: paytos[index % 34] ?? '', amountMicros: 100_000n }),
    ),
  );
  const codes = asked.map(({ reply }) => reply.code ?? reply.status);
  expect(codes.filter((code) => code === 200)).toHaveLength(60);
  expect(codes.filter((code) => code === 'insufficient_funds')).toHaveLength(40);
  const balance = balanceIn(await reader.call('GET', '/v1/account'));
  expect(balance).toMatchObject({ available: 0n, aside: 6_000_000n });
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});

test('a request that is sent twenty times at once is one purse', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const wish = { payto, amountMicros: 50_000n, id: randomId(), key: await makeKey() };
  const asked = await Promise.all(Array.from({ length: 20 }, () => askForPurse(reader, wish)));
  expect(new Set(asked.map(({ reply }) => reply.text)).size).toBe(1);
  expect(balanceIn(await reader.call('GET', '/v1/account')).aside).toBe(50_000n);
});

test('a purse that is raised by a clock that was put back has a certificate', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const { id, reply } = await askForPurse(reader, { payto, amountMicros: 50_000n });
  // By a second, as the clocks of two processes may be apart.
  sandbox.time.nowMs -= 1000;
  const raised = await raisePurse(reader, { purse: id, amountMicros: 100_000n });
  const [before, after] = [reply, raised].map((it) => certificateIn(it).claims);
  expect(after).toEqual({ ...before, lim: 100_000n });
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});
