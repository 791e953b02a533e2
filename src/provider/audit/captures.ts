/**
 * What was captured is the highest accepted total of each purse, once (trust T4), and each step is
 * proven by a charge that the purse's key signed.
 */
import type { Selectable } from 'kysely';
import { readCharge } from '../../protocol/charge.ts';
import { checkJws } from '../../protocol/jws.ts';
import { importPublicKey, type PublicJwk } from '../../protocol/key.ts';
import { captureEntryId } from '../collections/captures.ts';
import type { Books } from '../database/database.ts';
import type { CaptureRow } from '../database/tables.ts';
import { greater, lesser } from '../ledger/fee.ts';
import type { Facts, PurseFacts } from './facts.ts';
import { type Found, guarded, type Report } from './finding.ts';
import type { Replay } from './replay.ts';

type Capture = Selectable<CaptureRow>;

async function checkEvidence(capture: Capture, purse: PurseFacts, found: Found): Promise<void> {
  const { claims, jws } = readCharge(capture.charge);
  const { seq, total_micros: total } = capture;
  const { payto, currency, country } = purse;
  if (claims.pur !== purse.id || BigInt(claims.seq) !== seq || claims.tot !== total)
    found('its charge says something else');
  if (capture.payto !== payto) found(`is of ${capture.payto}, its purse of ${payto}`);
  if (capture.country !== country)
    found(`is from ${capture.country ?? 'nowhere'}, its purse from ${country ?? 'nowhere'}`);
  if (claims.aud !== payto || claims.cur !== currency)
    found(`its charge is for ${claims.aud} in ${claims.cur}`);
  const jwk: PublicJwk = JSON.parse(purse.key);
  await checkJws(jws, await importPublicKey(jwk));
}

/** Grows the total by what it took, and is in the journal once. */
function checkStep(capture: Capture, totalMicros: bigint, replay: Replay, found: Found): void {
  const { total_micros: total, amount_micros: amount } = capture;
  if (amount <= 0n || total !== totalMicros + amount)
    found(`${amount} do not lead from ${totalMicros} to ${total} micros`);
  const { refunded_micros: back } = capture;
  if (back < 0n || back > amount) found(`gave ${back} back of ${amount} micros`);
  const entryId = captureEntryId(capture.purse, Number(capture.seq));
  const movement = replay.movements.get(entryId);
  const { earned_micros: earned, earned_starter_micros: starter } = capture;
  const brought = movement && [movement.on('seller earned'), movement.on('seller earned starter')];
  if (brought?.join() !== [earned, starter].join())
    found(`brought ${earned} and ${starter}, the journal says ${brought ?? 'nothing'}`);
  const booked = movement && -movement.on('purse');
  if (booked !== amount) found(`took ${amount}, the journal says ${booked ?? 'nothing'}`);
  if (movement && BigInt(movement.entry.at) !== capture.at_sec)
    found(`was taken at ${capture.at_sec}, the journal says ${movement.entry.at}`);
  replay.movements.delete(entryId);
}

/** What the steps of a purse come to so far. */
interface Steps {
  readonly total: bigint;
  readonly seq: bigint;
  /** What went back of them. */
  readonly back: bigint;
  /** The first and the last of their times. */
  readonly atSec: readonly [first: bigint, last: bigint];
}

/** The last step of each purse, by its own row. */
function checkTotals({ purses }: Facts, steps: ReadonlyMap<string, Steps>, report: Report): void {
  for (const purse of purses.values()) {
    const { total = 0n, seq = 0n, back = 0n, atSec = [null, null] } = steps.get(purse.id) ?? {};
    const { capturedMicros, lastSeq, refundedMicros, capturedSec } = purse;
    const said = `${capturedMicros} micros at ${lastSeq}, ${refundedMicros} back, ${capturedSec}`;
    const proven = `${total} micros at ${seq}, ${back} back, ${atSec}`;
    const detail = `says ${said}, its charges ${proven}`;
    if (said !== proven) report({ invariant: 'T4', row: `purse ${purse.id}`, detail });
  }
}

export async function checkCaptures(
  books: Books,
  { replay, facts, report }: { replay: Replay; facts: Facts; report: Report },
): Promise<void> {
  const steps = new Map<string, Steps>();
  const captures = books.selectFrom('capture').selectAll().orderBy('purse').orderBy('seq').stream();
  for await (const capture of captures) {
    const row = `capture ${capture.purse}/${capture.seq}`;
    const found = (detail: string) => report({ invariant: 'T4', row, detail });
    const before = steps.get(capture.purse);
    checkStep(capture, before?.total ?? 0n, replay, found);
    const { total_micros: total, refunded_micros: refunded, seq, at_sec: at } = capture;
    const [first = at, last = at] = before?.atSec ?? [];
    const atSec = [lesser(first, at), greater(last, at)] as const;
    steps.set(capture.purse, { total, seq, back: (before?.back ?? 0n) + refunded, atSec });
    const purse = facts.purses.get(capture.purse);
    if (!purse) found('its purse is not there');
    else await guarded(found, () => checkEvidence(capture, purse, found));
  }
  checkTotals(facts, steps, report);
  for (const [entryId, { kind }] of replay.movements)
    if (kind === 'capture')
      report({ invariant: 'T4', row: entryId, detail: 'is in the journal without a charge' });
}
