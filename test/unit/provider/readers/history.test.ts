import { expect, test } from 'vitest';
import { addChunk, addDevice, listDevices, readHistory, revoke } from '../../../support/devices.ts';
import { randomId } from '../../../support/payer.ts';
import { type Sandbox, useSandbox } from '../../../support/sandbox.ts';

const LARGEST = 'A'.repeat(65_536);

async function twoDevices(sandbox: Sandbox) {
  const reader = await sandbox.reader();
  const { device } = await addDevice(sandbox, reader);
  return [reader, device] as const;
}

test('chunks of all devices come back in the order in which they came', async () => {
  const sandbox = await useSandbox();
  const [reader, device] = await twoDevices(sandbox);
  await addChunk(reader, { place: 1, chunk: 'AAAA' });
  await addChunk(device, { place: 1, chunk: 'BBBB' });
  await addChunk(reader, { place: 2, chunk: 'CCCC' });
  const { chunks, more } = await readHistory(device);
  expect(chunks.map(({ chunk, place }) => `${chunk} ${place}`)).toEqual([
    'AAAA 1',
    'BBBB 1',
    'CCCC 2',
  ]);
  expect(more).toBe(false);
  const [first] = chunks;
  expect((await readHistory(reader, first?.number)).chunks).toHaveLength(2);
  const { devices } = await listDevices(reader);
  expect(devices.map(({ place }) => place).toSorted()).toEqual([1, 2]);
});

test('a chunk whose answer was lost is sent again and kept once', async () => {
  const sandbox = await useSandbox();
  const [reader] = await twoDevices(sandbox);
  const id = randomId();
  const first = await addChunk(reader, { place: 1, id });
  expect((await addChunk(reader, { place: 1, id })).text).toBe(first.text);
  expect((await addChunk(reader, { place: 1, id, chunk: 'AAAA' })).code).toBe('id_reused');
  expect((await readHistory(reader)).chunks).toHaveLength(1);
});

test('a place that is not the next one is a gap, and nothing is kept', async () => {
  const sandbox = await useSandbox();
  const [reader, device] = await twoDevices(sandbox);
  await addChunk(reader, { place: 1 });
  for (const place of [0, 1, 3])
    expect((await addChunk(reader, { place })).code).toBe('history_gap');
  expect((await addChunk(device, { place: 2 })).code).toBe('history_gap');
  expect((await readHistory(reader)).chunks).toHaveLength(1);
});

test('a long history is read in pages', async () => {
  const sandbox = await useSandbox();
  const [reader] = await twoDevices(sandbox);
  for (let place = 1; place <= 20; place++) await addChunk(reader, { place });
  const first = await readHistory(reader);
  expect([first.chunks.length, first.more]).toEqual([16, true]);
  const second = await readHistory(reader, first.chunks.at(-1)?.number);
  expect([second.chunks.length, second.more]).toEqual([4, false]);
  expect(second.chunks.at(-1)?.place).toBe(20);
});

test('a copy has its end, and another account’s is not touched by it', async () => {
  const sandbox = await useSandbox();
  const [reader] = await twoDevices(sandbox);
  await addChunk(reader, { place: 1, chunk: LARGEST });
  await sandbox.context.database
    .updateTable('account')
    .set((row) => ({ history_length: row('history_length', '*', 255n) }))
    .execute();
  expect((await addChunk(reader, { place: 2, chunk: LARGEST })).status).toBe(200);
  expect((await addChunk(reader, { place: 3 })).code).toBe('history_full');
  const other = await sandbox.reader();
  expect((await addChunk(other, { place: 1 })).status).toBe(200);
  await reader.call('POST', '/v1/history/erase', { id: randomId() });
  expect((await addChunk(reader, { place: 3 })).status).toBe(200);
});

test('erased is what the device and removed ones wrote; others keep theirs', async () => {
  const sandbox = await useSandbox();
  const [reader, device] = await twoDevices(sandbox);
  const { device: third } = await addDevice(sandbox, reader);
  for (const it of [reader, device, third]) await addChunk(it, { place: 1 });
  await revoke(reader, third);
  await reader.call('POST', '/v1/history/erase', { id: randomId() });
  const { chunks } = await readHistory(reader);
  expect(chunks.map((it) => it.device)).toEqual([device.device.kid]);
});

test('erased is erased, and places and numbers go on', async () => {
  const sandbox = await useSandbox();
  const [reader] = await twoDevices(sandbox);
  await addChunk(reader, { place: 1 });
  const [before] = (await readHistory(reader)).chunks;
  const id = randomId();
  const erased = await reader.call('POST', '/v1/history/erase', { id });
  expect(erased.status).toBe(200);
  expect((await readHistory(reader)).chunks).toEqual([]);
  await addChunk(reader, { place: 2 });
  expect((await reader.call('POST', '/v1/history/erase', { id })).text).toBe(erased.text);
  const [after] = (await readHistory(reader)).chunks;
  expect(after?.place).toBe(2);
  expect(after?.number).toBeGreaterThan(before?.number ?? Number.POSITIVE_INFINITY);
});

test('a revoked device reads and writes nothing; what it wrote stays', async () => {
  const sandbox = await useSandbox();
  const [reader, device] = await twoDevices(sandbox);
  await addChunk(device, { place: 1 });
  await revoke(reader, device);
  expect((await addChunk(device, { place: 2 })).code).toBe('device_revoked');
  expect((await device.call('GET', '/v1/history?after=0')).code).toBe('device_revoked');
  expect((await readHistory(reader)).chunks).toHaveLength(1);
});

test('nobody reads another account’s copy', async () => {
  const sandbox = await useSandbox();
  const [reader] = await twoDevices(sandbox);
  await addChunk(reader, { place: 1 });
  expect((await readHistory(await sandbox.reader())).chunks).toEqual([]);
});

test.for([
  ['nothing', { chunk: '' }],
  ['too much', { chunk: `${LARGEST}A` }],
  ['other letters', { chunk: 'AA=A' }],
  ['a place of a fraction', { place: 1.5 }],
] as const)('a chunk of %s is malformed', async ([, wrong]) => {
  const sandbox = await useSandbox();
  const [reader] = await twoDevices(sandbox);
  const body = { id: randomId(), place: 1, chunk: 'AAAA', ...wrong };
  expect((await reader.call('POST', '/v1/history', body)).code).toBe('body_malformed');
});

test.for(['-1', '01', '1e3', 'x', ''])('after "%s" is malformed', async (after) => {
  const sandbox = await useSandbox();
  const [reader] = await twoDevices(sandbox);
  expect((await reader.call('GET', `/v1/history?after=${after}`)).code).toBe('body_malformed');
});
