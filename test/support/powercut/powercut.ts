/**
 * Power cuts, out of what a program wrote: a disk keeps what was made sure to be on it, and of the
 * rest any part. No machine is switched off for it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What the writer is to do. */
export interface PowercutOrder {
  readonly file: string;
  /** Where it says what it has answered. */
  readonly answers: string;
  readonly issuer: string;
  readonly payto: string;
  readonly turns: number;
  /** Commits are not made sure to be on the disk. */
  readonly isCareless: boolean;
}

/** A write that was answered. */
export interface Answered {
  readonly id: string;
  readonly text: string;
}

/** One note of `record.c`. */
interface Step {
  readonly what: string;
  /** In a write where it begins, in a truncation the length that is left. */
  readonly at: number;
  /** The file's name. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** Disks cut a write at these. */
const SECTOR_BYTES = 512;

/** Runs `script` and answers every write of it to `folder`, in order. */
export function recordWrites(folder: string, script: string, order: PowercutOrder): Step[] {
  const library = join(folder, '..', 'record.so');
  if (!existsSync(library))
    execFileSync('cc', [
      ...['-shared', '-fPIC', '-O1', '-o', library],
      ...[join(import.meta.dirname, 'record.c'), '-ldl', '-lpthread'],
    ]);
  const log = join(folder, '..', `${basename(folder)}.log`);
  const env = { ...process.env, LD_PRELOAD: library, POWERCUT_FOLDER: folder, POWERCUT_LOG: log };
  const run = spawnSync(process.execPath, [script, JSON.stringify(order)], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (run.status !== 0) throw new Error(`the writer ended with ${run.status ?? run.signal}`);
  return readSteps(readFileSync(log));
}

function readSteps(log: Buffer): Step[] {
  const steps: Step[] = [];
  for (let place = 0; place < log.length; ) {
    const end = log.indexOf('\n', place);
    const [what = '', at, length, ...path] = log.toString('latin1', place, end).split(' ');
    const from = end + 1;
    place = from + (what === 'write' ? Number(length) : 0);
    const name = basename(path.join(' '));
    steps.push({ what, at: Number(at), name, bytes: log.subarray(from, place) });
  }
  return steps;
}

/** A file as it is on the disk, and what was done to it since that nobody has made sure of. */
interface DiskFile {
  /** Longer than the content, so that it need not be copied to grow. */
  kept: Buffer;
  length: number;
  loose: Step[];
}

function apply(file: DiskFile, { what, at, bytes }: Step): void {
  if (what === 'truncate') {
    file.kept.fill(0, Math.min(at, file.length));
    file.length = at;
    return;
  }
  const end = at + bytes.length;
  if (end > file.kept.length) {
    const grown = Buffer.alloc(2 * end);
    file.kept.copy(grown);
    file.kept = grown;
  }
  bytes.copy(file.kept, at);
  file.length = Math.max(file.length, end);
}

/** A part of a write, as a disk may have taken it: some sectors of it, and not others. */
function torn(step: Step, random: () => number): Step[] {
  if (step.what !== 'write') return random() < 0.5 ? [step] : [];
  const parts: Step[] = [];
  for (let from = 0; from < step.bytes.length; ) {
    const at = step.at + from;
    const until = from + SECTOR_BYTES - (at % SECTOR_BYTES);
    if (random() < 0.5) parts.push({ ...step, at, bytes: step.bytes.subarray(from, until) });
    from = until;
  }
  return parts;
}

/** Leaves in `folder` what a disk may hold when the power goes after so many steps. */
export function cutPower(
  steps: readonly Step[],
  { folder, random }: { readonly folder: string; readonly random: () => number },
): void {
  const files = new Map<string, DiskFile>();
  for (const step of steps) {
    const { what, name } = step;
    const file = files.get(name) ?? { kept: Buffer.alloc(0), length: 0, loose: [] };
    files.set(name, file);
    if (what === 'unlink') files.delete(name);
    else if (what === 'sync') for (const done of file.loose.splice(0)) apply(file, done);
    else file.loose.push(step);
  }
  mkdirSync(folder, { recursive: true });
  for (const [name, file] of files) {
    for (const part of file.loose.flatMap((step) => torn(step, random))) apply(file, part);
    writeFileSync(join(folder, name), file.kept.subarray(0, file.length));
  }
}

/** What had been answered by then: these were said, wherever they are on the disk. */
export function answeredBy(steps: readonly Step[], answers: string): Answered[] {
  const lines = steps.filter(({ what, name }) => what === 'write' && name === basename(answers));
  return lines.map(({ bytes }) => JSON.parse(bytes.toString()));
}
