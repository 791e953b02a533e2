/**
 * What was given back (trust T4): each charge once, proven by a note that the seller signed for it,
 * and never more than was captured. Notes that wait move nothing.
 */
import type { Selectable } from 'kysely';
import { checkJws, type UncheckedJws } from '../../protocol/jws.ts';
import { importPublicKey, type PublicJwk, thumbprint } from '../../protocol/key.ts';
import { readRefundNote } from '../../protocol/undo.ts';
import type { Books } from '../database.ts';
import { refundEntryId } from '../repayments.ts';
import type { RefundRow } from '../tables.ts';
import type { Facts, PurseFacts } from './facts.ts';
import { type Found, guarded, type Report } from './finding.ts';
import { NO_FLOW } from './flows.ts';
import type { Replay } from './replay.ts';

type Refund = Selectable<RefundRow>;

/** Receipt keys by handle; of notes that came before their keys were kept. */
type SellerKeys = ReadonlyMap<string, readonly PublicJwk[]>;

async function checkSignature(
  jws: UncheckedJws,
  keys: readonly PublicJwk[],
  found: Found,
): Promise<void> {
  for (const jwk of keys)
    if ((await thumbprint(jwk)) === jws.kid) return checkJws(jws, await importPublicKey(jwk));
  found(`its note names the receipt key ${jws.kid}, which is not kept`);
}

/** The note says what is booked, by the receipt key that is kept with it. */
async function checkNote(refund: Refund, sellerKeys: SellerKeys, found: Found): Promise<void> {
  const { claims, jws } = readRefundNote(refund.note);
  const { pur, seq, amt, aud } = claims;
  const isSame = pur === refund.purse && BigInt(seq) === refund.seq && aud === refund.payto;
  if (!isSame || amt !== refund.amount_micros) found('its note says something else');
  const handle = refund.payto.slice(0, refund.payto.indexOf('@'));
  const kept = refund.key === null ? sellerKeys.get(handle) : [JSON.parse(refund.key)];
  await checkSignature(jws, kept ?? [], found);
}

function checkEntry(refund: Refund, replay: Replay, found: Found): void {
  const entryId = refundEntryId(refund.purse, refund.seq);
  const movement = replay.movements.get(entryId);
  replay.movements.delete(entryId);
  const booked = movement && movement.on('reader starter') + movement.on('reader available');
  const said = refund.state === 'paid' ? refund.amount_micros : undefined;
  if (booked !== said)
    found(
      `is ${refund.state} with ${refund.amount_micros}, the journal says ${booked ?? 'nothing'}`,
    );
}

/** A note is early until its charge is collected, and void only when it came to nothing. */
function checkState({ state, seq, payto }: Refund, purse: PurseFacts, found: Found): void {
  const isCollected = seq <= purse.lastSeq;
  if (payto !== purse.payto) found(`is for ${payto}, its purse for ${purse.payto}`);
  if (state === 'early' && (isCollected || purse.isReleased))
    found('is early, and its charge was collected or its purse has ended');
  if ((state === 'pending' || state === 'paid') && !isCollected)
    found(`is ${state}, and its charge was not collected`);
  if (state === 'void' && !isCollected && !purse.isReleased)
    found('is void, and its charge may still come');
}

/** What the notes of one purse come to. */
interface Sums {
  paidMicros: bigint;
  owedMicros: bigint;
  earlyCount: bigint;
}

const NO_SUMS: Readonly<Sums> = { paidMicros: 0n, owedMicros: 0n, earlyCount: 0n };

function add(sums: Sums, { state, amount_micros: amountMicros }: Refund): Sums {
  const { paidMicros, owedMicros, earlyCount } = sums;
  return {
    paidMicros: state === 'paid' ? paidMicros + amountMicros : paidMicros,
    owedMicros: state === 'pending' ? owedMicros + amountMicros : owedMicros,
    earlyCount: state === 'early' ? earlyCount + 1n : earlyCount,
  };
}

async function checkPurses(
  books: Books,
  sums: ReadonlyMap<string, Sums>,
  { replay, report }: { replay: Replay; report: Report },
): Promise<void> {
  const purses = books
    .selectFrom('purse')
    .select(['id', 'captured_micros', 'refunded_micros', 'owed_micros', 'early_count'])
    .select(['captured_starter_micros', 'refunded_starter_micros'])
    .stream();
  for await (const purse of purses) {
    const { refunded_micros: refunded, captured_micros: captured, owed_micros: owed } = purse;
    const found = (detail: string) =>
      report({ invariant: 'T4', row: `purse ${purse.id}`, detail: `${detail}` });
    const { paidMicros, owedMicros, earlyCount } = sums.get(purse.id) ?? NO_SUMS;
    const flow = replay.purses.get(purse.id) ?? NO_FLOW;
    const { capturedStarterMicros, refundedStarterMicros, refundedMicros } = flow;
    const { captured_starter_micros: gift, refunded_starter_micros: giftBack } = purse;
    if (refunded !== paidMicros) found(`says ${refunded} went back, its notes ${paidMicros}`);
    if (refunded !== refundedMicros)
      found(`says ${refunded} went back, the journal ${refundedMicros}`);
    if (owed !== owedMicros) found(`says ${owed} are owed, its notes ${owedMicros}`);
    if (purse.early_count !== earlyCount)
      found(`says ${purse.early_count} notes are early, there are ${earlyCount}`);
    if (refunded + owed > captured) found(`${refunded} and ${owed} go back of ${captured}`);
    if (gift !== capturedStarterMicros)
      found(`says ${gift} of it were a gift, the journal ${capturedStarterMicros}`);
    if (giftBack !== refundedStarterMicros)
      found(`says ${giftBack} of gifts went back, the journal ${refundedStarterMicros}`);
  }
}

async function readSellerKeys(books: Books, report: Report): Promise<SellerKeys> {
  const rows = await books.selectFrom('seller').select(['handle', 'keys']).execute();
  const keys = new Map<string, readonly PublicJwk[]>();
  for (const row of rows) {
    const found = (detail: string) =>
      report({ invariant: 'T4', row: `seller ${row.handle}`, detail });
    await guarded(found, () => void keys.set(row.handle, JSON.parse(row.keys)));
  }
  return keys;
}

/** Notes are numbered as they come, and none goes. */
function checkNumber(number: bigint, before: bigint, found: Found): void {
  if (number !== before + 1n) found(`follows ${before}: a number is missing`);
}

/** Checks every refund; answers what still waits, and the places that there are. */
export async function checkRefunds(
  books: Books,
  { replay, facts, report }: { replay: Replay; facts: Facts; report: Report },
) {
  const sums = new Map<string, Sums>();
  const places = new Set<string>();
  const waiting: { readonly payto: string; readonly amountMicros: bigint }[] = [];
  const sellerKeys = await readSellerKeys(books, report);
  let before = 0n;
  for await (const refund of books.selectFrom('refund').selectAll().orderBy('number').stream()) {
    const { purse: id, seq, state, payto, amount_micros: amountMicros } = refund;
    const found = (detail: string) =>
      report({ invariant: 'T4', row: `refund ${id}/${seq}`, detail });
    checkNumber(refund.number, before, found);
    before = refund.number;
    await guarded(found, () => checkNote(refund, sellerKeys, found));
    checkEntry(refund, replay, found);
    const purse = facts.purses.get(id);
    if (purse) checkState(refund, purse, found);
    else found('its purse is not there');
    sums.set(id, add(sums.get(id) ?? NO_SUMS, refund));
    places.add(`${id} ${seq}`);
    if (state === 'pending' || state === 'early') waiting.push({ payto, amountMicros });
  }
  for (const [entryId, { kind }] of replay.movements)
    if (kind === 'refund')
      report({ invariant: 'T4', row: entryId, detail: 'is in the journal without a note' });
  await checkPurses(books, sums, { replay, report });
  return { waiting, places };
}
