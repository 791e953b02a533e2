#!/usr/bin/env node
/** The one `farthing` command: finds the subcommand, loads its file and nothing else. */
import { FarthingError } from '../protocol/errors.ts';
import { refusalLine } from '../protocol/problem.ts';

/** A subcommand: reads its own arguments, answers the exit code. */
export type Command = (args: readonly string[]) => Promise<number>;

const COMMANDS: Record<string, { summary: string; load: () => Promise<Command> }> = {
  demo: {
    summary: 'start a wallet service and a newspaper, and buy an article in a browser',
    load: async () => (await import('./demo.ts')).demo,
  },
  provider: {
    summary: 'run a wallet service (sandbox money)',
    load: async () => (await import('./provider.ts')).provider,
  },
  audit: {
    summary: 'prove that the books of a wallet service balance',
    load: async () => (await import('./audit.ts')).audit,
  },
  float: {
    summary: 'say what money there is outside, whose it is, and what is left',
    load: async () => (await import('./float.ts')).float,
  },
  payouts: {
    summary: 'list what sellers were paid, and say what the bank did with it',
    load: async () => (await import('./payouts.ts')).payouts,
  },
  withdrawals: {
    summary: 'list what readers want back and cards have not got, and give it up',
    load: async () => (await import('./withdrawals.ts')).withdrawals,
  },
  keys: {
    summary: 'list the keys that a wallet service signs with, change them, take a stolen one back',
    load: async () => (await import('./keys.ts')).keys,
  },
  collect: {
    summary: 'hand in what a seller’s store has accumulated, for cron',
    load: async () => (await import('./collect.ts')).collect,
  },
  sales: {
    summary: 'add up what a shop has sold, by item, day or origin',
    load: async () => (await import('./sales.ts')).sales,
  },
  earnings: {
    summary: 'say what a seller has earned and was paid, and what its next payout waits for',
    load: async () => (await import('./till.ts')).earnings,
  },
  bank: {
    summary: 'say to which bank account a seller is paid',
    load: async () => (await import('./till.ts')).bank,
  },
  secret: {
    summary: 'make the secret of a seller (FEE_SECRET)',
    load: async () => (await import('./secret.ts')).secret,
  },
};

function usage(): string {
  const lines = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(13)}${summary}`,
  );
  const commands = lines.join('\n');
  return `Usage: farthing COMMAND [options]\n\n${commands}\n\nfarthing COMMAND --help says more.`;
}

/** SQLite's numbers for a lock, a read-only, unreadable, damaged, full or unopened file. */
const SQLITE_OF_MACHINE = [5, 8, 10, 11, 13, 14];

/**
 * PostgreSQL's for what this user may not do, a server that is only read from, and, by class, no
 * room, no connection, a server that stops, or one whose disk fails.
 */
const POSTGRES_OF_MACHINE = /^(?:42501|25006|(?:08|53|57|58).{3})$/;

/**
 * What the machine refuses, such as a file of somebody else's, a damaged one or a full disk: its
 * own words say what, and where in the program it was met helps nobody.
 */
function isOfMachine(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if ('severity' in error && 'code' in error) return POSTGRES_OF_MACHINE.test(String(error.code));
  if (!('errcode' in error)) return 'syscall' in error;
  return SQLITE_OF_MACHINE.includes(Number(error.errcode) & 0xff);
}

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  if (name === 'help' && args[0] !== undefined) return main([args[0], '--help']);
  if (name === '' || name === '--help' || name === 'help') {
    console.log(usage());
    return name === '' ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    console.error(`farthing: there is no command "${name}"\n\n${usage()}`);
    return 2;
  }
  try {
    const run = await command.load();
    return await run(args);
  } catch (error) {
    const isMisuse = error instanceof TypeError && 'code' in error;
    if (!(error instanceof FarthingError) && !isMisuse && !isOfMachine(error)) throw error;
    const line = error instanceof FarthingError ? refusalLine(error) : error.message;
    console.error(`farthing ${name}: ${line}`);
    if (isMisuse) console.error(`See: farthing ${name} --help`);
    return 2;
  }
}

// Who reads on no longer, such as `head`, ends no service and no command.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await main(process.argv.slice(2));
