/**
 * Hands in what has accumulated: the last charge of each purse (SPEC 9.11). It can die on any line:
 * what is not marked as handed in is sent again, and the provider books a total once.
 */
import type { CollectAnswer, CollectBody, CollectResult } from '../../protocol/api.ts';
import { readCertificate } from '../../protocol/certificate.ts';
import { readCharge } from '../../protocol/charge.ts';
import { FarthingError } from '../../protocol/errors.ts';
import {
  addMicros,
  MICROS_ZERO,
  type Micros,
  microsMember,
  type Price,
  subtractMicros,
} from '../../protocol/money.ts';
import { compact, count, id, list, readMembers, refuse, text } from '../../protocol/shape.ts';
import { getPurse, type PurseRow, putPurse, readPurse } from '../charges/purses.ts';
import type { SellerContext } from '../context.ts';
import type { Store } from '../store.ts';
import type { PaytoClient } from './account.ts';
import { batchId, type RefusedPurse, refusedPurse } from './batches.ts';
import { closeAsked } from './recalls.ts';
import { handInRefunds } from './refunds.ts';
import { keepUndone } from './undone.ts';

/** SPEC 11. */
const BATCH_COUNT_MAX = 1000;
const ASKED_COUNT_MAX = 100;
const UNDONE_COUNT_MAX = 100;

/** What one `collect` did. */
export interface CollectReport {
  /** Purses whose last charge the provider now has. */
  readonly handed: number;
  /** What the provider says it took for them, one amount a currency. */
  readonly captured: readonly Price[];
  /** Refund notes that the provider now has; one that waits for earnings is there, too. */
  readonly refunds: number;
  readonly refused: readonly RefusedPurse[];
}

interface Due {
  readonly purse: string;
  readonly seq: number;
  readonly currency: string;
  readonly charge: string;
}

function isDue(row: PurseRow | undefined): row is PurseRow & { readonly charge: string } {
  return row?.charge !== undefined && row.handedSeq < row.seq;
}

/**
 * Marks the row as being handed in, and so fences it: whoever would take the charge back writes at
 * a revision that has passed. Undefined where there is nothing left to hand in.
 */
async function fence(
  store: Store,
  found: PurseRow,
): Promise<(PurseRow & { charge: string }) | undefined> {
  let row: PurseRow | undefined = found;
  while (isDue(row) && row.handingSeq !== row.seq) {
    const marked: PurseRow = { ...row, handingSeq: row.seq, rev: row.rev + 1 };
    row = (await putPurse(store, marked)) ? marked : await getPurse(store, row.purse);
  }
  return isDue(row) ? row : undefined;
}

async function fenceAll(store: Store, rows: readonly PurseRow[]): Promise<Due[]> {
  const fenced = await Promise.all(rows.filter(isDue).map((row) => fence(store, row)));
  return fenced.flatMap((row) => {
    if (!row) return [];
    const { purse, seq, charge } = row;
    return [{ purse, seq, currency: readCharge(charge).claims.cur, charge }];
  });
}

function readResults(answer: unknown): CollectAnswer {
  const result = (value: unknown): CollectResult =>
    readMembers(
      value,
      {
        pur: id,
        state: (it) =>
          it === 'captured' || it === 'known' || it === 'refused' ? it : refuse('not a state'),
        seq: count,
        tot: (it) => `${microsMember(it)}`,
      },
      { code: text(60) },
    );
  const results = list(result, BATCH_COUNT_MAX);
  const undone = list(compact, UNDONE_COUNT_MAX);
  return readMembers(answer, { results }, { asked: list(compact, ASKED_COUNT_MAX), undone });
}

/**
 * Marks what the provider has; answers what that adds to what it had said before. Its figures are
 * for the report: what the row holds was signed by a purse key, and stays (SPEC 6.10).
 */
async function mark(store: Store, { purse, seq }: Due, captured: Micros): Promise<Micros> {
  for (;;) {
    const row = await getPurse(store, purse);
    if (!row) return MICROS_ZERO;
    const isNews = captured > row.capturedTot;
    if (!isNews && row.handedSeq >= seq) return MICROS_ZERO;
    const capturedTot = isNews ? captured : row.capturedTot;
    const handedSeq = Math.max(row.handedSeq, seq);
    if (await putPurse(store, { ...row, handedSeq, capturedTot, rev: row.rev + 1 }))
      return subtractMicros(capturedTot, row.capturedTot);
  }
}

/** Sums of one `collect`, by currency. */
interface Tally {
  handed: number;
  readonly captured: Map<string, Micros>;
  refunds: number;
  readonly refused: RefusedPurse[];
}

async function note(store: Store, tally: Tally, due: Due, result: CollectResult): Promise<void> {
  const { purse, currency } = due;
  if (result.state === 'refused' || result.seq < due.seq) {
    tally.refused.push(refusedPurse(purse, result.code));
    return;
  }
  const added = await mark(store, due, microsMember(result.tot));
  tally.handed += 1;
  tally.captured.set(currency, addMicros(tally.captured.get(currency) ?? MICROS_ZERO, added));
}

async function handIn(
  seller: SellerContext,
  { client, payto }: PaytoClient,
  { batch, tally }: { batch: readonly Due[]; tally: Tally },
): Promise<void> {
  const charges = batch.map(({ charge }) => charge);
  const body: CollectBody = { id: await batchId(charges), payto: payto.text, charges };
  const answer = readResults(await client.post('/v1/collections', body));
  const { results, asked = [], undone = [] } = answer;
  const byPurse = new Map(results.map((result) => [result.pur, result]));
  if (batch.some(({ purse }) => !byPurse.has(purse)))
    throw new FarthingError('provider_unreachable', 'the answer is not whole; try again later');
  await Promise.all(
    batch.map(async (due) => {
      const result = byPurse.get(due.purse);
      if (result) await note(seller.store, tally, due, result);
    }),
  );
  await closeAsked(seller, { client, payto }, asked);
  await keepUndone(seller, { client, payto }, undone);
}

/** The purses among due rows that are this payto's own: a store may serve several. */
function ownPurses(rows: Awaited<ReturnType<Store['due']>>, payto: string): PurseRow[] {
  const isOwn = ({ certificate }: PurseRow) => readCertificate(certificate).claims.aud === payto;
  return rows.map(readPurse).filter(isOwn);
}

/**
 * Hands in everything due at one payto, a thousand purses at a time, charges before the notes that
 * give some of them back. Where the provider does not answer it throws; nothing is lost, the next
 * `collect` sends the same again.
 * @throws FarthingError `provider_unreachable`, the provider's codes
 */
export async function collectAt(seller: SellerContext, at: PaytoClient): Promise<CollectReport> {
  const { store } = seller;
  const tally: Tally = { handed: 0, captured: new Map(), refunds: 0, refused: [] };
  for (let after: string | undefined; ; ) {
    const rows = await store.due({ limit: BATCH_COUNT_MAX, after });
    const own = ownPurses(rows, at.payto.text);
    const batch = await fenceAll(store, own);
    // The first one goes with nothing in it, too: the provider may have something to ask or tell.
    if (batch.length > 0 || after === undefined) await handIn(seller, at, { batch, tally });
    const noted = await handInRefunds(store, at, own);
    tally.refunds += noted.handed;
    tally.refused.push(...noted.refused);
    after = rows.at(-1)?.key;
    if (rows.length < BATCH_COUNT_MAX) break;
  }
  const captured = [...tally.captured].map(([currency, amountMicros]) => ({
    amountMicros,
    currency,
  }));
  return { ...tally, captured };
}

function sumOf(captured: readonly Price[]): Price[] {
  return [...Map.groupBy(captured, ({ currency }) => currency)].map(([currency, prices]) => ({
    currency,
    amountMicros: prices.reduce((sum, it) => addMicros(sum, it.amountMicros), MICROS_ZERO),
  }));
}

/**
 * Hands in at every payto. A provider that fails keeps none of the others waiting; its error is
 * thrown at the end.
 * @throws FarthingError see `collectAt`
 */
export async function collect(
  seller: SellerContext,
  clients: readonly PaytoClient[],
): Promise<CollectReport> {
  const outcomes = await Promise.allSettled(clients.map((at) => collectAt(seller, at)));
  const reports = outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
  return {
    handed: reports.reduce((sum, { handed }) => sum + handed, 0),
    captured: sumOf(reports.flatMap((report) => report.captured)),
    refunds: reports.reduce((sum, { refunds }) => sum + refunds, 0),
    refused: reports.flatMap((report) => report.refused),
  };
}
