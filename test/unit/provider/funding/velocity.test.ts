/** How often an account may take money back: a card's side keeps its fee for what goes round. */
import { expect, test } from 'vitest';
import { type Reply, topUp } from '../../../support/account.ts';
import { withdraw } from '../../../support/cardshop.ts';
import { randomId } from '../../../support/payer.ts';
import { useSandbox } from '../../../support/sandbox.ts';

const DOLLAR = '1000000';
const retryAfter = ({ headers }: Reply) => Number(headers.get('Retry-After'));

test('five withdrawals in seven days are enough; it says when the next is possible', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  await topUp(reader, 10_000_000n);
  const ids = Array.from({ length: 5 }, () => randomId());
  for (const id of ids) {
    sandbox.time.nowMs += 3_600_000;
    expect((await withdraw(reader, id, DOLLAR)).status).toBe(200);
  }
  const id = randomId();
  const refused = await withdraw(reader, id, DOLLAR);
  expect([refused.status, refused.code]).toEqual([429, 'withdrawal_limit']);
  // The first of the five was four hours ago.
  expect(retryAfter(refused)).toBe(7 * 86_400 - 4 * 3600);
  expect(refused.body.detail).toContain(`${retryAfter(refused)} seconds`);
  // What was asked before is answered as before; others have weeks of their own.
  expect((await withdraw(reader, ids[4], DOLLAR)).status).toBe(200);
  const other = await sandbox.reader();
  await topUp(other, 1_000_000n);
  expect((await withdraw(other)).status).toBe(200);
  sandbox.time.nowMs += 1000 * retryAfter(refused);
  expect((await withdraw(reader, id, DOLLAR)).status).toBe(200);
  expect((await withdraw(reader, randomId(), DOLLAR)).code).toBe('withdrawal_limit');
});
