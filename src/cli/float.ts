/** `farthing float`: what money there is outside, whose it is, and what is left, day by day. */
import { parseArgs } from 'node:util';
import { type Float, leftMicros, readFloats } from '../provider/float.ts';
import { findOneBooks } from './books.ts';
import type { Command } from './main.ts';
import { jsonText, units } from './units.ts';

const HELP = `Usage: farthing float [--json] FILE|FOLDER|postgres://USER@HOST/NAME

What is at the card and the bank, what of it is owed to readers and sellers or on its way to them,
and what would be left of it: now, and on each of the last days. Starter credit is nobody's money.
What the card's side has kept for itself is not there any more ("processing costs" in the audit); it
is yours to put in: farthing payouts fund. It may be run while the wallet service runs.

  --json   the same as JSON, with amounts in millionths of the currency

Exit 0: all that is owed is there. Exit 1: it is not. Exit 2: misuse, or no books that can be
read.`;

const COLUMNS = ['outside', 'readers', 'sellers', 'on its way', 'left'] as const;
const WIDTH = 18;

function line(float: Float): string {
  const { outsideMicros, readersMicros, sellersMicros, transitMicros } = float;
  const amounts = [outsideMicros, readersMicros, sellersMicros, transitMicros, leftMicros(float)];
  const at = new Date(float.atSec * 1000).toISOString().slice(0, 16).replace('T', ' ');
  return `${at}  ${float.currency}${amounts.map((it) => units(it).padStart(WIDTH)).join('')}`;
}

function json(floats: readonly Float[]): string {
  return jsonText(floats.map((float) => ({ ...float, leftMicros: leftMicros(float) })));
}

/** Exit 0 if all that is owed is there now, 1 if it is not, 2 for misuse. */
export const float: Command = async (args) => {
  const options = { json: { type: 'boolean' }, help: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const nowSec = Math.floor(Date.now() / 1000);
  const floats = await readFloats(findOneBooks(positionals), nowSec);
  const head = `${'UTC'.padEnd(21)}${COLUMNS.map((name) => name.padStart(WIDTH)).join('')}`;
  console.log(values.json ? json(floats) : [head, ...floats.map(line)].join('\n'));
  const isCovered = floats.every((it) => it.atSec !== nowSec || leftMicros(it) >= 0n);
  return isCovered ? 0 : 1;
};
