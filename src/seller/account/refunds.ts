/**
 * Hands in refund notes (SPEC 9.12). The provider books each (purse, seq) once, so whatever this
 * was killed in, the notes that are not marked are sent again.
 */
import type { RefundResult, RefundsAnswer, RefundsBody } from '../../protocol/api.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { count, id, list, readMembers, refuse, text } from '../../protocol/shape.ts';
import { getPurse, type PurseRow, putPurse, type Refund } from '../charges/purses.ts';
import type { Store } from '../store.ts';
import type { PaytoClient } from './account.ts';
import { batchId, type RefusedPurse, refusedPurse } from './batches.ts';

/** SPEC 9.12. */
const NOTE_COUNT_MAX = 1000;

interface DueNote extends Refund {
  readonly purse: string;
}

/** What became of the notes of some purses. */
export interface NotesReport {
  readonly handed: number;
  readonly refused: readonly RefusedPurse[];
}

function dueNotes({ purse, refunds, handedRefunds }: PurseRow): DueNote[] {
  return refunds.slice(handedRefunds).map((refund) => ({ ...refund, purse }));
}

function readResults(answer: unknown): readonly RefundResult[] {
  const state = (it: unknown) =>
    it === 'paid' || it === 'pending' || it === 'refused' ? it : refuse('not a state');
  const result = (value: unknown): RefundResult =>
    readMembers(value, { pur: id, seq: count, state }, { code: text(60) });
  const read: RefundsAnswer = readMembers(answer, { results: list(result, NOTE_COUNT_MAX) });
  return read.results;
}

/** Marks the notes of a purse that the provider has, as far as none before them is missing. */
async function mark(store: Store, purse: string, seqs: ReadonlySet<number>): Promise<void> {
  for (;;) {
    const row = await getPurse(store, purse);
    if (!row) return;
    const missing = row.refunds.findIndex(
      ({ seq }, index) => index >= row.handedRefunds && !seqs.has(seq),
    );
    const handedRefunds = missing < 0 ? row.refunds.length : missing;
    if (handedRefunds <= row.handedRefunds) return;
    if (await putPurse(store, { ...row, handedRefunds, rev: row.rev + 1 })) return;
  }
}

async function handInBatch(
  store: Store,
  { client, payto }: PaytoClient,
  batch: readonly DueNote[],
): Promise<NotesReport> {
  const notes = batch.map(({ note }) => note);
  const body: RefundsBody = { id: await batchId(notes), payto: payto.text, notes };
  const results = readResults(await client.post('/v1/refunds', body));
  const isWhole = batch.every(({ purse, seq }, index) => {
    const result = results[index];
    return result?.pur === purse && result.seq === seq;
  });
  if (!isWhole)
    throw new FarthingError('provider_unreachable', 'the answer is not whole; try again later');
  const taken = results.filter(({ state }) => state !== 'refused');
  for (const [purse, group] of Map.groupBy(taken, ({ pur }) => pur))
    await mark(store, purse, new Set(group.map(({ seq }) => seq)));
  const refused = results
    .filter(({ state }) => state === 'refused')
    .map(({ pur, code }) => refusedPurse(pur, code));
  return { handed: taken.length, refused };
}

/**
 * Hands in the notes of these purses that the provider does not have yet.
 * @throws FarthingError `provider_unreachable`, the provider's codes
 */
export async function handInRefunds(
  store: Store,
  at: PaytoClient,
  purses: readonly PurseRow[],
): Promise<NotesReport> {
  const due = purses.flatMap(dueNotes);
  let handed = 0;
  const refused: RefusedPurse[] = [];
  for (let start = 0; start < due.length; start += NOTE_COUNT_MAX) {
    const report = await handInBatch(store, at, due.slice(start, start + NOTE_COUNT_MAX));
    handed += report.handed;
    refused.push(...report.refused);
  }
  return { handed, refused };
}
