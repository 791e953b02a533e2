/**
 * What was captured is the highest accepted total of each purse, once (trust T4), and each step is
 * proven by a charge that the purse's key signed.
 */
import type { Selectable } from 'kysely';
import { readCharge } from '../../protocol/charge.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { checkJws } from '../../protocol/jws.ts';
import { importPublicKey, type PublicJwk } from '../../protocol/key.ts';
import { captureEntryId } from '../captures.ts';
import type { Books } from '../database.ts';
import type { CaptureRow, PurseRow } from '../tables.ts';
import type { Report } from './finding.ts';
import type { Replay } from './replay.ts';

type Capture = Selectable<CaptureRow>;
type Purse = Selectable<
  Pick<PurseRow, 'id' | 'payto' | 'currency' | 'key' | 'captured_micros' | 'last_seq'>
>;

function rowOf({ purse, seq }: Capture): string {
  return `capture ${purse}/${seq}`;
}

async function checkEvidence(
  capture: Capture,
  { purse: { payto, currency }, key }: { purse: Purse; key: CryptoKey },
  report: Report,
): Promise<void> {
  const found = (detail: string) => report({ invariant: 'T4', row: rowOf(capture), detail });
  try {
    const { claims, jws } = readCharge(capture.charge);
    const { purse, seq, total_micros: total } = capture;
    if (claims.pur !== purse || BigInt(claims.seq) !== seq || claims.tot !== total)
      found('its charge says something else');
    if (claims.aud !== payto || claims.cur !== currency)
      found(`its charge is for ${claims.aud} in ${claims.cur}`);
    await checkJws(jws, key);
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    found(`its charge proves nothing: ${error.message}`);
  }
}

/** Steps of one purse, by seq: each grows the total by what it took, and is in the journal once. */
function checkSteps(captures: readonly Capture[], replay: Replay, report: Report): bigint {
  let totalMicros = 0n;
  for (const capture of captures) {
    const { total_micros: total, amount_micros: amount } = capture;
    const found = (detail: string) => report({ invariant: 'T4', row: rowOf(capture), detail });
    if (amount <= 0n || total !== totalMicros + amount)
      found(`${amount} do not lead from ${totalMicros} to ${total} micros`);
    totalMicros = total;
    const entryId = captureEntryId(capture.purse, Number(capture.seq));
    const booked = replay.captures.get(entryId);
    if (booked !== amount) found(`took ${amount}, the journal says ${booked ?? 'nothing'}`);
    replay.captures.delete(entryId);
  }
  return totalMicros;
}

async function checkPurse(
  purse: Purse,
  captures: readonly Capture[],
  { replay, report }: { replay: Replay; report: Report },
): Promise<void> {
  const totalMicros = checkSteps(captures, replay, report);
  const lastSeq = captures.at(-1)?.seq ?? 0n;
  const said = `${purse.captured_micros} micros at ${purse.last_seq}`;
  const proven = `${totalMicros} micros at ${lastSeq}`;
  if (said !== proven)
    report({
      invariant: 'T4',
      row: `purse ${purse.id}`,
      detail: `says ${said}, its charges ${proven}`,
    });
  if (captures.length === 0) return;
  const jwk: PublicJwk = JSON.parse(purse.key);
  const key = await importPublicKey(jwk);
  for (const capture of captures) await checkEvidence(capture, { purse, key }, report);
}

export async function checkCaptures(books: Books, replay: Replay, report: Report): Promise<void> {
  const purses = await books
    .selectFrom('purse')
    .select(['id', 'payto', 'currency', 'key', 'captured_micros', 'last_seq'])
    .execute();
  for (const purse of purses) {
    const captures = await books
      .selectFrom('capture')
      .selectAll()
      .where('purse', '=', purse.id)
      .orderBy('seq')
      .execute();
    await checkPurse(purse, captures, { replay, report });
  }
  for (const entryId of replay.captures.keys())
    report({ invariant: 'T4', row: entryId, detail: 'is in the journal without a charge' });
}
