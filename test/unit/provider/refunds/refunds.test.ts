import nodeCrypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readCertificate } from '../../../../src/protocol/certificate.ts';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import { continueRun, sweep } from '../../../../src/provider/purses/sweep.ts';
import {
  type AskedPurse,
  askForPurse,
  balanceIn,
  chargeOf,
  closePurse,
  collect,
  finalOf,
  giveBack,
  makeAccount,
  noteOf,
} from '../../../support/account.ts';
import { tamper } from '../../../support/books.ts';
import {
  availableOf,
  balances,
  type Market,
  statesIn,
  useMarket,
} from '../../../support/market.ts';
import { makeKey, randomId, twinOf } from '../../../support/payer.ts';
import { ISSUER } from '../../../support/sandbox.ts';

test('a refund goes back to the balance, with the fee that was on it', async () => {
  const market = await useMarket();
  await market.handIn(2, 60_000n);
  expect(await market.undo(await noteOf(market.seller, market.purse, { seq: 2, amt: 20_000n }))) //
    .toEqual(['paid']);
  expect(await availableOf(market.reader)).toBe(920_000n);
  expect(await balances(market)).toMatchObject({
    'seller earned:news:USD': 39_000n,
    'provider fees:USD': 1_000n,
    [`purse:${market.purse.id}:USD`]: 40_000n,
  });
});

test('each charge goes back once, whatever is sent and by whom', async () => {
  const market = await useMarket();
  await market.handIn(1, 20_000n);
  const note = await noteOf(market.seller, market.purse, { seq: 1, amt: 20_000n });
  const wish = { payto: market.payto, notes: [note], id: randomId() };
  const first = await giveBack(market.seller, wish);
  expect((await giveBack(market.seller, wish)).text).toBe(first.text);
  expect(await market.undo(note, twinOf(note))).toEqual(['paid', 'paid']);
  expect(statesIn(await giveBack(market.reader, { payto: market.payto, notes: [note] }))) //
    .toEqual(['paid']);
  const other = await noteOf(market.seller, market.purse, { seq: 1, amt: 10_000n });
  expect(await market.undo(other)).toEqual(['refund_conflict']);
  expect(await availableOf(market.reader)).toBe(920_000n);
});

test('a reader hands in the note that the seller keeps to itself', async () => {
  const market = await useMarket();
  await market.handIn(1, 20_000n);
  const notes = [await noteOf(market.seller, market.purse, { seq: 1, amt: 20_000n })];
  const stranger = await market.sandbox.reader();
  expect(statesIn(await giveBack(stranger, { payto: market.payto, notes }))).toEqual([
    'purse_not_found',
  ]);
  expect(statesIn(await giveBack(market.reader, { payto: market.payto, notes }))).toEqual(['paid']);
});

test('what the seller has not got is never taken from anybody else', async () => {
  const market = await useMarket();
  await market.handIn(1, 20_000n);
  // The seller has been paid out meanwhile: this version has no payouts yet, so by hand.
  const others = await market.sandbox.seller('music');
  const more = await askForPurse(market.reader, { payto: others.payto, amountMicros: 50_000n });
  const charges = [await chargeOf(more, { seq: 1, tot: 50_000n })];
  await collect(others.account, { payto: others.payto, charges });
  const big = await noteOf(market.seller, market.purse, { seq: 1, amt: 20_000n });
  const larger = await noteOf(market.seller, market.purse, { seq: 2, amt: 60_000n });
  expect(await market.undo(larger, big)).toEqual(['pending', 'paid']);
  const before = await availableOf(market.reader);
  await market.handIn(2, 80_000n);
  // The second charge brought 6¢, all of which the waiting note takes.
  expect(await availableOf(market.reader)).toBe(before + 60_000n);
  expect(await balances(market)).toMatchObject({ 'seller earned:news:USD': 0n });
});

test.for<[string, string, (market: Market) => Promise<string>]>([
  [
    'by another key',
    'jws_key_unknown',
    async ({ seller, purse }) =>
      noteOf({ ...seller, device: await makeKey() }, purse, { seq: 1, amt: 1n }),
  ],
  [
    'of another purse',
    'purse_not_found',
    ({ seller, payto }) => noteOf(seller, { id: randomId(), payto }, { seq: 1, amt: 1n }),
  ],
  [
    'for another seller',
    'purse_audience',
    ({ seller, purse: { id } }) =>
      noteOf(seller, { id, payto: 'music@localhost:4270' }, { seq: 1, amt: 1n }),
  ],
  [
    'of nothing',
    'refund_excess',
    ({ seller, purse }) => noteOf(seller, purse, { seq: 1, amt: 0n }),
  ],
  [
    'of more than was set aside',
    'refund_excess',
    ({ seller, purse }) => noteOf(seller, purse, { seq: 1, amt: 100_001n }),
  ],
])('a note %s is refused with %s', async ([, code, make]) => {
  const market = await useMarket();
  await market.handIn(1, 20_000n);
  const before = await balances(market);
  expect(await market.undo(await make(market))).toEqual([code]);
  expect(await balances(market)).toEqual(before);
});

/** Charges 1 and 2 came to 7¢; the seller had another one collected in the place of the second. */
async function useShortMarket(): Promise<Market> {
  const market = await useMarket();
  await market.handIn(2, 45_000n);
  const second = await noteOf(market.seller, market.purse, { seq: 2, amt: 30_000n });
  expect(await market.undo(second)).toEqual(['paid']);
  return market;
}

async function releaseAll({ sandbox }: Market): Promise<void> {
  sandbox.time.nowMs += 11 * 86_400_000;
  await continueRun(sandbox.context, sandbox.run);
  expect(await sweep(sandbox.context)).toBe(1);
}

const firstNote = ({ seller, purse }: Market, amt = 40_000n) =>
  noteOf(seller, purse, { seq: 1, amt });

test('a note for more than is left waits, and at the purse’s end gives back what is', async () => {
  const market = await useShortMarket();
  const first = await firstNote(market);
  expect(await market.undo(first)).toEqual(['pending']);
  expect(await availableOf(market.reader)).toBe(930_000n);
  await balances(market);
  await releaseAll(market);
  expect(await availableOf(market.reader)).toBe(1_000_000n);
  expect(await market.undo(first)).toEqual(['paid']);
  expect(await balances(market)).toMatchObject({ 'seller earned:news:USD': 0n });
});

test('a note for more than is left is paid whole as soon as so much is collected', async () => {
  const market = await useShortMarket();
  const first = await firstNote(market);
  expect(await market.undo(first)).toEqual(['pending']);
  await market.handIn(3, 80_000n);
  expect(await market.undo(first)).toEqual(['paid']);
  expect(await availableOf(market.reader)).toBe(970_000n);
  await balances(market);
});

test('a purse that is closed gives back what is left in the same write', async () => {
  const market = await useShortMarket();
  const { seller, reader, purse } = market;
  expect(await market.undo(await firstNote(market))).toEqual(['pending']);
  const final = await finalOf(seller, purse, { seq: 3, tot: 50_000n });
  const charge = await chargeOf(purse, { seq: 3, tot: 50_000n });
  const closed = await closePurse(reader, { purse: purse.id, final, charge });
  expect(balanceIn(closed)).toMatchObject({ available: 1_000_000n, aside: 0n });
  await balances(market);
});

test('a note that comes after the purse’s end gives back what is left, once', async () => {
  const market = await useShortMarket();
  await releaseAll(market);
  const first = await firstNote(market);
  expect(await market.undo(first)).toEqual(['paid']);
  expect(await market.undo(first)).toEqual(['paid']);
  expect(await market.undo(await firstNote(market, 15_000n))).toEqual(['refund_conflict']);
  expect(await availableOf(market.reader)).toBe(1_000_000n);
  await balances(market);
});

test('where nothing is left a note gives nothing back, before the end or after it', async () => {
  const market = await useShortMarket();
  const note = (seq: number) => noteOf(market.seller, market.purse, { seq, amt: 15_000n });
  const [whole, early] = [await note(1), await note(0)];
  expect(await market.undo(whole, early)).toEqual(['paid', 'pending']);
  await releaseAll(market);
  const late = await noteOf(market.seller, market.purse, { seq: 2, amt: 30_000n });
  expect(await market.undo(early, late)).toEqual(['refund_excess', 'paid']);
  await balances(market);
});

/** As it would be booked by whoever keeps the books, who has all of the seller's notes. */
test.for<[string, 'open' | 'released', [noted: bigint, state: string, booked: bigint], RegExp[]]>([
  ['cut short while its purse is open', 'open', [40_000n, 'pending', 15_000n], [/not ended/]],
  ['cut short while there is more', 'released', [40_000n, 'pending', 7n], [/less .* with 14993/]],
  ['that was made more', 'released', [7n, 'pending', 15_000n], [/something else/]],
  ['that waits, for less than it says', 'open', [40_000n, 'early', 20_000n], [/something else/]],
  ['that waits while it fits', 'open', [15_000n, 'early', 15_000n], [/nothing back .* with 15000/]],
  ['that is void while there is more', 'released', [40_000n, 'void', 40_000n], [/with 15000/]],
  ['that is void in an open purse', 'open', [40_000n, 'void', 40_000n], [/not ended/]],
  [
    'that waits after its purse has ended',
    'released',
    [40_000n, 'early', 40_000n],
    [/is early, and its purse has ended/, /with 15000/],
  ],
])('the audit finds a note %s', async ([, end, [noted, state, booked], details]) => {
  const market = await useShortMarket();
  if (end === 'released') await releaseAll(market);
  await balances(market);
  const note = await firstNote(market, noted);
  await tamper(
    market.sandbox.file,
    `insert into refund (number, purse, seq, payto, amount_micros, note, key, state, at_sec,
         captured_at_sec)
       select number + 1, purse, 1, payto, ${booked}, '${note}', key, '${state}', at_sec,
         captured_at_sec
         from refund;
     update purse set owed_micros = ${state === 'pending' ? booked : 0n},
       early_count = ${state === 'early' ? 1 : 0}`,
  );
  const { findings } = await auditDatabase(market.sandbox.file);
  const found = findings.filter(({ invariant }) => invariant === 'T4');
  expect(found.map(({ detail }) => detail)).toEqual(
    details.map((detail) => expect.stringMatching(detail)),
  );
});

test('the audit finds a note that says it is of another time', async () => {
  const market = await useShortMarket();
  await tamper(market.sandbox.file, 'update refund set captured_at_sec = captured_at_sec - 1');
  const { findings } = await auditDatabase(market.sandbox.file);
  const detail = expect.stringMatching(/^is of 1799999999/);
  expect(findings).toContainEqual(expect.objectContaining({ detail }));
});

test('the audit finds a note of another capture, and one paid at another time', async () => {
  const market = await useMarket();
  await market.handIn(1, 20_000n);
  market.sandbox.time.nowMs += 60_000;
  await market.handIn(2, 40_000n);
  await market.undo(await noteOf(market.seller, market.purse, { seq: 2, amt: 20_000n }));
  await balances(market);
  await tamper(
    market.sandbox.file,
    `update refund set captured_at_sec = captured_at_sec - 60, paid_at_sec = paid_at_sec - 1`,
  );
  const { findings } = await auditDatabase(market.sandbox.file);
  const row = `refund ${market.purse.id}/2`;
  for (const detail of [/^is of 1800000000, its/, /^is paid, 20000 at 1800000059/])
    expect(findings).toContainEqual(
      expect.objectContaining({ row, detail: expect.stringMatching(detail) }),
    );
});

test('a charge is undone after its purse was released', async () => {
  const market = await useMarket();
  await market.handIn(1, 20_000n);
  market.sandbox.time.nowMs += 11 * 86_400_000;
  await continueRun(market.sandbox.context, market.sandbox.run);
  await sweep(market.sandbox.context);
  const note = await noteOf(market.seller, market.purse, { seq: 1, amt: 20_000n });
  expect(await market.undo(note)).toEqual(['paid']);
  expect(await availableOf(market.reader)).toBe(1_000_000n);
  await balances(market);
});

test('a new purse has as many undos as are left of five a week', async () => {
  const { reader, seller, payto, purse, handIn, undo, sandbox } = await useMarket();
  const undosOf = ({ reply }: AskedPurse) =>
    readCertificate(String(reply.body.certificate)).claims.undo;
  expect(undosOf(purse)).toBe(5);
  await handIn(2, 20_000n);
  for (const seq of [1, 2]) await undo(await noteOf(seller, purse, { seq, amt: 10_000n }));
  expect(undosOf(await askForPurse(reader, { payto, amountMicros: 50_000n }))).toBe(3);
  sandbox.time.nowMs += 8 * 86_400_000;
  expect(undosOf(await askForPurse(reader, { payto, amountMicros: 50_000n }))).toBe(5);
});

test('what was booked and closed stays so when the seller changes its keys', async () => {
  const { sandbox, reader, seller, payto, purse, handIn, undo } = await useMarket();
  await handIn(1, 20_000n);
  const note = await noteOf(seller, purse, { seq: 1, amt: 20_000n });
  expect(await undo(note)).toEqual(['paid']);
  const { jwk } = await makeKey();
  const origins = ['http://news.localhost:8080'];
  const record = { id: randomId(), handle: 'news', name: 'News', origins, keys: [jwk] };
  const empty = await askForPurse(reader, { payto, amountMicros: 50_000n });
  const last = { purse: empty.id, final: await finalOf(seller, empty, { seq: 0, tot: 0n }) };
  expect((await closePurse(reader, last)).status).toBe(200);
  expect((await seller.call('POST', '/v1/sellers', record)).status).toBe(200);
  expect(statesIn(await giveBack(reader, { payto, notes: [note] }))).toEqual(['paid']);
  expect((await closePurse(reader, last)).status).toBe(200);
  expect(await undo(await noteOf(seller, purse, { seq: 1, amt: 1n }))).toEqual(['jws_key_unknown']);
  expect(sandbox.log).toEqual([]);
});

test('nobody has signatures checked that are none of theirs, or the same one twice', async () => {
  const { sandbox, seller, payto, purse, undo } = await useMarket();
  const notes = await Promise.all([1, 2, 3].map((seq) => noteOf(seller, purse, { seq, amt: 1n })));
  const charges = [await chargeOf(purse, { seq: 1, tot: 1n })];
  const final = await finalOf(seller, purse, { seq: 0, tot: 0n });
  const strangers = [await makeAccount(ISSUER, sandbox.send), await sandbox.reader()];
  for (const stranger of strangers) await stranger.call('GET', '/v1/account');
  const check = vi.spyOn(nodeCrypto, 'verify');
  syncBuiltinESMExports();
  onTestFinished(() => {
    check.mockRestore();
    syncBuiltinESMExports();
  });
  const checksOf = async (work: () => Promise<unknown>) => {
    check.mockClear();
    await work();
    return check.mock.calls.length;
  };
  for (const stranger of strangers) {
    // Each request costs the check of its own proof.
    expect(await checksOf(() => giveBack(stranger, { payto, notes }))).toBe(1);
    expect(await checksOf(() => collect(stranger, { payto, charges }))).toBe(1);
  }
  const [keyless] = strangers;
  if (keyless)
    expect(await checksOf(() => closePurse(keyless, { purse: purse.id, final }))).toBe(1);
  expect(await checksOf(() => undo(...notes, ...notes, ...notes))).toBe(1 + 3);
  const twice = [...charges, ...charges];
  expect(await checksOf(() => collect(seller, { payto, charges: twice }))).toBe(1 + 1);
});

test.for([
  ['a refund whose money did not move', "update refund set state = 'paid' where seq = 2"],
  ['a note of something else', 'update refund set amount_micros = 7 where seq = 1'],
  ['a purse that got less back', 'update purse set refunded_micros = 1'],
  ['earnings that gave less back', 'update earnings set refunded_micros = 1'],
  ['a refund without its note', 'delete from refund where seq = 1'],
] as const)('the audit finds %s', async ([, statement]) => {
  const market = await useMarket();
  await market.handIn(1, 20_000n);
  const note = (seq: number) => noteOf(market.seller, market.purse, { seq, amt: 20_000n });
  expect(await market.undo(await note(1), await note(2))).toEqual(['paid', 'pending']);
  expect((await auditDatabase(market.sandbox.file)).pendingRefunds).toHaveLength(1);
  await balances(market);
  await tamper(market.sandbox.file, statement);
  const { findings } = await auditDatabase(market.sandbox.file);
  expect(findings.map(({ invariant }) => invariant)).toContain('T4');
});
