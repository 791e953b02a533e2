import { expect, test } from 'vitest';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import {
  askForPurse,
  balanceIn,
  openAccount,
  raisePurse,
  topUp,
} from '../../../support/account.ts';
import {
  addDevice,
  devicesIn,
  listDevices,
  revoke,
  SEALED,
  setRecovery,
} from '../../../support/devices.ts';
import { makeKey, randomId } from '../../../support/payer.ts';
import { useSandbox } from '../../../support/sandbox.ts';

const HOUR_SEC = 3600;

test('a recovery key adds a device, which has the account, its money, the sealed key', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  await topUp(reader, 5_000_000n);
  const { recovery } = await setRecovery(sandbox, reader);
  const { device, reply } = await addDevice(sandbox, recovery);
  expect(reply.status).toBe(200);
  expect(reply.body.sealed).toBe(SEALED);
  const [before, after] = await Promise.all(
    [reader, device].map(async (it) => balanceIn(await it.call('GET', '/v1/account'))),
  );
  expect(after).toEqual(before);
  expect(after?.available).toBe(5_250_000n);
});

test('nobody gets starter credit by being added', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const { device } = await addDevice(sandbox, reader);
  expect(balanceIn(await device.call('GET', '/v1/account')).starter).toBe(250_000n);
  expect((await openAccount(device)).code).toBe('account_exists');
});

test('a device adds a device too, and gets no sealed key', async () => {
  const sandbox = await useSandbox();
  const { reply } = await addDevice(sandbox, await sandbox.reader());
  expect(Object.keys(reply.body).toSorted()).toEqual(['account', 'balance']);
});

test('adding again under one id is one device and the same bytes', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const { recovery } = await setRecovery(sandbox, reader);
  const wish = { id: randomId(), key: await makeKey() };
  const [first, again] = [
    await addDevice(sandbox, recovery, wish),
    await addDevice(sandbox, recovery, wish),
  ];
  expect(again.reply.text).toBe(first.reply.text);
  expect((await listDevices(reader)).devices).toHaveLength(2);
  const other = await addDevice(sandbox, recovery, { ...wish, name: 'Another' });
  expect(other.reply.code).toBe('id_reused');
});

test('a recovery key does nothing but add a device', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const { recovery } = await setRecovery(sandbox, reader);
  const body = { id: randomId() };
  const kid = reader.device.kid;
  const replies = await Promise.all([
    recovery.call('GET', '/v1/account'),
    recovery.call('GET', '/v1/devices'),
    recovery.call('GET', '/v1/history?after=0'),
    recovery.call('POST', `/v1/devices/${kid}/revoke`, body),
    recovery.call('POST', `/v1/devices/${kid}/name`, { ...body, name: 'Mine' }),
    recovery.call('POST', '/v1/history/erase', body),
    topUp(recovery, 1_000_000n),
    setRecovery(sandbox, recovery).then(({ reply }) => reply),
  ]);
  expect(replies.map(({ code }) => code)).toEqual(Array(8).fill('account_unknown'));
  expect((await openAccount(recovery)).code).toBe('account_exists');
});

test('a code that was never set, or whose place another took, finds nothing', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const { recovery: former } = await setRecovery(sandbox, reader);
  const stranger = await sandbox.reader();
  const { recovery: passkey } = await setRecovery(sandbox, reader, { kind: 'passkey' });
  const { recovery } = await setRecovery(sandbox, reader);
  const code = async (sponsor: typeof former) =>
    (await addDevice(sandbox, sponsor)).reply.code ?? 'added';
  expect(await code(former)).toBe('recovery_unknown');
  expect(await code(recovery)).toBe('added');
  expect(await code(passkey)).toBe('added');
  expect((await listDevices(stranger)).recovery).toEqual([]);
  const { recovery: set } = await listDevices(reader);
  expect(set.map(({ kind }) => kind)).toEqual(['passkey', 'words']);
});

test('a key is one thing only: no device is a code, no code is another account’s', async () => {
  const sandbox = await useSandbox();
  const [reader, stranger] = [await sandbox.reader(), await sandbox.reader()];
  const { recovery } = await setRecovery(sandbox, reader);
  const taken = async (key: typeof reader.device) =>
    (await setRecovery(sandbox, stranger, { key })).reply.code;
  expect(await taken(reader.device)).toBe('account_exists');
  expect(await taken(recovery.device)).toBe('account_exists');
  expect((await addDevice(sandbox, stranger, { key: recovery.device })).reply.code).toBe(
    'account_exists',
  );
  expect((await addDevice(sandbox, stranger, { key: reader.device })).reply.code).toBe(
    'account_exists',
  );
});

test('devices have names, times, what they set aside, and the day when it is back', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const { device } = await addDevice(sandbox, reader, { name: ' Old\u202e\tLaptop ' });
  const nowSec = sandbox.time.nowMs / 1000;
  await askForPurse(device, { payto, amountMicros: 50_000n });
  const { devices } = await listDevices(reader);
  expect(devices.find(({ kid }) => kid === device.device.kid)).toEqual({
    kid: device.device.kid,
    name: 'Old Laptop',
    added: nowSec,
    place: 0,
    aside: '50000',
    back: nowSec + (7 * 24 + 72) * HOUR_SEC,
  });
  expect(devices.find(({ kid }) => kid === reader.device.kid)).toMatchObject({
    name: '',
    aside: '0',
    back: 0,
  });
  const body = { id: randomId(), name: 'Kitchen' };
  const renamed = await device.call('POST', `/v1/devices/${reader.device.kid}/name`, body);
  const names = (await devicesIn(renamed)).devices.map(({ name }) => name).toSorted();
  expect(names).toEqual(['Kitchen', 'Old Laptop']);
});

test('a revoked device proves nothing any more, its own retries included', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const { device } = await addDevice(sandbox, reader);
  const id = randomId();
  const purse = await askForPurse(device, { payto, amountMicros: 50_000n, id });
  const wish = { payto, amountMicros: 50_000n, id, key: purse.key };
  expect((await askForPurse(device, wish)).reply.text).toBe(purse.reply.text);
  expect((await revoke(reader, device)).status).toBe(200);
  const replies = await Promise.all([
    device.call('GET', '/v1/account'),
    askForPurse(device, wish).then(({ reply }) => reply),
    raisePurse(device, { purse: purse.id, amountMicros: 100_000n }),
    openAccount(device),
    addDevice(sandbox, device).then(({ reply }) => reply),
    setRecovery(sandbox, device).then(({ reply }) => reply),
    revoke(device, reader),
  ]);
  expect(replies.map(({ status, code }) => `${status} ${code}`)).toEqual(
    Array(7).fill('403 device_revoked'),
  );
  const { devices } = await listDevices(reader);
  expect(devices.find(({ kid }) => kid === device.device.kid)?.revoked).toBe(
    sandbox.time.nowMs / 1000,
  );
  const again = await addDevice(sandbox, reader, { key: device.device });
  expect(again.reply.code).toBe('account_exists');
});

test('revoking again changes nothing', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const { device } = await addDevice(sandbox, reader);
  const id = randomId();
  const first = await revoke(reader, device, id);
  sandbox.time.nowMs += 60_000;
  expect((await revoke(reader, device, id)).text).toBe(first.text);
  expect((await devicesIn(revoke(reader, device))).devices).toEqual(
    (await devicesIn(first)).devices,
  );
});

test('the last device stays, unless a code can bring the account back', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  expect((await revoke(reader, reader)).code).toBe('device_last');
  const { recovery } = await setRecovery(sandbox, reader);
  expect((await revoke(reader, reader)).status).toBe(200);
  const { device } = await addDevice(sandbox, recovery);
  expect(balanceIn(await device.call('GET', '/v1/account')).available).toBe(250_000n);
});

test('another account’s devices are nobody’s business', async () => {
  const sandbox = await useSandbox();
  const [reader, stranger] = [await sandbox.reader(), await sandbox.reader()];
  expect((await revoke(stranger, reader)).code).toBe('device_unknown');
  const body = { id: randomId(), name: 'Mine' };
  const path = `/v1/devices/${reader.device.kid}/name`;
  expect((await stranger.call('POST', path, body)).code).toBe('device_unknown');
  expect((await listDevices(stranger)).devices).toHaveLength(1);
});

test('there are sixteen devices, and a removed one makes room', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const added = [];
  for (let count = 1; count < 16; count++) added.push(await addDevice(sandbox, reader));
  expect((await addDevice(sandbox, reader)).reply.code).toBe('device_limit');
  const [first] = added;
  if (first) await revoke(reader, first.device);
  expect((await addDevice(sandbox, reader)).reply.status).toBe(200);
});

test('two devices have one budget: together they set aside what one may', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const { payto: other } = await sandbox.seller('tunes');
  const reader = await sandbox.reader();
  await topUp(reader, 10_000_000n);
  const { device } = await addDevice(sandbox, reader);
  const replies = await Promise.all(
    [reader, device].flatMap((it) =>
      [payto, other].map((at) => askForPurse(it, { payto: at, amountMicros: 1_000_000n })),
    ),
  );
  expect(replies.map(({ reply }) => reply.code ?? 'ok').toSorted()).toEqual([
    'aside_limit',
    'aside_limit',
    'ok',
    'ok',
  ]);
});

test('a purse of nothing sets nothing aside, and can be raised', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const purse = await askForPurse(reader, { payto, amountMicros: 0n });
  expect(purse.reply.status).toBe(200);
  expect(balanceIn(purse.reply)).toMatchObject({ available: 250_000n, aside: 0n });
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
  const raised = await raisePurse(reader, { purse: purse.id, amountMicros: 50_000n });
  expect(balanceIn(raised)).toMatchObject({ available: 200_000n, aside: 50_000n });
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});

test.for([
  ['a name of nothing', { name: ' \u200e ' }],
  ['a long name', { name: 'x'.repeat(41) }],
  ['a private key', { key: { kty: 'EC' } }],
] as const)('%s is malformed', async ([, wrong]) => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const { jwk } = await makeKey();
  const body = { id: randomId(), key: jwk, name: 'Laptop', ...wrong };
  expect((await reader.call('POST', '/v1/devices', body)).code).toBe('body_malformed');
});

test.for([
  ['another kind', { kind: 'fax' }],
  ['a key of another length', { kid: randomId() }],
  ['a sealed key that is too short', { sealed: randomId(59) }],
] as const)('recovery by %s is malformed', async ([, wrong]) => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const body = { id: randomId(), kind: 'words', kid: randomId(32), sealed: SEALED, ...wrong };
  expect((await reader.call('POST', '/v1/recovery', body)).code).toBe('body_malformed');
});
