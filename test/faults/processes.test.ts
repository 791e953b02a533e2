/** Several providers, as real processes, on one PostgreSQL: they are one wallet service. */
import { expect, test } from 'vitest';
import type { Micros } from '../../src/protocol/money.ts';
import { auditDatabase } from '../../src/provider/audit.ts';
import {
  askForPurse,
  balanceIn,
  chargeOf,
  collect,
  makeAccount,
  openAccount,
  type TestAccount,
  topUp,
} from '../support/account.ts';
import { startDoomed, startProcess } from '../support/doomed.ts';
import { randomId } from '../support/payer.ts';
import { ISSUER, useSandbox } from '../support/sandbox.ts';

/** The same account, at another process. */
async function at(account: TestAccount, { send }: Awaited<ReturnType<typeof startProcess>>) {
  return makeAccount(ISSUER, send, account.device);
}

test('a hundred purses at once at two processes, with money for sixty: exactly sixty', async () => {
  const sandbox = await useSandbox({ starterMicros: 0n as Micros });
  const paytos: string[] = [];
  for (let index = 0; index < 34; index++)
    paytos.push((await sandbox.seller(`shop${index}`)).payto);
  const doors = [await startProcess(sandbox.file), await startProcess(sandbox.file)];
  const reader = await makeAccount(ISSUER, sandbox.send);
  await openAccount(reader);
  await topUp(reader, 1_200_000n);
  const readers = await Promise.all(doors.map((door) => at(reader, door)));
  const asked = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      askForPurse(readers[index % 2] ?? reader, {
        payto: paytos[index % 34] ?? '',
        amountMicros: 20_000n,
      }),
    ),
  );
  const codes = asked.map(({ reply }) => reply.code ?? reply.status);
  expect(codes.filter((code) => code === 200)).toHaveLength(60);
  expect(codes.filter((code) => code === 'insufficient_funds')).toHaveLength(40);
  const balance = balanceIn(await reader.call('GET', '/v1/account'));
  expect(balance).toMatchObject({ available: 0n, aside: 1_200_000n });
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});

test('one charge handed in at two processes at once is captured once', async () => {
  const sandbox = await useSandbox();
  const { account: seller, payto } = await sandbox.seller('news');
  const purse = await askForPurse(await sandbox.reader(), { payto, amountMicros: 100_000n });
  const charges = [await chargeOf(purse, { seq: 1, tot: 30_000n })];
  const doors = [await startProcess(sandbox.file), await startProcess(sandbox.file)];
  const sellers = await Promise.all(doors.map((door) => at(seller, door)));
  const replies = await Promise.all(sellers.map((it) => collect(it, { payto, charges })));
  const states = replies.map(({ body }) => (body.results as { state: string }[])[0]?.state);
  expect(states.toSorted()).toEqual(['captured', 'known']);
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});

test('a process that is killed inside a write holds up nobody, and another ends it', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const doomed = await startDoomed({
    file: sandbox.file,
    path: '/v1/purses',
    moment: 'after posting',
  });
  const wish = { payto, amountMicros: 50_000n, id: randomId(), key: reader.device };
  const first = askForPurse(await at(reader, doomed), wish).catch(() => undefined);
  expect(await doomed.ended).toEqual([null, 'SIGKILL']);
  expect(await first).toBeUndefined();
  const { reply } = await askForPurse(reader, wish);
  expect(reply.status).toBe(200);
  expect(balanceIn(reply)).toMatchObject({ available: 200_000n, aside: 50_000n });
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});
