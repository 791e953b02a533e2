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
  collect: {
    summary: 'hand in what a seller’s store has accumulated, for cron',
    load: async () => (await import('./collect.ts')).collect,
  },
  sales: {
    summary: 'add up what a shop has sold, by item, day or origin',
    load: async () => (await import('./sales.ts')).sales,
  },
  secret: {
    summary: 'make the secret of a seller (FEE_SECRET)',
    load: async () => (await import('./secret.ts')).secret,
  },
};

function usage(): string {
  const lines = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(10)}${summary}`,
  );
  const commands = lines.join('\n');
  return `Usage: farthing COMMAND [options]\n\n${commands}\n\nfarthing COMMAND --help says more.`;
}

async function main([name = '', ...args]: readonly string[]): Promise<number> {
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
    if (!(error instanceof FarthingError) && !isMisuse) throw error;
    const line = error instanceof FarthingError ? refusalLine(error) : error.message;
    console.error(`farthing ${name}: ${line}`);
    if (isMisuse) console.error(`See: farthing ${name} --help`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
