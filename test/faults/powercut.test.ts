/**
 * The power goes while the provider writes (trust, faults): whatever it has answered is in its
 * books afterwards, and they balance.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import { openDatabase } from '../../src/provider/database/database.ts';
import {
  answeredBy,
  cutPower,
  type PowercutOrder,
  recordWrites,
} from '../support/powercut/powercut.ts';
import { ISSUER, temporaryFolder } from '../support/sandbox.ts';
import { seeded } from '../support/seeded.ts';

const WRITER = join(import.meta.dirname, '../support/powercut/writer.ts');
const CUT_COUNT = 30;
const BOOKS = 'books.sqlite';
const JOURNAL = `${BOOKS}-journal`;

function record(folder: string, isCareless: boolean) {
  const written = join(folder, 'written');
  mkdirSync(written);
  const order: PowercutOrder = {
    file: join(written, BOOKS),
    answers: join(written, 'answers'),
    issuer: ISSUER,
    payto: `news@${new URL(ISSUER).host}`,
    turns: 6,
    isCareless,
  };
  return { steps: recordWrites(written, WRITER, order), order };
}

/** What was answered and is not in the books that the cut has left. */
async function missingIn(file: string, answered: readonly { id: string; text: string }[]) {
  const database = await openDatabase(file, 'write');
  const rows = await database.selectFrom('answered_write').select(['id', 'body']).execute();
  await database.destroy();
  const kept = new Map(rows.map(({ id, body }) => [id, body]));
  return answered.filter(({ id, text }) => kept.get(id) !== text);
}

test('nothing that was answered is missing after a power cut, and the books balance', async () => {
  const folder = temporaryFolder();
  const { steps, order } = record(folder, false);
  const seed = Date.now() % 100_000;
  const random = seeded(seed);
  let answeredCount = 0;
  for (let cut = 0; cut < CUT_COUNT; cut++) {
    // The first cut leaves all; before there are books there is nothing to lose.
    const until = cut === 0 ? steps.length : Math.ceil(random() * steps.length);
    const before = steps.slice(0, until);
    const after = join(folder, `cut${cut}`);
    cutPower(before, { folder: after, random });
    const answered = answeredBy(before, order.answers);
    answeredCount += answered.length;
    const file = join(after, BOOKS);
    const where = `seed ${seed}, cut ${cut} after ${until} of ${steps.length} steps`;
    expect(await missingIn(file, answered), where).toEqual([]);
    expect((await auditDatabase(file)).findings, where).toEqual([]);
  }
  expect(answeredCount).toBeGreaterThan(CUT_COUNT);
});

test('a first start that a power cut ended at any of its writes is begun anew', async () => {
  const folder = temporaryFolder();
  const { steps } = record(folder, false);
  const turnedCount =
    steps.findIndex(({ what, name }) => what === 'unlink' && name === JOURNAL) + 1;
  expect(turnedCount).toBeGreaterThan(1);
  const random = seeded(1);
  let unreadCount = 0;
  for (let until = 0; until <= turnedCount; until++) {
    const after = join(folder, `cut${until}`);
    cutPower(steps.slice(0, until), { folder: after, random });
    const file = join(after, BOOKS);
    // Whoever only reads leaves it as it is, and says what to do.
    if (existsSync(file)) {
      await expect(auditDatabase(file)).rejects.toThrow(/start the wallet service on it once/);
      unreadCount++;
    }
    await (await openDatabase(file, 'write')).destroy();
    expect((await auditDatabase(file)).findings).toEqual([]);
  }
  expect(unreadCount).toBeGreaterThan(1);
});

test('books that are not made sure to be on the disk would be found out', async () => {
  const folder = temporaryFolder();
  const { steps, order } = record(folder, true);
  const random = seeded(1);
  let missingCount = 0;
  // One cut may spare all by chance.
  for (let cut = 0; cut < CUT_COUNT; cut++) {
    // In the middle: whoever ends in peace makes sure of everything.
    const before = steps.slice(0, Math.ceil(steps.length * (0.25 + random() / 2)));
    const after = join(folder, `cut${cut}`);
    cutPower(before, { folder: after, random });
    const missing = await missingIn(join(after, BOOKS), answeredBy(before, order.answers));
    missingCount += missing.length;
  }
  expect(missingCount).toBeGreaterThan(0);
});
