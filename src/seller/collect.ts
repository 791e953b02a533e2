/**
 * Hands in what has accumulated: the last charge of each purse (SPEC 9.11). It can die on any line:
 * what is not marked as handed in is sent again, and the provider books a total once.
 */
import type { CollectAnswer, CollectBody, CollectResult } from '../protocol/api.ts';
import { encodeBase64url, sha256, utf8 } from '../protocol/base64url.ts';
import { readCharge } from '../protocol/charge.ts';
import { type ErrorCode, FarthingError, isErrorCode } from '../protocol/errors.ts';
import { signingInputOf } from '../protocol/jws.ts';
import {
  addMicros,
  MICROS_ZERO,
  type Micros,
  microsMember,
  type Price,
  subtractMicros,
} from '../protocol/money.ts';
import { count, id, list, readMembers, refuse, text } from '../protocol/shape.ts';
import type { AccountClient } from './account.ts';
import type { SellerContext } from './context.ts';
import type { PurseRow, Store } from './store.ts';

/** SPEC 11. */
const BATCH_COUNT_MAX = 1000;

/**
 * A purse whose charge the provider did not take. It is handed in again with the next `collect`.
 */
export interface RefusedPurse {
  readonly purse: string;
  readonly code: ErrorCode | 'unknown';
}

/** What one `collect` did. */
export interface CollectReport {
  /** Purses whose last charge the provider now has. */
  readonly handed: number;
  /** What the provider says it took for them, one amount a currency. */
  readonly captured: readonly Price[];
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
    row = (await store.put(marked)) ? marked : await store.get(row.purse);
  }
  return isDue(row) ? row : undefined;
}

async function fenceAll(seller: SellerContext, rows: readonly PurseRow[]): Promise<Due[]> {
  // A store may serve several paytos; each collects its own, and leaves the others' unfenced.
  const own = rows.filter(
    (row) => isDue(row) && readCharge(row.charge).claims.aud === seller.payto.text,
  );
  const fenced = await Promise.all(own.map((row) => fence(seller.store, row)));
  return fenced.flatMap((row) => {
    if (!row) return [];
    const { purse, seq, charge } = row;
    return [{ purse, seq, currency: readCharge(charge).claims.cur, charge }];
  });
}

/** The same charges are the same write: the id is made of what was signed, never of signatures. */
async function batchId(batch: readonly Due[]): Promise<string> {
  const parts = batch.map(({ charge }) => signingInputOf(charge)).join('\n');
  return encodeBase64url((await sha256(utf8(parts))).slice(0, 16));
}

function readResults(answer: unknown): readonly CollectResult[] {
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
  const read: CollectAnswer = readMembers(answer, { results: list(result, BATCH_COUNT_MAX) });
  return read.results;
}

/**
 * Marks what the provider has; answers what that adds to what it had said before. Its figures are
 * for the report: what the row holds was signed by a purse key, and stays (SPEC 6.10).
 */
async function mark(store: Store, { purse, seq }: Due, captured: Micros): Promise<Micros> {
  for (;;) {
    const row = await store.get(purse);
    if (!row) return MICROS_ZERO;
    const isNews = captured > row.capturedTot;
    if (!isNews && row.handedSeq >= seq) return MICROS_ZERO;
    const capturedTot = isNews ? captured : row.capturedTot;
    const handedSeq = Math.max(row.handedSeq, seq);
    if (await store.put({ ...row, handedSeq, capturedTot, rev: row.rev + 1 }))
      return subtractMicros(capturedTot, row.capturedTot);
  }
}

/** Sums of one `collect`, by currency. */
interface Tally {
  handed: number;
  readonly captured: Map<string, Micros>;
  readonly refused: RefusedPurse[];
}

async function note(store: Store, tally: Tally, due: Due, result: CollectResult): Promise<void> {
  const { purse, currency } = due;
  if (result.state === 'refused' || result.seq < due.seq) {
    tally.refused.push({ purse, code: isErrorCode(result.code) ? result.code : 'unknown' });
    return;
  }
  const added = await mark(store, due, microsMember(result.tot));
  tally.handed += 1;
  tally.captured.set(currency, addMicros(tally.captured.get(currency) ?? MICROS_ZERO, added));
}

async function handIn(
  seller: SellerContext,
  client: AccountClient,
  { batch, tally }: { batch: readonly Due[]; tally: Tally },
): Promise<void> {
  const body: CollectBody = {
    id: await batchId(batch),
    payto: seller.payto.text,
    charges: batch.map(({ charge }) => charge),
  };
  const results = readResults(await client.post('/v1/collections', body));
  const byPurse = new Map(results.map((result) => [result.pur, result]));
  if (batch.some(({ purse }) => !byPurse.has(purse)))
    throw new FarthingError(
      'provider_unreachable',
      'the answer leaves purses out; try again later',
    );
  await Promise.all(
    batch.map(async (due) => {
      const result = byPurse.get(due.purse);
      if (result) await note(seller.store, tally, due, result);
    }),
  );
}

/**
 * Hands in everything due, a thousand purses at a time. Where the provider does not answer it
 * throws; nothing is lost, the next `collect` sends the same again.
 */
export async function collect(
  seller: SellerContext,
  client: AccountClient,
): Promise<CollectReport> {
  const tally: Tally = { handed: 0, captured: new Map(), refused: [] };
  for (let after: string | undefined; ; ) {
    const rows = await seller.store.due({ limit: BATCH_COUNT_MAX, after });
    const batch = await fenceAll(seller, rows);
    if (batch.length > 0) await handIn(seller, client, { batch, tally });
    after = rows.at(-1)?.purse;
    if (rows.length < BATCH_COUNT_MAX) break;
  }
  const captured = [...tally.captured].map(([currency, amountMicros]) => ({
    amountMicros,
    currency,
  }));
  return { handed: tally.handed, captured, refused: tally.refused };
}
