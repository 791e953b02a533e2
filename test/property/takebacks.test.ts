/**
 * Payments, what cards say of them, and what goes back, in any order: the books balance, and a
 * reader has what came in less what was taken and what went back, or owes it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Micros } from '../../src/protocol/money.ts';
import { auditDatabase } from '../../src/provider/audit.ts';
import { nowSec } from '../../src/provider/context.ts';
import { hearCosts } from '../../src/provider/funding/costs.ts';
import type { Funding, Notice, Return, Sought } from '../../src/provider/funding/funding.ts';
import { ReturnRefused } from '../../src/provider/funding/funding.ts';
import { giveUp } from '../../src/provider/funding/giveup.ts';
import { bookNotices } from '../../src/provider/funding/notices.ts';
import { settleFunding } from '../../src/provider/funding/settle.ts';
import type { TestAccount } from '../support/account.ts';
import { accountOf } from '../support/cardshop.ts';
import { randomId } from '../support/payer.ts';
import { openSandbox, type Sandbox } from '../support/sandbox.ts';

const CENT = 10_000n;

interface World {
  readonly sandbox: Sandbox;
  readonly reader: TestAccount;
  readonly account: string;
  readonly topups: { readonly id: string; readonly cents: number }[];
  /** Returns that a card's side was told of. */
  readonly told: Return[];
  /** What it does with the next ones. */
  answer: 'withdrawn' | 'failed' | 'refused' | 'shut' | 'silent';
}

type Step = (world: World) => Promise<void>;

const index = fc.nat(1_000);
const pick = <T>(items: readonly T[], at: number) => items[at % Math.max(1, items.length)];

/** A card's side that does as it is told. */
function cardOf(world: World, funding: Funding): Funding {
  const noticeOf = ({ payment: { account, id }, name, amountMicros }: Return): Notice[] => {
    const it = { account, id, name, amountMicros, reference: `re.${name}` };
    if (world.answer === 'withdrawn') return [{ kind: 'withdrawn', ...it }];
    if (world.answer === 'failed') return [{ kind: 'withdrawal failed', ...it }];
    if (world.answer === 'shut') return [{ kind: 'withdrawal failed', ...it, refusal: 'no' }];
    return [];
  };
  return {
    ...funding,
    sendBack: async (it) => {
      world.told.push(it);
      if (world.answer === 'refused') throw new ReturnRefused('not now');
      return { reference: `re.${it.name}`, notices: noticeOf(it) };
    },
    askBack: async (it) => noticeOf(it),
    seek: async (it): Promise<Sought> =>
      world.answer === 'refused' ? 'no return' : { reference: 're', notices: noticeOf(it) },
  };
}

const topUps = fc.integer({ min: 100, max: 500 }).map(
  (cents): Step =>
    async ({ reader, topups, sandbox }) => {
      sandbox.time.nowMs += 3 * 3_600_000;
      const id = randomId();
      const body = { id, amount: `${BigInt(cents) * CENT}`, currency: 'USD' };
      if ((await reader.call('POST', '/v1/topups', body)).status === 200)
        topups.push({ id, cents });
    },
);

const KINDS = ['disputed', 'dispute lost', 'dispute won'] as const;

const disputes = fc.tuple(index, fc.nat(2), fc.constantFrom(...KINDS), fc.nat(1_000)).map(
  ([which, dispute, kind, share]): Step =>
    async ({ sandbox, account, topups }) => {
      const topUp = pick(topups, which);
      if (!topUp) return;
      const { id, cents } = topUp;
      const amountMicros = (BigInt(1 + (share % cents)) * CENT) as Micros;
      const told = { account, id, payment: `${account}.${id}`, dispute: `dp_${id}_${dispute}` };
      await bookNotices(sandbox.context, [{ kind, ...told, amountMicros }]);
    },
);

const withdrawals = fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }).map(
  (cents): Step =>
    async ({ reader }) => {
      const amount = cents === undefined ? {} : { amount: `${BigInt(cents) * CENT}` };
      const body = { id: randomId(), currency: 'USD', ...amount };
      const { status } = await reader.call('POST', '/v1/withdrawals', body);
      expect([200, 409]).toContain(status);
    },
);

const ANSWERS = ['withdrawn', 'withdrawn', 'failed', 'refused', 'shut', 'silent'] as const;

const minutes = fc.tuple(fc.constantFrom(...ANSWERS), fc.integer({ min: 1, max: 90 })).map(
  ([answer, count]): Step =>
    async (world) => {
      world.answer = answer;
      world.sandbox.time.nowMs += count * 60_000;
      await settleFunding(world.sandbox.context);
    },
);

/** What is told of a return late, by itself or under another name than before. */
const words = fc.tuple(index, fc.boolean(), fc.boolean()).map(
  ([which, isThere, isOther]): Step =>
    async ({ sandbox, told }) => {
      const it = pick(told, which);
      if (!it) return;
      const { payment, name, amountMicros } = it;
      const reference = `${isOther ? 'other' : 're'}.${name}`;
      const notice = { account: payment.account, id: payment.id, name, amountMicros, reference };
      const kind = isThere ? 'withdrawn' : 'withdrawal failed';
      await bookNotices(sandbox.context, [{ kind, ...notice }]);
    },
);

const givings = fc.tuple(index, fc.constantFrom('refused' as const, 'withdrawn' as const)).map(
  ([which, answer]): Step =>
    async (world) => {
      const it = pick(world.told, which);
      world.answer = answer;
      const { context } = world.sandbox;
      if (it) await giveUp({ ...context, atSec: nowSec(context) }, it.name, 'has looked');
    },
);

/** What the card's side keeps of a payment, or gives back of that, told again and again. */
const costs = fc.tuple(index, fc.nat(5), fc.integer({ min: -1_600, max: 1_600 })).map(
  ([which, movement, cents]): Step =>
    async ({ sandbox: { context, log }, account, topups }) => {
      const topUp = pick(topups, which);
      const lineCount = log.length;
      if (!topUp || cents === 0) return;
      const reference = `txn_${topUp.id}_${movement}`;
      const cost = { account, id: topUp.id, reference, amountMicros: BigInt(cents) * CENT };
      const heard = { costs: [cost], untilSec: undefined, remarks: [] };
      await hearCosts({ ...context, funding: { ...context.funding, costs: async () => heard } });
      expect(log.slice(lineCount)).toEqual([]);
    },
);

/** What came in, less what was taken of it and what went back or is on its way. */
async function dueMicros({ sandbox }: World): Promise<bigint> {
  const rows = await sandbox.context.database.selectFrom('topup').selectAll().execute();
  return rows
    .filter(({ state }) => state !== 'begun' && state !== 'failed')
    .map((row) => row.amount_micros - row.charged_back_micros - row.withdrawn_micros)
    .reduce((sum, micros) => sum + micros, 0n);
}

async function check(world: World): Promise<void> {
  const { findings, accounts } = await auditDatabase(world.sandbox.file);
  expect(findings).toEqual([]);
  const held = (kind: string) =>
    accounts.find(({ name }) => name === `${kind}:${world.account}:USD`)?.balanceMicros ?? 0n;
  expect(held('reader available') - held('chargeback receivable')).toBe(await dueMicros(world));
}

async function makeWorld(folder: string): Promise<World> {
  const sandbox = await openSandbox(folder, {
    ...{ starterMicros: 0n as Micros, topUpDayMicros: (10n ** 12n) as Micros },
    withdrawalWeekCount: 1_000,
  });
  const reader = await sandbox.reader();
  const account = await accountOf(reader);
  const world: World = { sandbox, reader, account, topups: [], told: [], answer: 'withdrawn' };
  const { context } = sandbox;
  Object.assign(context, { funding: cardOf(world, context.funding) });
  return world;
}

const steps = fc.array(
  fc.oneof(
    ...[topUps, topUps, disputes, disputes, withdrawals, withdrawals, minutes, words, givings],
    ...[costs, costs],
  ),
  { minLength: 4, maxLength: 40 },
);

test('in any order, nothing is taken or goes back twice', async () => {
  const live = async (life: readonly Step[]) => {
    const folder = mkdtempSync(join(tmpdir(), 'farthing-test-'));
    const world = await makeWorld(folder);
    try {
      for (const step of life) await step(world);
      await check(world);
    } finally {
      await world.sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    }
  };
  await fc.assert(fc.asyncProperty(steps, live), { numRuns: 40 });
}, 60_000);
