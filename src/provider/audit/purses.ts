/**
 * Each amount set aside ends once (trust T3): purses against the journal, and against the clock.
 */
import type { Selectable } from 'kysely';
import { readCertificate } from '../../protocol/certificate.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { canonicalJson } from '../../protocol/json.ts';
import type { PublicJwk } from '../../protocol/key.ts';
import type { Books } from '../database.ts';
import { QUIET_START_SEC, readRuns, releaseCutoffSec } from '../sweep.ts';
import type { PurseRow } from '../tables.ts';
import type { Report } from './finding.ts';
import type { PurseFlow, Replay } from './replay.ts';

/** The sweep comes every minute; one that is busy or was just started gets this much. */
const SWEEP_DELAY_SEC = QUIET_START_SEC;
const NOTHING: PurseFlow = {
  setAsideMicros: 0n,
  capturedMicros: 0n,
  releasedMicros: 0n,
  starterMicros: 0n,
  capturedStarterMicros: 0n,
  readers: new Set(),
};

type Purse = Selectable<PurseRow>;

function checkFlow(purse: Purse, flow: PurseFlow, setAsideMicros: bigint, report: Report): void {
  const found = (detail: string) =>
    report({ invariant: 'T3', row: `purse ${purse.id}`, detail: `${detail} micros` });
  const { limit_micros: limit, captured_micros: captured } = purse;
  if (flow.setAsideMicros !== limit)
    found(`its limit is ${limit}, set aside were ${flow.setAsideMicros}`);
  if (setAsideMicros !== limit)
    found(`its limit is ${limit}, the rows of set_aside say ${setAsideMicros}`);
  if (flow.capturedMicros !== captured)
    found(`it says ${captured} were captured, the journal ${flow.capturedMicros}`);
  if (flow.starterMicros !== purse.starter_micros)
    found(`its starter part is ${purse.starter_micros}, the journal says ${flow.starterMicros}`);
  const due = purse.state === 'released' ? limit - captured : 0n;
  if (flow.releasedMicros !== due)
    found(`it is ${purse.state} and ${flow.releasedMicros} went back, not ${due}`);
}

/** What is set aside comes from the purse's own account, and change goes back there. */
function checkReaders(purse: Purse, flow: PurseFlow, report: Report): void {
  const others = [...flow.readers].filter((reader) => reader !== purse.account);
  if (others.length > 0)
    report({
      invariant: 'T3',
      row: `purse ${purse.id}`,
      detail: `it belongs to ${purse.account}, the journal moved money of ${others.join(', ')}`,
    });
}

/** The signed word that is out promises what is set aside, for as long as it is. */
function checkCertificate(purse: Purse, report: Report): void {
  const found = (detail: string) =>
    report({ invariant: 'T3', row: `purse ${purse.id}`, detail: `its certificate ${detail}` });
  try {
    const { jti, aud, cur, lim, exp, sub, cnf } = readCertificate(purse.certificate).claims;
    const said = canonicalJson([jti, aud, cur, lim, exp, sub, { ...cnf.jwk }]);
    const { id, payto, currency, limit_micros: limit, expires_at_sec: end } = purse;
    const key: PublicJwk = JSON.parse(purse.key);
    const kept = canonicalJson([id, payto, currency, limit, Number(end), purse.sub, { ...key }]);
    if (said !== kept) found(`says ${said}, its row ${kept}`);
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    found(`promises nothing: ${error.message}`);
  }
}

function checkBounds(purse: Purse, report: Report): void {
  const { limit_micros: limit, captured_micros: captured } = purse;
  if (captured > limit)
    report({
      invariant: 'T2',
      row: `purse ${purse.id}`,
      detail: `${captured} were taken from a limit of ${limit} micros`,
    });
}

/** Purses that ended before this should have been released; undefined when none should. */
async function overdueCutoffSec(books: Books): Promise<number | undefined> {
  const runs = await readRuns(books);
  const current = runs.at(-1);
  if (!current || current.seenAtSec - current.openedAtSec < QUIET_START_SEC + SWEEP_DELAY_SEC)
    return undefined;
  const cutoffSec = releaseCutoffSec(runs, current.seenAtSec);
  return cutoffSec === undefined ? undefined : cutoffSec - SWEEP_DELAY_SEC;
}

/** A row in another account's name counts for nothing. */
async function setAsideByPurse(books: Books): Promise<Map<string, bigint>> {
  const rows = await books
    .selectFrom('set_aside')
    .innerJoin('purse as owner', (join) =>
      join
        .onRef('owner.id', '=', 'set_aside.purse')
        .onRef('owner.account', '=', 'set_aside.account'),
    )
    .select(({ fn }) => ['set_aside.purse', fn.sum<bigint>('amount_micros').as('sum')])
    .groupBy('set_aside.purse')
    .execute();
  return new Map(rows.map(({ purse, sum }) => [purse, sum]));
}

export async function checkPurses(books: Books, replay: Replay, report: Report): Promise<void> {
  const setAside = await setAsideByPurse(books);
  const cutoffSec = await overdueCutoffSec(books);
  const unseen = new Set(replay.purses.keys());
  for await (const purse of books.selectFrom('purse').selectAll().stream()) {
    unseen.delete(purse.id);
    const flow = replay.purses.get(purse.id) ?? NOTHING;
    checkFlow(purse, flow, setAside.get(purse.id) ?? 0n, report);
    checkReaders(purse, flow, report);
    checkCertificate(purse, report);
    checkBounds(purse, report);
    const isOverdue = cutoffSec !== undefined && purse.expires_at_sec <= cutoffSec;
    if (purse.state === 'open' && isOverdue)
      report({
        invariant: 'T3',
        row: `purse ${purse.id}`,
        detail: `ended at ${purse.expires_at_sec} and was not released`,
      });
  }
  for (const id of unseen)
    report({ invariant: 'T3', row: `purse ${id}`, detail: 'has postings and no row' });
}
