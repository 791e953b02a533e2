import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { readJws } from '../../../src/protocol/jws.ts';
import { auditDatabase } from '../../../src/provider/audit.ts';
import { keepRun } from '../../../src/provider/purses/sweep.ts';
import { askForPurse, chargeOf, collect, raisePurse, topUp } from '../../support/account.ts';
import { addDevice } from '../../support/devices.ts';
import { START_MS } from '../../support/payer.ts';
import { type Sandbox, useSandbox } from '../../support/sandbox.ts';

/** A provider whose clock is a second further at each look: no two looks are one moment. */
async function useMovingClock(): Promise<Sandbox> {
  const sandbox = await useSandbox();
  let nowMs = START_MS;
  Object.defineProperty(sandbox.time, 'nowMs', { get: () => (nowMs += 1000) });
  return sandbox;
}

/** Everything that a reader and a seller write. */
async function writeAll(sandbox: Sandbox): Promise<void> {
  const { account: seller, payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  await topUp(reader, 1_000_000n);
  const purse = await askForPurse(reader, { payto, amountMicros: 100_000n });
  await raisePurse(reader, { purse: purse.id, amountMicros: 200_000n });
  await collect(seller, { payto, charges: [await chargeOf(purse, { seq: 1, tot: 20_000n })] });
  expect((await addDevice(sandbox, reader)).reply.status).toBe(200);
}

/** The times in the tokens of an answer. */
function timesIn(body: string): number[] {
  const tokens = Object.entries(JSON.parse(body) as Record<string, unknown>);
  const typs = {
    balance: 'farthing-balance+jwt',
    certificate: 'farthing-purse+jwt',
    record: 'farthing-seller+jwt',
  } as const;
  return tokens.flatMap(([name, token]) => {
    const typ = typs[name as keyof typeof typs];
    if (typ === undefined) return [];
    return Number((readJws(String(token), typ).payload as { iat: number }).iat);
  });
}

test('a write happens at one moment, however its clock moves on', async () => {
  const sandbox = await useMovingClock();
  await writeAll(sandbox);
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
  const raw = new DatabaseSync(sandbox.file, { readOnly: true });
  const writes = raw.prepare('select at_sec, body from answered_write').all();
  expect(writes).toHaveLength(7);
  for (const { at_sec: atSec, body } of writes)
    expect(new Set([atSec, ...timesIn(String(body))])).toEqual(new Set([atSec]));
  const moments = new Set(writes.map((row) => row.at_sec));
  const booked = raw.prepare(
    `select at_sec from ledger_transaction union select opened_at_sec from account
     union select added_at_sec from device union select changed_at_sec from seller`,
  );
  expect(booked.all().filter((row) => !moments.has(row.at_sec as number))).toEqual([]);
  raw.close();
});

test.for([
  ['goes on', 0],
  ['begins anew after a silence', 700],
] as const)('a run %s at one moment', async ([, silenceSec]) => {
  const sandbox = await useMovingClock();
  const look = () => sandbox.time.nowMs;
  for (let count = 0; count < silenceSec; count++) look();
  const before = look();
  await keepRun(sandbox.context, sandbox.run);
  expect(look() - before).toBe(2000);
});
