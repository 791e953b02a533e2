/**
 * Whatever happens in whatever order: the books balance, and nobody gains or loses by the order.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Micros } from '../../src/protocol/money.ts';
import { auditDatabase } from '../../src/provider/audit.ts';
import { CARD_WISHES } from '../../src/provider/funding/sandboxcard.ts';
import { settleFunding } from '../../src/provider/funding/settle.ts';
import { lesser } from '../../src/provider/ledger/fee.ts';
import { payOut } from '../../src/provider/payouts/run.ts';
import { continueRun, sweep } from '../../src/provider/purses/sweep.ts';
import {
  type AskedPurse,
  askForPurse,
  balanceIn,
  chargeOf,
  closePurse,
  collect,
  finalOf,
  giveBack,
  noteOf,
  type Reply,
  raisePurse,
  type TestAccount,
} from '../support/account.ts';
import { makeKey, randomId } from '../support/payer.ts';
import { openSandbox, type Sandbox } from '../support/sandbox.ts';
import { fundWith, PAID_AT_ONCE, setBank } from '../support/till.ts';

const STARTER_MICROS = 250_000n;
const HOUR_MS = 3_600_000;

const amount = (max: bigint) => fc.bigInt({ min: 1n, max }) as fc.Arbitrary<Micros>;

const MICROS_PER_CENT = 10_000n;
const WISHES = ['success', 'success', 'success', ...CARD_WISHES] as const;

interface Reader {
  readonly account: TestAccount;
  /** Top-ups, whatever became of them. */
  readonly askedMicros: Map<string, bigint>;
}

interface Purse extends AskedPurse {
  readonly reader: Reader;
  readonly charges: string[];
  /** The total of each charge, by its place in `charges`. */
  readonly totals: bigint[];
  capturedMicros: bigint;
  limitMicros: bigint;
}

/** What the test knows beside the provider. */
interface World {
  readonly sandbox: Sandbox;
  readonly readers: readonly Reader[];
  readonly sellers: readonly { account: TestAccount; payto: string }[];
  readonly purses: Purse[];
  /** Writes that were answered, to be sent again. */
  readonly answered: { text: string; again: () => Promise<Reply> }[];
}

type Step = (world: World) => Promise<void>;

function pick<T>(items: readonly T[], index: number): T | undefined {
  return items[index % Math.max(1, items.length)];
}

/** Whether the answer under this id stays; that to a write that changed nothing does not. */
async function isKept({ sandbox }: World, id: string): Promise<boolean> {
  const rows = sandbox.context.database.selectFrom('answered_write').where('id', '=', id);
  return (await rows.select('id').executeTakeFirst()) !== undefined;
}

/** Sends a write once, and remembers how to send it again. */
async function send(world: World, id: string, write: () => Promise<Reply>): Promise<Reply> {
  const reply = await write();
  if (reply.status === 200 && (await isKept(world, id)))
    world.answered.push({ text: reply.text, again: write });
  return reply;
}

const index = fc.nat(1_000);

const topUps = fc.tuple(index, fc.integer({ min: 100, max: 300 }), fc.constantFrom(...WISHES)).map(
  ([who, cents, card]): Step =>
    async (world) => {
      const reader = pick(world.readers, who);
      const id = randomId();
      if (!reader) return;
      const micros = BigInt(cents) * MICROS_PER_CENT;
      reader.askedMicros.set(id, micros);
      const body = { id, amount: `${micros}`, currency: 'USD', card };
      await send(world, id, () => reader.account.call('POST', '/v1/topups', body));
    },
);

const withdrawals = fc.tuple(index, fc.integer({ min: 1, max: 300 })).map(
  ([who, cents]): Step =>
    async (world) => {
      const reader = pick(world.readers, who);
      const id = randomId();
      const body = { id, currency: 'USD', amount: `${BigInt(cents) * MICROS_PER_CENT}` };
      if (reader) await send(world, id, () => reader.account.call('POST', '/v1/withdrawals', body));
    },
);

const issues = fc.tuple(index, index, amount(600_000n)).map(
  ([who, where, micros]): Step =>
    async (world) => {
      const [reader, seller] = [pick(world.readers, who), pick(world.sellers, where)];
      if (!reader || !seller) return;
      const wish = {
        payto: seller.payto,
        amountMicros: micros,
        id: randomId(),
        key: await makeKey(),
      };
      const reply = await send(
        world,
        wish.id,
        async () => (await askForPurse(reader.account, wish)).reply,
      );
      const facts = { ...wish, reply, reader, limitMicros: micros };
      if (reply.status === 200)
        world.purses.push({ ...facts, charges: [], totals: [], capturedMicros: 0n });
    },
);

const raises = fc.tuple(index, amount(600_000n)).map(
  ([which, micros]): Step =>
    async (world) => {
      const purse = pick(world.purses, which);
      if (!purse) return;
      const amountMicros = purse.limitMicros + micros;
      const raise = { purse: purse.id, amountMicros, id: randomId() };
      const reply = await send(world, raise.id, () => raisePurse(purse.reader.account, raise));
      if (reply.status === 200) purse.limitMicros = amountMicros;
    },
);

const charges = fc.tuple(index, amount(200_000n)).map(
  ([which, micros]): Step =>
    async (world) => {
      const purse = pick(world.purses, which);
      if (!purse) return;
      const totalMicros = (purse.totals.at(-1) ?? 0n) + micros;
      if (totalMicros > purse.limitMicros) return;
      purse.charges.push(
        await chargeOf(purse, { seq: purse.charges.length + 1, tot: totalMicros }),
      );
      purse.totals.push(totalMicros);
    },
);

/** What shops live of: a new purse is spent and collected. */
const sales = fc.tuple(issues, amount(600_000n)).map(
  ([issue, micros]): Step =>
    async (world) => {
      const place = world.purses.length;
      await issue(world);
      const purse = world.purses[place];
      const seller = world.sellers.find(({ payto }) => payto === purse?.payto);
      if (!purse || !seller) return;
      const totalMicros = lesser(micros, purse.limitMicros);
      const charge = await chargeOf(purse, { seq: 1, tot: totalMicros });
      purse.charges.push(charge);
      purse.totals.push(totalMicros);
      const wish = { payto: purse.payto, charges: [charge], id: randomId() };
      const reply = await send(world, wish.id, () => collect(seller.account, wish));
      expect(reply.body.results).toMatchObject([{ state: 'captured', tot: `${totalMicros}` }]);
      purse.capturedMicros = totalMicros;
    },
);

const collections = fc.tuple(index, fc.array(fc.tuple(index, index), { maxLength: 6 })).map(
  ([where, picks]): Step =>
    async (world) => {
      const seller = pick(world.sellers, where);
      if (!seller) return;
      const own = world.purses.filter(
        ({ payto, totals }) => payto === seller.payto && totals.length,
      );
      const chosen = picks.flatMap(([which, place]) => {
        const purse = pick(own, which);
        return purse ? [{ purse, place: place % purse.charges.length }] : [];
      });
      const batch = chosen.map(({ purse, place }) => purse.charges[place] ?? '');
      const wish = { payto: seller.payto, charges: batch, id: randomId() };
      const reply = await send(world, wish.id, () => collect(seller.account, wish));
      const results = reply.body.results as { state: string; pur: string; tot: string }[];
      for (const { pur, tot } of results) {
        const purse = own.find(({ id }) => id === pur);
        if (purse) purse.capturedMicros = BigInt(tot);
      }
      for (const { purse, place } of chosen) {
        const wasReleased = results.some(
          ({ pur, state }) => pur === purse.id && state === 'refused',
        );
        if (wasReleased) continue;
        expect(purse.capturedMicros >= (purse.totals[place] ?? 0n)).toBe(true);
      }
    },
);

/** Any place, also one that is not signed yet, and any amount: a seller may sign what it likes. */
const refunds = fc.tuple(index, index, amount(300_000n), fc.boolean()).map(
  ([which, place, micros, isByReader]): Step =>
    async (world) => {
      const purse = pick(world.purses, which);
      const seller = world.sellers.find(({ payto }) => payto === purse?.payto);
      if (!purse || !seller) return;
      const seq = 1 + (place % (purse.charges.length + 1));
      const notes = [await noteOf(seller.account, purse, { seq, amt: micros })];
      const caller = isByReader ? purse.reader.account : seller.account;
      const wish = { payto: purse.payto, notes, id: randomId() };
      expect((await send(world, wish.id, () => giveBack(caller, wish))).status).toBe(200);
    },
);

const closings = index.map(
  (which): Step =>
    async (world) => {
      const purse = pick(world.purses, which);
      const seller = world.sellers.find(({ payto }) => payto === purse?.payto);
      if (!purse || !seller) return;
      const [charge, tot = 0n] = [purse.charges.at(-1), purse.totals.at(-1)];
      const final = await finalOf(seller.account, purse, { seq: purse.charges.length, tot });
      const body = charge === undefined ? { final } : { final, charge };
      const wish = { purse: purse.id, ...body, id: randomId() };
      const reply = await send(world, wish.id, () => closePurse(purse.reader.account, wish));
      expect([200, 409]).toContain(reply.status);
    },
);

const rests = fc.integer({ min: 1, max: 200 }).map(
  (hours): Step =>
    async ({ sandbox }) => {
      sandbox.time.nowMs += hours * HOUR_MS;
      await continueRun(sandbox.context, sandbox.run);
      await sweep(sandbox.context);
      await settleFunding(sandbox.context);
    },
);

/** A run of payouts; what is sent ends at a later one, well or not as the holder's name says. */
const payouts = fc.tuple(index, fc.constantFrom('The Holder', 'BOUNCE'), fc.nat(60)).map(
  ([where, name, hours]): Step =>
    async ({ sandbox, sellers }) => {
      const seller = pick(sellers, where);
      if (!seller) return;
      const handle = seller.payto.slice(0, seller.payto.indexOf('@'));
      expect((await setBank(seller.account, { handle, name })).status).toBe(200);
      sandbox.time.nowMs += hours * HOUR_MS;
      await continueRun(sandbox.context, sandbox.run);
      await payOut(sandbox.context);
    },
);

/** The operator puts in money of its own, so that starter credit can be paid out. */
const funds = amount(500_000n).map(
  (micros): Step =>
    ({ sandbox }) =>
      fundWith(sandbox, micros),
);

/** The operator's new rate, as it would be after a restart. */
const rates = fc.constantFrom(0, 250, 3_333, 10_000).map(
  (feeRateBasisPoints): Step =>
    async ({ sandbox }) => {
      Object.assign(sandbox.context.rules, { feeRateBasisPoints });
    },
);

const retries = index.map(
  (which): Step =>
    async ({ answered }) => {
      const write = pick(answered, which);
      if (write) expect((await write.again()).text).toBe(write.text);
    },
);

async function makeWorld(folder: string): Promise<World> {
  const asideLimitMicros = 1_500_000n as Micros;
  const limits = { asideLimitMicros, withdrawalWeekCount: 1_000 };
  const rules = { ...PAID_AT_ONCE, payoutHoldSec: 36 * 3600, ...limits };
  const sandbox = await openSandbox(folder, rules);
  const accounts = [await sandbox.reader(), await sandbox.reader()];
  const readers = accounts.map((account) => ({ account, askedMicros: new Map() }));
  const sellers = [await sandbox.seller('news'), await sandbox.seller('music')];
  return { sandbox, readers, sellers, purses: [], answered: [] };
}

/** What came in of a reader's top-ups, less what went back or cards took, and what it owes. */
function paidIn(file: string, { askedMicros }: Reader): bigint {
  const raw = new DatabaseSync(file, { readOnly: true, readBigInts: true });
  const rows = raw.prepare(`select id, state, amount_micros as amount,
    amount_micros - charged_back_micros - withdrawn_micros as net,
    coalesce((select balance_micros from ledger_account
      where kind = 'chargeback receivable' and owner = account), 0) as owed from topup`);
  const own = rows.all().filter(({ id }) => askedMicros.has(String(id)));
  raw.close();
  for (const { id, amount } of own) expect(amount).toBe(askedMicros.get(String(id)));
  return own
    .filter(({ state }) => state !== 'begun' && state !== 'failed')
    .reduce((sum, { net }) => sum + (net as bigint), (own[0]?.owed as bigint) ?? 0n);
}

/** What was captured and went back is the provider's own word; the audit holds it to account. */
function booksOf(file: string): Map<string, { captured: bigint; back: bigint }> {
  const raw = new DatabaseSync(file, { readOnly: true, readBigInts: true });
  const rows = raw.prepare('select id, captured_micros, refunded_micros from purse').all();
  raw.close();
  return new Map(
    rows.map((row) => [
      String(row.id),
      { captured: row.captured_micros as bigint, back: row.refunded_micros as bigint },
    ]),
  );
}

/**
 * A reader has what it put in and was given, less what was captured from its purses, and what went
 * back. Readers and sellers together never have more than was put in and given.
 */
async function checkReaders({ readers, purses, sandbox }: World): Promise<void> {
  const books = booksOf(sandbox.file);
  for (const reader of readers) {
    const { available, aside } = balanceIn(await reader.account.call('GET', '/v1/account'));
    const capturedMicros = purses
      .filter((purse) => purse.reader === reader)
      .reduce((sum, { id }) => {
        const { captured = 0n, back = 0n } = books.get(id) ?? {};
        return sum + captured - back;
      }, 0n);
    expect(available + aside).toBe(STARTER_MICROS + paidIn(sandbox.file, reader) - capturedMicros);
  }
}

/**
 * A gift never becomes money but out of the provider's own: what readers and sellers could withdraw
 * and the provider has put in is there. Where nothing was paid out every seller has what it owes,
 * so no refund is left that could be paid.
 */
function checkMoney({ sandbox }: World): void {
  const raw = new DatabaseSync(sandbox.file, { readOnly: true, readBigInts: true });
  const sumOf = (text: string) => raw.prepare(`select coalesce(sum(${text}`).get()?.sum as bigint;
  const balance = (kind: string) =>
    sumOf(`balance_micros), 0) as sum from ledger_account where kind = '${kind}'`);
  const asideMicros = sumOf(
    "limit_micros - captured_micros - starter_micros), 0) as sum from purse where state = 'open'",
  );
  const payableCount = sumOf("1), 0) as sum from refund where state = 'pending'");
  const payoutCount = sumOf('1), 0) as sum from payout');
  const outMicros = balance('provider funds') + balance('payout in transit');
  const backMicros = balance('reader available') + balance('withdrawal in transit');
  const ownedMicros = backMicros + balance('seller earned') + asideMicros + outMicros;
  const paidInMicros = balance('outside money') + balance('chargeback receivable');
  raw.close();
  expect(ownedMicros <= paidInMicros, `${ownedMicros} of ${paidInMicros}`).toBe(true);
  if (payoutCount === 0n) expect(payableCount).toBe(0n);
}

const steps = fc.array(
  fc.oneof(
    ...[topUps, withdrawals, issues, issues, raises, charges, charges, charges],
    ...[collections, collections, refunds, refunds, closings, rests, retries, rates],
    ...[sales, sales, sales, sales, payouts, payouts, funds],
  ),
  { minLength: 5, maxLength: 60, size: 'max' },
);

test('after any sequence the audit holds and every reader has its money', async () => {
  const run = async (sequence: readonly Step[]) => {
    const folder = mkdtempSync(join(tmpdir(), 'farthing-test-'));
    const world = await makeWorld(folder);
    try {
      for (const step of sequence) await step(world);
      await sweep(world.sandbox.context);
      await settleFunding(world.sandbox.context);
      await checkReaders(world);
      checkMoney(world);
      expect((await auditDatabase(world.sandbox.file)).findings).toEqual([]);
      expect(world.sandbox.log).toEqual([]);
    } finally {
      await world.sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    }
  };
  await fc.assert(fc.asyncProperty(steps, run), { numRuns: 20 });
}, 60_000);
