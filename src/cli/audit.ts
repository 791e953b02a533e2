/**
 * `farthing audit`: proves that the books of a wallet service balance, or names the row that
 * breaks.
 */
import { parseArgs } from 'node:util';
import { type AuditReport, auditDatabase } from '../provider/audit.ts';
import { findOneBooks } from './books.ts';
import type { Command } from './main.ts';
import { jsonText, units } from './units.ts';

const HELP = `Usage: farthing audit [--json] FILE|FOLDER|postgres://USER@HOST/NAME

Plays the journal of a wallet service again from its first entry and holds every row about money
against it. It may be run while the wallet service runs.

  --json   the same as JSON, with amounts in millionths of the currency

Exit 0: the books balance. Exit 1: they do not, and which row breaks what is named. Exit 2: misuse,
or no books that can be read.`;

/** The many accounts of one kind as one line. */
function totalsByKind(accounts: AuditReport['accounts']): string[] {
  const kindOf = (name: string) => {
    const parts = name.split(':');
    return `${parts[0]} ${parts.at(-1)}`;
  };
  const groups = Map.groupBy(accounts, ({ name }) => kindOf(name));
  return [...groups].map(([kind, members]) => {
    const sum = members.reduce((total, { balanceMicros }) => total + balanceMicros, 0n);
    return `  ${kind.padEnd(28)}${String(members.length).padStart(7)}${units(sum).padStart(20)}`;
  });
}

/** Only where there are some: most books have none. */
function pendingLines({ pendingRefunds }: AuditReport): string[] {
  if (pendingRefunds.length === 0) return [];
  const sum = pendingRefunds.reduce((total, { amountMicros }) => total + amountMicros, 0n);
  return [`${pendingRefunds.length} refunds wait for earnings: ${units(sum)} in all.`];
}

function table(report: AuditReport): string {
  const { holds, findings, transactions, accounts } = report;
  const head = `  ${'account'.padEnd(28)}${'number'.padStart(7)}${'balance'.padStart(20)}`;
  const verdict = holds
    ? `The books balance: ${transactions} journal entries, ${accounts.length} accounts.`
    : `The books do NOT balance: ${findings.length} findings in ${transactions} journal entries.`;
  const lines = findings.map(({ invariant, row, detail }) => `  ${invariant}  ${row}: ${detail}`);
  return [head, ...totalsByKind(accounts), '', verdict, ...lines, ...pendingLines(report)].join(
    '\n',
  );
}

/** Exit 0 only if the books balance, 1 if not, 2 for misuse. */
export const audit: Command = async (args) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const report = await auditDatabase(findOneBooks(positionals));
  console.log(values.json ? jsonText(report) : table(report));
  return report.holds ? 0 : 1;
};
