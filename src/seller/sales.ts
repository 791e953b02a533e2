/**
 * Figures in a file: one line of JSON for each sale and each undo, only ever appended. They are not
 * the books: what is owed is what `collect` says. No line names a reader, since no figure needs it.
 */
import { closeSync, createReadStream, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { FarthingError } from '../protocol/errors.ts';
import { currencyMember, microsMember } from '../protocol/money.ts';
import { isTimestamp } from '../protocol/offer.ts';
import { originMember } from '../protocol/origin.ts';
import { paytoMember } from '../protocol/payto.ts';
import { isRecord, type Reader, readMembers, refuse, text } from '../protocol/shape.ts';
import type { SaleEvent, UndoEvent } from './options.ts';

/** Two of the options of `createSeller`. */
export interface SalesLog {
  readonly onSale: (sale: SaleEvent) => void;
  readonly onUndo: (undo: UndoEvent) => void;
}

/** A sale that was read, or its undo. */
export interface LoggedSale extends Omit<SaleEvent, 'reader'> {
  readonly kind: 'sale' | 'undo';
}

/** The undo of what was sold under the same reference, in whatever line. */
export interface BareUndo extends Pick<LoggedSale, 'amountMicros' | 'currency' | 'payto'> {
  readonly kind: 'bare undo';
  readonly reference: string;
}

/** A line of a file; `sale` is undefined where it cannot be read. */
export interface SalesLine {
  /** Counted from 1. */
  readonly number: number;
  readonly sale: LoggedSale | BareUndo | undefined;
}

const kindMember: Reader<LoggedSale['kind']> = (value) =>
  value === 'sale' || value === 'undo' ? value : refuse('neither sale nor undo');

const momentMember: Reader<number> = (value) =>
  typeof value === 'string' && isTimestamp(value)
    ? Math.floor(Date.parse(value) / 1000)
    : refuse('not a moment like 2030-01-31T12:00:00Z');

function formatSale(kind: LoggedSale['kind'], sale: UndoEvent): string {
  const { origin, item, amountMicros, currency, payto, reference, soldAtSec } = sale;
  const soldAt =
    soldAtSec === undefined
      ? undefined
      : new Date(soldAtSec * 1000).toISOString().replace('.000Z', 'Z');
  const amount = `${amountMicros}`;
  return JSON.stringify({ kind, soldAt, origin, item, amount, currency, payto, reference });
}

const MEMBERS = {
  kind: kindMember,
  amount: microsMember,
  currency: currencyMember,
  payto: paytoMember,
  reference: text(60),
};
const PAGE_MEMBERS = { soldAt: momentMember, origin: originMember, item: text(512) };

function readSale(line: string): LoggedSale | BareUndo | undefined {
  try {
    const said: unknown = JSON.parse(line);
    if (isRecord(said) && said.kind === 'undo' && said.item === undefined) {
      const { amount, ...undo } = readMembers(said, MEMBERS);
      return { ...undo, kind: 'bare undo', amountMicros: amount };
    }
    const { amount, soldAt, ...sale } = readMembers(said, { ...MEMBERS, ...PAGE_MEMBERS });
    return { ...sale, amountMicros: amount, soldAtSec: soldAt };
  } catch (error) {
    if (error instanceof FarthingError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether whoever wrote last was stopped in the middle of a line. */
function isTorn(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last.toString() !== '\n';
}

/**
 * One write at the file's end, which those of other processes do not mix with. The file is opened
 * for each line, so that it may be moved away meanwhile. Another process's line that is only now
 * arriving looks torn as well, since a file grows page by page: that leaves an empty line.
 */
function append(file: string, line: string): void {
  const descriptor = openSync(file, 'a+');
  try {
    const bytes = Buffer.from(`${isTorn(descriptor) ? '\n' : ''}${line}\n`);
    if (writeSync(descriptor, bytes) < bytes.length)
      throw new Error('a sale was written in part: the disk is full');
  } finally {
    closeSync(descriptor);
  }
}

function checkFile(file: string): void {
  try {
    closeSync(openSync(file, 'a+'));
  } catch (cause) {
    throw new FarthingError('option_invalid', `salesLog cannot write ${file}`, { cause });
  }
}

/**
 * Writes each sale and each undo to a file, which is made where it is missing (its folder is not).
 * Several processes may write to one file. A line is not waited for until it is on disk: a server
 * that loses its power may leave out the last ones.
 * @throws FarthingError `option_invalid` where the file cannot be written
 * @example createSeller({ payto, secret, store, ...salesLog('data/sales.jsonl') })
 */
export function salesLog(file: string): SalesLog {
  checkFile(file);
  return {
    onSale: (sale) => append(file, formatSale('sale', sale)),
    onUndo: (undo) => append(file, formatSale('undo', undo)),
  };
}

async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** Reads a file of `salesLog`, line by line. Empty lines say nothing and are passed over. */
export async function* readSales(file: string): AsyncGenerator<SalesLine> {
  let number = 0;
  for await (const line of linesOf(file)) {
    number += 1;
    if (line !== '') yield { number, sale: readSale(line) };
  }
}
