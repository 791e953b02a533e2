/**
 * What was given back (trust T4): each charge once, proven by a note that the seller signed for it,
 * or by an undo that it did not grant; and never more than was captured. Notes that wait move
 * nothing.
 */
import { type Selectable, sql } from 'kysely';
import { checkJws, type UncheckedJws } from '../../protocol/jws.ts';
import { importPublicKey, type PublicJwk, thumbprint } from '../../protocol/key.ts';
import { type RefundNote, readRefundNote } from '../../protocol/undo.ts';
import { broughtAtSec } from '../collections/dues.ts';
import type { Books } from '../database/database.ts';
import type { PurseRow, RefundRow } from '../database/tables.ts';
import { lesser } from '../ledger/fee.ts';
import { refundEntryId } from '../refunds/repayments.ts';
import type { Facts, PurseFacts } from './facts.ts';
import { type Found, guarded, type Report } from './finding.ts';
import { NO_FLOW, type PurseFlow } from './flows.ts';
import type { Replay } from './replay.ts';
import { checkUndos, placeOf, type SellerKeys } from './undos.ts';

interface Refund extends Selectable<RefundRow> {
  /** When its charge was collected, by the capture that brought it. */
  readonly brought: bigint | null;
}

function refundRows(books: Books) {
  const place = { purse: sql.ref('refund.purse'), seq: sql.ref('refund.seq') };
  return books
    .selectFrom('refund')
    .selectAll()
    .select(broughtAtSec(place).$castTo<bigint | null>().as('brought'))
    .orderBy('number')
    .stream();
}

async function checkSignature(
  jws: UncheckedJws,
  keys: readonly PublicJwk[],
  found: Found,
): Promise<void> {
  for (const jwk of keys)
    if ((await thumbprint(jwk)) === jws.kid) return checkJws(jws, await importPublicKey(jwk));
  found(`its note names the receipt key ${jws.kid}, which is not kept`);
}

interface Known {
  readonly replay: Replay;
  readonly facts: Facts;
  readonly sellerKeys: SellerKeys;
  /** Places of undos that the provider granted. */
  readonly judged: ReadonlySet<string>;
}

/** Whether its money went back, or is to. */
function isOwed({ state }: Refund): boolean {
  return state === 'pending' || state === 'paid';
}

/** The note says what is booked; of one that is owed less may be, where its purse has ended. */
function checkClaims(refund: Refund, { pur, seq, amt, aud }: RefundNote, found: Found): void {
  const isSame = pur === refund.purse && BigInt(seq) === refund.seq && aud === refund.payto;
  const isLess = isOwed(refund) && refund.amount_micros < amt;
  if (!isSame || (amt !== refund.amount_micros && !isLess)) found('its note says something else');
}

/**
 * By the receipt key that is kept with it, or by the provider's where it granted an undo. Answers
 * what the note says.
 */
async function checkNote(refund: Refund, known: Known, found: Found): Promise<bigint> {
  const { claims, jws } = readRefundNote(refund.note);
  checkClaims(refund, claims, found);
  const isOurs = known.facts.signers.has(jws.kid ?? '');
  const isJudged = known.judged.has(placeOf(refund));
  if (isOurs && !isJudged) found('its note is the provider’s, and no undo was granted');
  if (isJudged && !isOurs) found('its note is the seller’s, and an undo was granted without it');
  const handle = refund.payto.slice(0, refund.payto.indexOf('@'));
  // Of notes that came before their keys were kept.
  const current = known.sellerKeys.get(handle);
  const kept = refund.key === null ? current : [JSON.parse(refund.key)];
  await checkSignature(jws, kept ?? [], found);
  return claims.amt;
}

function checkEntry(refund: Refund, replay: Replay, found: Found): void {
  const entryId = refundEntryId(refund.purse, refund.seq);
  const movement = replay.movements.get(entryId);
  replay.movements.delete(entryId);
  const { state, amount_micros: amount, paid_at_sec: paidSec } = refund;
  const backMicros = movement && movement.on('reader starter') + movement.on('reader available');
  const booked = movement && `${backMicros} at ${movement.entry.at}`;
  const said = state === 'paid' ? `${amount} at ${paidSec}` : undefined;
  if (booked !== said)
    found(`is ${state}, ${amount} at ${paidSec}, the journal says ${booked ?? 'nothing'}`);
}

/** A note is early while its purse is open, and void only when it came to nothing. */
function checkState(refund: Refund, purse: PurseFacts, found: Found): void {
  const { state, seq, payto, brought, captured_at_sec: capturedSec } = refund;
  if (isOwed(refund) && capturedSec !== brought)
    found(`is of ${capturedSec}, its charge was collected at ${brought}`);
  if (payto !== purse.payto) found(`is for ${payto}, its purse for ${purse.payto}`);
  if (state === 'early' && purse.isReleased) found('is early, and its purse has ended');
  if (isOwed(refund) && seq > purse.lastSeq) found(`is ${state}, and its charge was not collected`);
  if (state === 'void' && !purse.isReleased) found('is void, and its purse has not ended');
}

/** What the notes of one purse come to. */
interface Sums {
  paidMicros: bigint;
  owedMicros: bigint;
  earlyCount: bigint;
  /** The least that a note of a collected charge says for which nothing goes back. */
  unmetMicros: bigint | undefined;
  /** Less goes back for one of them than it says. */
  isShort: boolean;
}

function noSums(): Sums {
  const isShort = false;
  return { paidMicros: 0n, owedMicros: 0n, earlyCount: 0n, unmetMicros: undefined, isShort };
}

function add(sums: Sums, refund: Refund, { lastSeq }: PurseFacts): void {
  const { state, seq, amount_micros: amountMicros } = refund;
  if (state === 'paid') sums.paidMicros += amountMicros;
  if (state === 'pending') sums.owedMicros += amountMicros;
  if (state === 'early') sums.earlyCount += 1n;
  if (isOwed(refund) || seq > lastSeq) return;
  sums.unmetMicros = lesser(sums.unmetMicros ?? amountMicros, amountMicros);
}

/** What was collected goes back as far as there are notes; while the purse is open, whole ones. */
function checkUnmet(purse: Purse, { unmetMicros, isShort }: Sums, found: Found): void {
  const isOpen = purse.state === 'open';
  const leftMicros = purse.captured_micros - purse.refunded_micros - purse.owed_micros;
  if (isShort && isOpen) found('gives less back than a note says, and has not ended');
  if (isShort && leftMicros !== 0n) found(`gives less back than a note says, with ${leftMicros}`);
  if (unmetMicros !== undefined && leftMicros >= (isOpen ? unmetMicros : 1n))
    found(`gives nothing back for a note of ${unmetMicros}, with ${leftMicros}`);
}

function checkSums(purse: Purse, sums: Sums, found: Found): void {
  const { refunded_micros: refunded, captured_micros: captured, owed_micros: owed } = purse;
  const { paidMicros, owedMicros, earlyCount } = sums;
  if (refunded !== paidMicros) found(`says ${refunded} went back, its notes ${paidMicros}`);
  if (owed !== owedMicros) found(`says ${owed} are owed, its notes ${owedMicros}`);
  if (purse.early_count !== earlyCount)
    found(`says ${purse.early_count} notes are early, there are ${earlyCount}`);
  if (refunded + owed > captured) found(`${refunded} and ${owed} go back of ${captured}`);
}

function checkFlow(purse: Purse, flow: PurseFlow, found: Found): void {
  const { capturedStarterMicros, refundedStarterMicros, refundedMicros } = flow;
  const { captured_starter_micros: gift, refunded_starter_micros: giftBack } = purse;
  const { refunded_micros: refunded } = purse;
  if (refunded !== refundedMicros)
    found(`says ${refunded} went back, the journal ${refundedMicros}`);
  if (gift !== capturedStarterMicros)
    found(`says ${gift} of it were a gift, the journal ${capturedStarterMicros}`);
  if (giftBack !== refundedStarterMicros)
    found(`says ${giftBack} of gifts went back, the journal ${refundedStarterMicros}`);
}

const COLUMNS = [
  ...(['id', 'state', 'captured_micros', 'refunded_micros', 'owed_micros'] as const),
  ...(['early_count', 'captured_starter_micros', 'refunded_starter_micros'] as const),
] as const;
type Purse = Pick<Selectable<PurseRow>, (typeof COLUMNS)[number]>;

async function checkPurses(
  books: Books,
  sums: ReadonlyMap<string, Sums>,
  { replay, report }: { replay: Replay; report: Report },
): Promise<void> {
  for await (const purse of books.selectFrom('purse').select(COLUMNS).stream()) {
    const found = (detail: string) => report({ invariant: 'T4', row: `purse ${purse.id}`, detail });
    const ofPurse = sums.get(purse.id) ?? noSums();
    checkSums(purse, ofPurse, found);
    checkUnmet(purse, ofPurse, found);
    checkFlow(purse, replay.purses.get(purse.id) ?? NO_FLOW, found);
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

/** Checks one refund; what its purse has to explain is added to `sums`. */
async function checkRefund(refund: Refund, known: Known, sums: Sums, found: Found): Promise<void> {
  await guarded(found, async () => {
    const notedMicros = await checkNote(refund, known, found);
    if (isOwed(refund) && refund.amount_micros < notedMicros) sums.isShort = true;
  });
  checkEntry(refund, known.replay, found);
  const purse = known.facts.purses.get(refund.purse);
  if (!purse) return found('its purse is not there');
  checkState(refund, purse, found);
  add(sums, refund, purse);
}

/** Checks every refund; answers what still waits, and the places that there are. */
export async function checkRefunds(
  books: Books,
  { replay, facts, report }: { replay: Replay; facts: Facts; report: Report },
) {
  const byPurse = new Map<string, Sums>();
  const places = new Set<string>();
  const waiting: { readonly payto: string; readonly amountMicros: bigint }[] = [];
  const sellerKeys = await readSellerKeys(books, report);
  const judged = await checkUndos(books, { facts, sellerKeys, report });
  const known = { replay, facts, sellerKeys, judged };
  let before = 0n;
  for await (const refund of refundRows(books)) {
    const { purse: id, seq, state, payto, amount_micros: amountMicros } = refund;
    const found = (detail: string) =>
      report({ invariant: 'T4', row: `refund ${id}/${seq}`, detail });
    checkNumber(refund.number, before, found);
    before = refund.number;
    const sums = byPurse.get(id) ?? noSums();
    byPurse.set(id, sums);
    await checkRefund(refund, known, sums, found);
    places.add(placeOf(refund));
    if (state === 'pending' || state === 'early') waiting.push({ payto, amountMicros });
  }
  for (const [entryId, { kind }] of replay.movements)
    if (kind === 'refund')
      report({ invariant: 'T4', row: entryId, detail: 'is in the journal without a note' });
  await checkPurses(books, byPurse, { replay, report });
  return { waiting, places };
}
