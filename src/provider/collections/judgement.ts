/**
 * Which of a purse's charges is captured (SPEC 9.11). Pure but for one look at what was captured
 * before: the order in which charges arrive never changes what the seller gets.
 */
import type { ReadCharge } from '../../protocol/charge.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import { signingInputOf } from '../../protocol/jws.ts';
import type { Reading } from '../database/database.ts';
import { askAll, queryOf } from '../database/queries.ts';
import type { Purse } from './captures.ts';

export type Verdict =
  | { readonly state: 'captured' | 'known' }
  | { readonly state: 'refused'; readonly code: ErrorCode };

export interface Judgement<C extends ReadCharge> {
  /** The charge that brings more than was captured. */
  readonly winner: C | undefined;
  readonly verdictOf: (charge: C) => Verdict;
}

/** A charge's place and content; two signatures of one content are one charge (SPEC 5.6). */
interface Place {
  readonly seq: number;
  readonly totMicros: bigint;
  readonly content: string;
}

/** Where every purse begins: nothing is promised, so the first charge has to promise something. */
const BEGINNING: Place = { seq: 0, totMicros: 0n, content: '' };

function placeOf({ claims, jws }: ReadCharge): Place {
  return { seq: claims.seq, totMicros: claims.tot, content: jws.signingInput };
}

/** Two charges contradict each other unless they are one, or the later one promises more. */
function contradict(a: Place, b: Place): boolean {
  if (a.seq === b.seq) return a.content !== b.content;
  return a.seq < b.seq ? a.totMicros >= b.totMicros : b.totMicros >= a.totMicros;
}

interface Near {
  readonly purse: string;
  readonly seq: bigint;
}

function captured(reading: Reading, { purse }: Near) {
  return reading
    .selectFrom('capture')
    .select(['seq', 'total_micros', 'charge'])
    .where('purse', '=', purse);
}
const BEFORE = queryOf((reading, near: Near) =>
  captured(reading, near).where('seq', '<=', near.seq).orderBy('seq', 'desc').limit(2),
);
const AFTER = queryOf((reading, near: Near) =>
  captured(reading, near).where('seq', '>', near.seq).orderBy('seq').limit(1),
);

/** Captured charges that `place` has to agree with: its own seq, and its neighbours. */
async function capturedNear(reading: Reading, purse: Purse, place: Place): Promise<Place[]> {
  // Behind all of them there is one neighbour, of which the purse itself says enough.
  if (place.seq > purse.lastSeq)
    return [{ seq: purse.lastSeq, totMicros: purse.capturedMicros, content: '' }];
  const near = { purse: purse.id, seq: BigInt(place.seq) };
  const answers = await askAll(reading, BEFORE(near), AFTER(near));
  return answers
    .flatMap(({ rows }) => rows)
    .map((row) => ({
      seq: Number(row.seq),
      totMicros: row.total_micros,
      content: signingInputOf(row.charge),
    }));
}

/** Judges the sound charges of one purse together. */
export async function judge<C extends ReadCharge>(
  reading: Reading,
  purse: Purse,
  charges: readonly C[],
): Promise<Judgement<C>> {
  const conflict = { winner: undefined, verdictOf: () => refused('charge_conflict') };
  const places = [BEGINNING, ...charges.map(placeOf)];
  if (places.some((a, index) => places.slice(index + 1).some((b) => contradict(a, b))))
    return conflict;
  for (const place of places.slice(1)) {
    const captured = await capturedNear(reading, purse, place);
    if (captured.some((before) => contradict(before, place))) return conflict;
  }
  const [highest] = charges.toSorted((a, b) => b.claims.seq - a.claims.seq);
  const isMore = highest !== undefined && highest.claims.seq > purse.lastSeq;
  if (!isMore) return { winner: undefined, verdictOf: () => ({ state: 'known' }) };
  if (purse.state === 'released')
    return {
      winner: undefined,
      verdictOf: ({ claims }) =>
        claims.seq > purse.lastSeq ? refused('purse_expired') : { state: 'known' },
    };
  return {
    winner: highest,
    verdictOf: (charge) => ({ state: charge === highest ? 'captured' : 'known' }),
  };
}

function refused(code: ErrorCode): Verdict {
  return { state: 'refused', code };
}
