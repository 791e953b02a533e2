/** A wallet service and a newspaper that is paid through it: what `npm start` runs. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Newspaper, startNewspaper } from '../demo/newspaper.ts';
import { FarthingError } from '../protocol/errors.ts';
import { type RunningProvider, startProvider } from '../provider/main.ts';
import { makeSecret } from '../seller/secret.ts';

const PROVIDER_PORT = 4010;
const NEWSPAPER_PORT = 4020;
const HANDLE = 'daily-courier';
const FIRST_PATH = '/articles/tides';
const NEWSPAPER_NAME = 'The Daily Courier';
/** Says one line to whoever started the program. */
export type Say = (line?: string) => void;

/** What is running, and how to end it. */
export interface World {
  readonly provider: RunningProvider;
  readonly newspaper: Newspaper;
  readonly dataDir: string;
  close(): Promise<void>;
}

/** A taken port is replaced by a free one, and said so. */
export async function onFreePort<T>(
  { name, port, say }: { name: string; port: number; say: Say },
  start: (port: number) => Promise<T>,
): Promise<T> {
  try {
    return await start(port);
  } catch (error) {
    const isTaken = error instanceof FarthingError && error.code === 'port_taken';
    if (!isTaken) throw error;
    say(`Port ${port} is taken; ${name} gets a free one.`);
    return start(0);
  }
}

/** The newspaper's secret: made once, kept readable by its owner alone. */
async function sellerSecret(folder: string): Promise<string> {
  const file = join(folder, 'secret');
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const secret = await makeSecret();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Whole or not at all: a secret cut short by a kill would lock the shop out of its account.
    await writeFile(`${file}.new`, `${secret}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
    return secret;
  }
}

/** Starts both on what is in `dataDir`, and registers the newspaper at the wallet service. */
export async function startWorld(dataDir: string, say: Say): Promise<World> {
  const books = join(dataDir, 'provider');
  // Paytos and certificates name the address, so a folder that was used before keeps its port.
  const wanted = existsSync(books) ? 0 : PROVIDER_PORT;
  // Its address is known when the newspaper is there, which names the wallet service's own.
  let firstPage: string | undefined;
  const about = { dataDir: books, firstPage: () => firstPage };
  const provider = await onFreePort({ name: 'the wallet service', port: wanted, say }, (port) =>
    startProvider({ port, ...about }),
  );
  const folder = join(dataDir, 'newspaper');
  const secret = await sellerSecret(folder);
  const payto = `${HANDLE}@${new URL(provider.issuer).host}`;
  const newspaper = await onFreePort({ name: 'the newspaper', port: NEWSPAPER_PORT, say }, (port) =>
    startNewspaper({ port, payto, secret, dataDir: folder, name: NEWSPAPER_NAME }),
  );
  await newspaper.seller.register({ name: NEWSPAPER_NAME, origins: [newspaper.origin] });
  firstPage = newspaper.origin + FIRST_PATH;
  const close = async () => {
    await newspaper.close();
    await provider.close();
  };
  return { provider, newspaper, dataDir, close };
}
