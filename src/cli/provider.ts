/** `farthing provider`: runs a wallet service until it is told to stop. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { FarthingError } from '../protocol/errors.ts';
import { startProvider } from '../provider/main.ts';
import type { Command } from './main.ts';

const HELP = `Usage: farthing provider --data DIR [--port N] [--name NAME]

Runs a wallet service with play money (a sandbox) until Ctrl-C.

  --data DIR    the folder that keeps the books; made when it is not there
  --port N      where to listen; without it the folder's own port, or any that is free
  --name NAME   what readers see
  --live        real money; not offered yet`;

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
  if (values.data === undefined)
    throw new FarthingError('option_invalid', '--data names the folder that keeps the books');
  const running = await startProvider({
    dataDir: values.data,
    port: readPort(values.port) ?? 0,
    mode: values.live ? 'live' : 'sandbox',
    ...(values.name === undefined ? {} : { name: values.name }),
    log: (line) => console.error(line),
  });
  console.log(`Wallet service (sandbox, play money) at ${running.issuer}`);
  console.log(`Books: ${running.databaseFile} (Ctrl-C stops)`);
  const stop = new AbortController();
  await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal, stop)));
  stop.abort();
  await running.close();
  console.log('Stopped; the books are closed.');
  return 0;
};
