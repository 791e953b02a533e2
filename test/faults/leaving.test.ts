/** The worker is killed at every step of closing the account. */
import { expect, it } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import type { Leaving } from '../../src/wallet/history/forgetting.ts';
import { useCards } from '../support/cards.ts';
import { dieDuring } from '../support/mortal.ts';
import { ISSUER } from '../support/sandbox.ts';
import { makeReader, type Reader } from '../support/wallet.ts';

const HOST = new URL(ISSUER).host;

/** What is there, but for the note that every payment has its history. */
async function rowsOf({ ports }: Reader): Promise<object[]> {
  const { transaction: _, ...tables } = ports.store;
  const rows: object[] = (await Promise.all(Object.values(tables).map((it) => it.all()))).flat();
  return rows.filter((row) => !('key' in row && row.key === 'catching-up'));
}

it.each(['keep', 'delete'] as const)(
  'killed at each step of closing, to %s what was bought, it ends on both sides or on none',
  async (history: Leaving['history']) => {
    const { sandbox, around } = await useCards();
    let profiles = 0;
    const kill = async (dieAt: number) => {
      const profile = `leaving-${history}-${++profiles}`;
      await makeReader(profile, around).wallet.open(HOST);
      const act = ({ wallet }: Reader) => wallet.leave(history);
      return { profile, ...(await dieDuring(profile, dieAt, act, around)) };
    };
    const isClosed = async () => {
      const rows = sandbox.context.database.selectFrom('account').select('closed_at_sec');
      return (await rows.orderBy('opened_at_sec').execute()).map((it) => it.closed_at_sec !== null);
    };
    const { steps } = await kill(Number.POSITIVE_INFINITY);
    expect(steps.length).toBeGreaterThan(4);
    for (let dieAt = 1; dieAt <= steps.length; dieAt++) {
      const where = `killed ${steps[dieAt - 1]} (step ${dieAt})`;
      const reader = makeReader((await kill(dieAt)).profile, around);
      // A wish that was written is gone on with, by itself; one that was not is none.
      const isWished = (await reader.ports.store.keeps.get('leaving')) !== undefined;
      const before = await reader.wallet.standing();
      await reader.wallet.resume();
      if (isWished)
        await expect.poll(() => reader.wallet.standing(), { message: where }).toBe('none');
      else expect(await reader.wallet.standing(), where).toBe(before);
      if (before === 'open' && !isWished) await reader.wallet.leave(history);
      expect(await reader.wallet.standing(), where).toBe('none');
      expect(await rowsOf(reader), where).toEqual([]);
    }
    expect(await isClosed()).not.toContain(false);
    expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
  },
);
