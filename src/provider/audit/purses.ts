/**
 * Each amount set aside ends once (trust T3): purses against the journal, and against the clock.
 */
import type { Selectable } from 'kysely';
import { readCertificate } from '../../protocol/certificate.ts';
import { canonicalJson } from '../../protocol/json.ts';
import type { PublicJwk } from '../../protocol/key.ts';
import type { Books } from '../database/database.ts';
import type { PurseRow } from '../database/tables.ts';
import { QUIET_START_SEC, readRuns, releaseCutoffSec } from '../purses/sweep.ts';
import { checkOwn, type Facts } from './facts.ts';
import { type Found, guarded, type Report } from './finding.ts';
import { NO_FLOW, type PurseFlow } from './flows.ts';
import type { Replay } from './replay.ts';

/** The sweep comes every minute; one that is busy or was just started gets this much. */
const SWEEP_DELAY_SEC = QUIET_START_SEC;

type Purse = Selectable<PurseRow>;

function checkFlow(purse: Purse, flow: PurseFlow, setAsideMicros: bigint, found: Found): void {
  const { limit_micros: limit, captured_micros: captured } = purse;
  if (flow.setAsideMicros !== limit)
    found(`its limit is ${limit}, set aside were ${flow.setAsideMicros} micros`);
  if (setAsideMicros !== limit)
    found(`its limit is ${limit}, the rows of set_aside say ${setAsideMicros} micros`);
  if (flow.capturedMicros !== captured)
    found(`it says ${captured} were captured, the journal ${flow.capturedMicros} micros`);
  if (flow.starterMicros !== purse.starter_micros)
    found(`its starter part is ${purse.starter_micros}, the journal says ${flow.starterMicros}`);
  const due = purse.state === 'released' ? limit - captured : 0n;
  if (flow.releasedMicros !== due)
    found(`it is ${purse.state} and ${flow.releasedMicros} went back, not ${due} micros`);
}

/** The signed word that is out promises what is set aside, for as long as it is. */
async function checkCertificate(purse: Purse, facts: Facts, found: Found): Promise<void> {
  const { claims, jws } = readCertificate(purse.certificate);
  const { jti, aud, cur, lim, exp, sub, cnf } = claims;
  const said = canonicalJson([jti, aud, cur, lim, exp, sub, { ...cnf.jwk }]);
  const { id, payto, currency, limit_micros: limit, expires_at_sec: end } = purse;
  const key: PublicJwk = JSON.parse(purse.key);
  const kept = canonicalJson([id, payto, currency, limit, Number(end), purse.sub, { ...key }]);
  if (said !== kept) found(`its certificate says ${said}, its row ${kept}`);
  await checkOwn(facts, jws);
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

/**
 * Each row of the rolling day is an entry of the journal: its id, purse, account, amount and time.
 * Answers what was set aside in each purse.
 */
async function checkSetAside(books: Books, replay: Replay, report: Report) {
  const sums = new Map<string, bigint>();
  const unseen = new Set<string>();
  for (const [id, { kind }] of replay.movements)
    if (kind === 'issue' || kind === 'raise') unseen.add(id);
  for await (const row of books.selectFrom('set_aside').selectAll().stream()) {
    const { id, purse, account, amount_micros: amount, at_sec: at } = row;
    const movement = unseen.delete(id) ? replay.movements.get(id) : undefined;
    const booked = movement && [
      ...[movement.purse?.id, movement.reader],
      ...[movement.on('purse'), BigInt(movement.entry.at)],
    ];
    if (booked?.join() !== [purse, account, amount, at].join())
      report({
        invariant: 'T3',
        row: `set_aside ${id}`,
        detail: `says ${purse}, ${account}, ${amount}, ${at}; the journal ${booked ?? 'nothing'}`,
      });
    if (movement?.reader === account) sums.set(purse, (sums.get(purse) ?? 0n) + amount);
  }
  for (const id of unseen)
    report({ invariant: 'T3', row: `set_aside ${id}`, detail: 'is missing; the journal has it' });
  return sums;
}

/** A reader's name at a seller, as all its purses there have it. */
async function pseudonyms(books: Books): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const { account, payto, sub } of books.selectFrom('pseudonym').selectAll().stream())
    names.add(`${account} ${payto} ${sub}`);
  return names;
}

interface Purses {
  readonly replay: Replay;
  readonly facts: Facts;
  readonly setAside: ReadonlyMap<string, bigint>;
  readonly names: ReadonlySet<string>;
  readonly cutoffSec: number | undefined;
  readonly report: Report;
}

/** Of an account that was closed. */
function checkForgotten({ sub, certificate, state }: Purse, found: Found): void {
  if (state === 'open') found('is open, and its account was closed');
  if (sub !== '' || certificate !== '') found('says who its reader was, who is to be forgotten');
}

async function checkPurse(purse: Purse, { replay, facts, report, ...known }: Purses) {
  const { id, account, payto, sub, expires_at_sec: endSec } = purse;
  const found = (detail: string) => report({ invariant: 'T3', row: `purse ${id}`, detail });
  const setAsideMicros = known.setAside.get(id) ?? 0n;
  checkFlow(purse, replay.purses.get(id) ?? NO_FLOW, setAsideMicros, found);
  if (facts.closed.has(account)) checkForgotten(purse, found);
  else {
    await guarded(found, () => checkCertificate(purse, facts, found));
    if (!known.names.has(`${account} ${payto} ${sub}`)) found('its reader has another name there');
  }
  checkBounds(purse, report);
  const isOverdue = known.cutoffSec !== undefined && endSec <= known.cutoffSec;
  if (purse.state === 'open' && isOverdue) found(`ended at ${endSec} and was not released`);
}

/** Purses that the journal speaks of and nobody has. */
function checkMissing(facts: Facts, replay: Replay, report: Report): void {
  for (const account of replay.balances.keys()) {
    const [kind, id = ''] = account.split(':');
    if (kind === 'purse' && !facts.purses.has(id))
      report({ invariant: 'T3', row: `purse ${id}`, detail: 'has postings and no row' });
  }
}

export async function checkPurses(
  books: Books,
  { replay, facts, report }: { replay: Replay; facts: Facts; report: Report },
): Promise<void> {
  const setAside = await checkSetAside(books, replay, report);
  const names = await pseudonyms(books);
  const cutoffSec = await overdueCutoffSec(books);
  const purses = { replay, facts, setAside, names, cutoffSec, report };
  for await (const purse of books.selectFrom('purse').selectAll().stream())
    await checkPurse(purse, purses);
  checkMissing(facts, replay, report);
}
