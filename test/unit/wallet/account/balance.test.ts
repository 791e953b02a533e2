import { expect, it } from 'vitest';
import type { Micros } from '../../../../src/protocol/money.ts';
import { openReader, useTown, yours } from '../../../support/keeping.ts';

const town = useTown();

it.each([
  ['a moment ago is not overridden by an answer that was late', 1, '990000'],
  ['long ago gives way: the books were put back', 100, '250000'],
])('a word of a higher number, said %s', async (_, secondsAgo, left) => {
  const reader = await openReader(town);
  const { account: table } = reader.ports.store;
  const account = await table.get('account');
  if (!account) throw new Error('there is none');
  const saidAtSec = Math.floor(Date.now() / 1000) - secondsAgo;
  const availableMicros = 990_000n as Micros;
  await table.put({ ...account, rev: account.rev + 1000, availableMicros, saidAtSec });
  await reader.wallet.refresh();
  expect(await yours(reader)).toBe(left);
});

it('when a word was said is known of each: what is lower and of then is late', async () => {
  const reader = await openReader(town);
  const { account: table } = reader.ports.store;
  const account = await table.get('account');
  if (!account) throw new Error('there is none');
  await table.put({ ...account, rev: account.rev + 1000, availableMicros: 990_000n as Micros });
  await reader.wallet.refresh();
  expect(await yours(reader)).toBe('990000');
});
