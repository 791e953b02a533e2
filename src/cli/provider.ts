/** `farthing provider`: runs a wallet service until it is told to stop. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { FarthingError } from '../protocol/errors.ts';
import { publicAddress } from '../provider/databases/postgres.ts';
import { startProvider } from '../provider/main.ts';
import type { Command } from './main.ts';

const HELP = `Usage: farthing provider --data DIR [--port N] [--name NAME]
       farthing provider --database URL [--address ORIGIN] [--port N] [--name NAME]

Runs a wallet service with play money (a sandbox) until Ctrl-C.

  --data DIR        the folder that keeps the books; made when it is not there
  --database URL    postgres://USER@HOST/NAME, a database with nothing else in it; several
                    processes may share it. The password is better in PGPASSWORD
  --address ORIGIN  what readers and sellers call it, where a proxy stands before it
  --port N          where to listen; without it the books' own port, or any that is free
  --name NAME       what readers see
  --live            real money; not offered yet`;

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new FarthingError('option_invalid', '--port is a number from 0 to 65535');
}

/** Runs until SIGINT or SIGTERM. Exit 0; misuse and a folder or port that cannot be used are 2. */
export const provider: Command = async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      database: { type: 'string' },
      address: { type: 'string' },
      port: { type: 'string' },
      name: { type: 'string' },
      live: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const { data, database, address } = values;
  if ((data === undefined) === (database === undefined))
    throw new FarthingError('option_invalid', '--data or --database says where the books are');
  const running = await startProvider({
    ...(data === undefined ? {} : { dataDir: data }),
    ...(database === undefined ? {} : { database }),
    ...(address === undefined ? {} : { address }),
    port: readPort(values.port) ?? 0,
    mode: values.live ? 'live' : 'sandbox',
    ...(values.name === undefined ? {} : { name: values.name }),
    log: (line) => console.error(line),
  });
  console.log(`Wallet service (sandbox, play money) at ${running.issuer}`);
  if (address !== undefined) console.log(`It listens on port ${running.port}`);
  const books = database === undefined ? running.databaseFile : publicAddress(database);
  console.log(`Books: ${books} (Ctrl-C stops)`);
  const stop = new AbortController();
  await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal, stop)));
  stop.abort();
  await running.close();
  console.log('Stopped; the books are closed.');
  return 0;
};
