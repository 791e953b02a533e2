/**
 * What was captured is the highest accepted total of each purse, once (trust T4), and each step is
 * proven by a charge that the purse's key signed.
 */
import type { Selectable } from 'kysely';
import { readCharge } from '../../protocol/charge.ts';
import { checkJws } from '../../protocol/jws.ts';
import { importPublicKey, type PublicJwk } from '../../protocol/key.ts';
import { captureEntryId } from '../captures.ts';
import type { Books } from '../database.ts';
import type { CaptureRow } from '../tables.ts';
import type { Facts, PurseFacts } from './facts.ts';
import { type Found, guarded, type Report } from './finding.ts';
import type { Replay } from './replay.ts';

type Capture = Selectable<CaptureRow>;

async function checkEvidence(capture: Capture, purse: PurseFacts, found: Found): Promise<void> {
  const { claims, jws } = readCharge(capture.charge);
  const { seq, total_micros: total } = capture;
  const { payto, currency } = purse;
  if (claims.pur !== purse.id || BigInt(claims.seq) !== seq || claims.tot !== total)
    found('its charge says something else');
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
  const entryId = captureEntryId(capture.purse, Number(capture.seq));
  const movement = replay.movements.get(entryId);
  const booked = movement && -movement.on('purse');
  if (booked !== amount) found(`took ${amount}, the journal says ${booked ?? 'nothing'}`);
  if (movement && BigInt(movement.entry.at) !== capture.at_sec)
    found(`was taken at ${capture.at_sec}, the journal says ${movement.entry.at}`);
  replay.movements.delete(entryId);
}

/** The last step of each purse, by its own row. */
function checkTotals(
  { purses }: Facts,
  steps: ReadonlyMap<string, { total: bigint; seq: bigint }>,
  report: Report,
): void {
  for (const purse of purses.values()) {
    const { total = 0n, seq = 0n } = steps.get(purse.id) ?? {};
    const said = `${purse.capturedMicros} micros at ${purse.lastSeq}`;
    const proven = `${total} micros at ${seq}`;
    const detail = `says ${said}, its charges ${proven}`;
    if (said !== proven) report({ invariant: 'T4', row: `purse ${purse.id}`, detail });
  }
}

export async function checkCaptures(
  books: Books,
  { replay, facts, report }: { replay: Replay; facts: Facts; report: Report },
): Promise<void> {
  const steps = new Map<string, { total: bigint; seq: bigint }>();
  const captures = books.selectFrom('capture').selectAll().orderBy('purse').orderBy('seq').stream();
  for await (const capture of captures) {
    const row = `capture ${capture.purse}/${capture.seq}`;
    const found = (detail: string) => report({ invariant: 'T4', row, detail });
    checkStep(capture, steps.get(capture.purse)?.total ?? 0n, replay, found);
    steps.set(capture.purse, { total: capture.total_micros, seq: capture.seq });
    const purse = facts.purses.get(capture.purse);
    if (!purse) found('its purse is not there');
    else await guarded(found, () => checkEvidence(capture, purse, found));
  }
  checkTotals(facts, steps, report);
  for (const [entryId, { kind }] of replay.movements)
    if (kind === 'capture')
      report({ invariant: 'T4', row: entryId, detail: 'is in the journal without a charge' });
}
