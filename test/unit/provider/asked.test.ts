/** How much a purse and a collection ask of the books: what is asked once too often is waste. */
import { expect, test } from 'vitest';
import { askForPurse, chargeOf, collect } from '../../support/account.ts';
import { listenToAsked } from '../../support/asked.ts';
import { useMarket } from '../../support/market.ts';

const begins = (start: string) => (text: string) => text.startsWith(start);

test('what is set aside is written after its purse: else all of it is looked through', async () => {
  const asked = listenToAsked();
  await useMarket();
  const texts = asked();
  const purse = texts.findIndex(begins('insert into "purse"'));
  expect(purse).toBeGreaterThan(0);
  expect(texts.findIndex(begins('insert into "set_aside"'))).toBeGreaterThan(purse);
});

test('no limit is handed in: SQLite would plan such a statement whenever it runs', async () => {
  const asked = listenToAsked();
  const { handIn } = await useMarket();
  await handIn(1, 20_000n);
  const limited = asked().filter((text) => text.includes(' limit '));
  expect(limited.length).toBeGreaterThan(0);
  expect(limited.filter((text) => /(?:limit|offset) \?/.test(text))).toEqual([]);
});

/** What was asked for the last write, from its savepoint to the release of that. */
function lastWrite(texts: readonly string[]): readonly string[] {
  const [first, last] = ['savepoint act', 'release savepoint act'].map((it) =>
    texts.lastIndexOf(it),
  );
  return texts.slice(first, (last ?? 0) + 1);
}

const writesIn = (texts: readonly string[]) => texts.filter((it) => /^(?:insert|update)/.test(it));

test('a purse asks 12 questions and writes 7 times, whatever its reader has', async () => {
  const asked = listenToAsked();
  const { reader, payto } = await useMarket();
  for (const amountMicros of [50_000n, 60_000n]) {
    asked();
    await askForPurse(reader, { payto, amountMicros });
    const texts = lastWrite(asked());
    expect(writesIn(texts)).toHaveLength(7);
    expect(texts.filter(begins('select'))).toHaveLength(12);
    expect(texts).toHaveLength(7 + 12 + 3);
  }
});

test('a collection looks at its seller once, and writes 7 times for each purse', async () => {
  const asked = listenToAsked();
  const { reader, seller, payto, purse } = await useMarket();
  const other = await askForPurse(reader, { payto, amountMicros: 50_000n });
  const counts: number[] = [];
  for (const [seq, purses] of [
    [1, [purse]],
    [2, [purse, other]],
  ] as const) {
    const tot = BigInt(seq) * 20_000n;
    const charges = await Promise.all(purses.map((it) => chargeOf(it, { seq, tot })));
    asked();
    expect((await collect(seller, { payto, charges })).status).toBe(200);
    const texts = lastWrite(asked());
    // Its earnings and its answer are written once.
    expect(writesIn(texts)).toHaveLength(7 * purses.length + 2);
    counts.push(texts.filter(begins('select')).length);
  }
  expect(counts).toEqual([8, 9]);
});
