import { expect, test, vi } from 'vitest';
import { float } from '../../../src/cli/float.ts';
import { floatNow, leftMicros, readFloats, reportFloat } from '../../../src/provider/float.ts';
import { askForPurse } from '../../support/account.ts';
import { tamper } from '../../support/books.ts';
import { buy, fundWith, PAID_AT_ONCE, useTill } from '../../support/till.ts';

const FEE = { feeRateBasisPoints: 1_000 };

test('money outside is the readers’, the sellers’, on its way, or the operator’s own', async () => {
  const { sandbox, seller, reader, pass } = await useTill({ ...PAID_AT_ONCE, ...FEE });
  await askForPurse(reader, { payto: seller.payto, amountMicros: 1_000_000n });
  await buy(reader, seller, 6_000_000n);
  await fundWith(sandbox, 2_000_000n);
  const now = () => floatNow(sandbox.context.database, 0);
  const [before] = await now();
  expect(before).toMatchObject({
    ...{ currency: 'USD', outsideMicros: 22_000_000n, readersMicros: 14_000_000n },
    ...{ sellersMicros: 5_400_000n, transitMicros: 0n },
  });
  expect(before && leftMicros(before)).toBe(2_600_000n);
  await pass(1);
  expect(await now()).toMatchObject([{ sellersMicros: 0n, transitMicros: 5_400_000n }]);
  await pass(1);
  expect(await now()).toMatchObject([{ outsideMicros: 16_600_000n, transitMicros: 0n }]);
});

test('starter credit is nobody’s money, also where it is set aside', async () => {
  const { sandbox, seller } = await useTill({ starterMicros: 250_000n as never });
  const reader = await sandbox.reader();
  await askForPurse(reader, { payto: seller.payto, amountMicros: 100_000n });
  const [told] = await floatNow(sandbox.context.database, 0);
  expect(told).toMatchObject({ outsideMicros: 20_000_000n, readersMicros: 20_000_000n });
  expect(told && leftMicros(told)).toBe(0n);
});

test('a report is kept once a day, whoever asks for it', async () => {
  const { sandbox } = await useTill();
  const { context, time, file } = sandbox;
  expect(await Promise.all([reportFloat(context), reportFloat(context)])).toContain(true);
  expect(await reportFloat(context)).toBe(false);
  time.nowMs += 86_400_000;
  expect(await reportFloat(context)).toBe(true);
  expect((await readFloats(file, 7)).map(({ atSec }) => atSec)).toEqual([
    7,
    time.nowMs / 1000,
    time.nowMs / 1000 - 86_400,
  ]);
  expect(sandbox.log).toEqual([]);
});

test('an operator is told where less is outside than is owed', async () => {
  const { sandbox } = await useTill();
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  expect(await float([sandbox.file])).toBe(0);
  await tamper(
    sandbox.file,
    `update ledger_account set balance_micros = 19000000 where kind = 'outside money'`,
  );
  expect(await float([sandbox.file])).toBe(1);
  log.mockRestore();
  expect(lines.at(-1)).toMatch(/19\.000000 +20\.000000 +0\.000000 +0\.000000 +-1\.000000$/);
  await reportFloat(sandbox.context);
  expect(sandbox.log).toEqual(['float: -1000000 micros USD less than is owed']);
});
