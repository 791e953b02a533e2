/** What the account's service has booked, and all that it holds, as files. */
import { expect, test } from 'vitest';
import type { Movement } from '../../../../src/wallet/account/movements.ts';
import { statementOf } from '../../../../src/wallet/account/movements.ts';
import { FIVE, useCardReader } from '../../../support/cards.ts';
import { balancesOf } from '../../../support/hledger.ts';
import { buy, openReader, useTown } from '../../../support/keeping.ts';
import { makeReader, type Reader } from '../../../support/wallet.ts';

const town = useTown();

/** What stands in each row of a table, without its head. */
function rowsOf(csv: string): string[][] {
  const [, ...rows] = csv.trim().split('\r\n');
  return rows.map((row) => row.slice(1, -1).split('","'));
}

/** What each row says and comes to: `['captured', '-0.02', '5.23']`. */
function told(csv: string): string[][] {
  return rowsOf(csv).map(([, what = '', , , , change = '', balance = '']) => [
    ...[what, change, balance],
  ]);
}

test('each thing that was booked stands there with what there was after it', async () => {
  const { wallet, passMinute } = await useCardReader();
  await wallet.withdraw('1000000');
  await passMinute();
  expect(told(await wallet.statement(undefined))).toEqual([
    ['balance before', '0', '0'],
    ['starter', '0.25', '0.25'],
    ['top-up', '5', '5.25'],
    ['withdrawal', '-1', '4.25'],
    ['withdrawn', '0', '4.25'],
  ]);
});

test('what a card took back is taken off, also where it is owed', async () => {
  const { wallet, stripe, tell } = await useCardReader();
  await wallet.withdraw('4000000');
  await tell(stripe.dispute(String(stripe.sessions()[0]?.payment_intent), 500));
  expect(told(await wallet.statement(undefined)).at(-1)).toEqual(['charged back', '-5', '-3.75']);
});

test('a purchase is there once its seller has handed it in', async () => {
  const reader = await openReader(town);
  expect(await buy(reader, town.shop, '/articles/tides')).toBe('paid');
  await reader.wallet.takeBack(town.shop.payto);
  expect(told(await reader.wallet.statement(undefined)).slice(2)).toEqual([
    ['set aside', '0', '0.25'],
    ['captured', '-0.02', '0.23'],
    ['released', '0', '0.23'],
  ]);
});

const at = (time: string) => new Date(time).getTime();
const BOOKED: readonly Movement[] = [
  { number: 1, kind: 'starter', atMs: at('2026-09-03T12:00'), amountMicros: 250_000n },
  { number: 4, kind: 'top-up', atMs: at('2026-10-31T23:59'), amountMicros: 5_000_000n },
  { number: 7, kind: 'set aside', atMs: at('2026-11-01T00:00'), amountMicros: 100_000n },
  { number: 9, kind: 'captured', atMs: at('2026-11-02T12:00'), amountMicros: 2_500n },
].map((it) => ({ payto: undefined, ...it }) as Movement);

test.for([
  [
    '2026-09',
    [
      ['balance before', '0', '0'],
      ['starter', '0.25', '0.25'],
    ],
  ],
  [
    '2026-10',
    [
      ['balance before', '0', '0.25'],
      ['top-up', '5', '5.25'],
    ],
  ],
  [
    '2026-11',
    [
      ...[
        ['balance before', '0', '5.25'],
        ['set aside', '0', '5.25'],
      ],
      ['captured', '-0.0025', '5.2475'],
    ],
  ],
  ['2026-12', [['balance before', '0', '5.2475']]],
] as const)('in %s stands what the reader had before it, and what moved in it', ([month, rows]) => {
  expect(told(statementOf(BOOKED, { month, currency: 'USD' }))).toEqual(rows);
});

/** A reader whose service says something else than it has booked. */
async function readerOf(lie: (path: string, body: Record<string, unknown>) => unknown) {
  const reader = makeReader(undefined, (ports) => ({
    ...ports,
    fetch: async (url, init) => {
      const answer = await ports.fetch(url, init);
      const { pathname } = new URL(url);
      if (!pathname.startsWith('/v1/account') || init?.method !== 'GET') return answer;
      const body = lie(pathname, await answer.json());
      return Response.json(body, { status: answer.status, headers: answer.headers });
    },
  }));
  await reader.wallet.open(town.host);
  return reader;
}

test('books that do not come to what was signed are no statement', async () => {
  const { wallet } = await readerOf((path, body) =>
    path.endsWith('/statement') ? { movements: [], more: false } : body,
  );
  await expect(wallet.statement(undefined)).rejects.toMatchObject({ code: 'internal' });
});

test('page after page is read, to the first movement', async () => {
  const reader = await readerOf((path, body) => {
    if (!path.endsWith('/statement')) return body;
    const movements = body.movements as unknown[];
    return { movements: movements.slice(0, 2), more: body.more || movements.length > 2 };
  });
  for (let n = 0; n < 4; n++) await reader.wallet.topUp('1000000');
  expect(told(await reader.wallet.statement(undefined))).toEqual([
    ['balance before', '0', '0'],
    ['starter', '0.25', '0.25'],
    ...['1.25', '2.25', '3.25', '4.25'].map((balance) => ['top-up', '1', balance]),
  ]);
  expect(reader.requests.filter((it) => it.endsWith('/statement'))).toHaveLength(3);
});

test('a movement that nobody knows is no statement', async () => {
  const { wallet } = await readerOf((path, body) =>
    path.endsWith('/statement')
      ? { movements: [{ number: 1, kind: 'tip', at: 1, amount: '1' }], more: false }
      : body,
  );
  const unreadable = { code: 'provider_unreachable' };
  await expect(wallet.statement(undefined)).rejects.toMatchObject(unreadable);
});

test('all that is held is in one file', async () => {
  const { wallet } = await openReader(town);
  const all = JSON.parse(await wallet.held());
  expect(all.issuer).toBe(town.provider.issuer);
  expect(all.movements).toMatchObject([{ kind: 'starter', amount: '250000' }]);
});

async function journalOf({ wallet }: Reader): Promise<string> {
  return balancesOf(await wallet.exportHistory('journal'));
}

test('a journal has what came in and went back, and begins with nothing', async () => {
  const reader = await openReader(town);
  await reader.wallet.topUp(FIVE);
  expect(await buy(reader, town.shop, '/articles/tides')).toBe('paid');
  await reader.wallet.withdraw('1000000');
  const balances = await journalOf(reader);
  expect(balances).toMatch(/4\.230000 USD\s+assets:farthing\n/);
  expect(balances).toMatch(/-4\.000000 USD\s+assets:card\n/);
  expect(balances).toMatch(/-0\.250000 USD\s+income:farthing:gift\n/);
  expect(balances).toMatch(/0\.020000 USD\s+expenses:farthing:/);
  expect(balances).not.toContain('equity');
});

test('where the service does not answer, a journal begins with what was there', async () => {
  const line = { isUp: true };
  const reader = makeReader(undefined, (ports) => ({
    ...ports,
    fetch: (url, init) => {
      if (!line.isUp) throw new TypeError('the line is down');
      return ports.fetch(url, init);
    },
  }));
  await reader.wallet.open(town.host);
  await reader.wallet.topUp(FIVE);
  line.isUp = false;
  const balances = await journalOf(reader);
  expect(balances).toMatch(/5\.250000 USD\s+assets:farthing\n/);
  expect(balances).toMatch(/-5\.250000 USD\s+equity:opening\n/);
});
