/**
 * What a charge costs a seller, as a ratio to one bare signature check in the same run, and what
 * detection costs a page, beside a bare walk over it, how soon the wallet's screens can be used,
 * beside an empty one, and a click that pays is on its way, beside a free one, and how many purses
 * and collections a provider does, beside the bare statements: tables for people, then one line of
 * JSON.
 * Nothing is asserted; machines differ, and so do minutes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryStore } from '../../src/seller/index.ts';
import { sqliteStore } from '../../src/seller/stores/sqlite.ts';
import { isInstalled } from '../support/installs.ts';
import { bareCheck, chargesAtOnce, firstCharge, receiptSignature, wholeCharge } from './charges.ts';
import { printClicks, timeClicks } from './clicks.ts';
import { type DetectionTiming, timeDetection } from './detection.ts';
import { timeHttp } from './http.ts';
import { printLedger, timeLedger } from './ledger.ts';
import { measureMemory } from './memory.ts';
import { type Timed, type Timing, timeRounds } from './rounds.ts';
import { type ScreenTiming, timeScreens } from './screens.ts';

const OPTIONS = { rounds: 15, calls: 100 };
const AT_ONCE = 32;
const WHOLE = 'a charge, verified, receipt signed (memory)';

function lessSignature(timings: readonly Timing[], signature: string): Timing {
  const find = (name: string) => timings.find((timing) => timing.name === name);
  const [whole, own] = [find(WHOLE), find(signature)];
  if (!whole || !own) throw new TypeError('both were timed');
  return {
    name: 'the same less the signature of its receipt',
    medianUs: whole.medianUs - own.medianUs,
    ratio: whole.ratio - own.ratio,
  };
}

async function peerThings(): Promise<Timed[]> {
  if (isInstalled('mppx')) return [await (await import('./peer.ts')).peerCharge()];
  console.log('mppx is not installed: `npm ci` in test/support/mppx, and it is timed as well.\n');
  return [];
}

function print(timings: readonly Timing[]): void {
  for (const { name, medianUs, ratio } of timings)
    console.log(`${ratio.toFixed(2).padStart(6)} × ${medianUs.toFixed(0).padStart(6)} µs  ${name}`);
}

function printDetection(timings: readonly DetectionTiming[]): void {
  console.log('\nWhat detection costs a page (a bare walk over the same nodes = 1)');
  for (const { nodes, links, walkMs, detectionMs, ratio } of timings)
    console.log(
      `${ratio.toFixed(2).padStart(6)} × ${walkMs.toFixed(1).padStart(6)} ms  ` +
        `${nodes} nodes with ${links} fee links: ${detectionMs.toFixed(1)} ms`,
    );
}

function printScreens(timings: readonly ScreenTiming[]): void {
  console.log('\nHow soon a screen can be used (an empty page of the same extension = 1)');
  for (const { name, entries, worker, emptyMs, usableMs, ratio } of timings)
    console.log(
      `${ratio.toFixed(2).padStart(6)} × ${emptyMs.toFixed(1).padStart(6)} ms  ` +
        `${name} with ${entries} entries, worker ${worker}: ${usableMs.toFixed(0)} ms`,
    );
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'farthing-bench-'));
  const files = ['one', 'many'].map((name) => sqliteStore(join(folder, `${name}.sqlite`)));
  const [one = memoryStore(), many = memoryStore()] = files;
  const signature = await receiptSignature();
  const memory = memoryStore();
  const things = [
    await bareCheck(),
    await wholeCharge(WHOLE),
    signature,
    firstCharge('the first of a purse, its certificate checked too (memory)'),
    await chargesAtOnce(`${AT_ONCE} purses at once (memory)`, { store: memory, charges: AT_ONCE }),
    await wholeCharge('one after the other (SQLite, each on disk)', one),
    await chargesAtOnce(`${AT_ONCE} purses at once (SQLite)`, { store: many, charges: AT_ONCE }),
    ...(await peerThings()),
  ];
  const atOnce = things.filter(({ charges }) => charges !== undefined);
  const single = things.filter((thing) => !atOnce.includes(thing));
  const timings = [
    ...(await timeRounds(single, OPTIONS)),
    ...(await timeRounds([...things.slice(0, 1), ...atOnce], { rounds: 7, calls: 8 })).slice(1),
  ];
  const http = await timeHttp('over HTTP: CPU of a paid page less that of the same page free');
  const all = [...timings, lessSignature(timings, signature.name), http];
  print(all);
  const detection = await timeDetection();
  printDetection(detection);
  const screens = await timeScreens();
  printScreens(screens);
  const clicks = await timeClicks();
  printClicks(clicks);
  const ledger = await timeLedger();
  printLedger(ledger);
  const machine = { node: process.version, cpu: cpus()[0]?.model, cpus: cpus().length };
  console.log(`\n${JSON.stringify({ machine, timings: all, detection, screens, clicks, ledger })}`);
  for (const file of files) file.close();
  rmSync(folder, { recursive: true });
}

/** What can be measured by itself. */
const ALONE: Record<string, () => Promise<void>> = {
  memory: measureMemory,
  clicks: async () => printClicks(await timeClicks()),
  ledger: async () => printLedger(await timeLedger()),
};

await (ALONE[process.argv[2] ?? ''] ?? main)();
