/** A PostgreSQL of its own for a test, by Debian's programs. */
import { execFile } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, newFolder, startProgram, type TestServer } from './server.ts';

const run = promisify(execFile);

/** Where Debian's package has its programs: off the PATH. */
export const POSTGRES_FOLDER = '/usr/lib/postgresql/15/bin';
const USER = 'farthing';

/** The server refuses to be run by root: the package's own user does it then, and rules over it. */
export async function serverUser() {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await idOf('-u'), gid: await idOf('-g') };
}

/**
 * Starts one; `settings` are those of its configuration file, as `name=value`, and `making` how it
 * is made.
 */
export async function startPostgres(
  settings: readonly string[] = [],
  making: readonly string[] = [],
): Promise<TestServer> {
  const folder = await newFolder('postgres');
  const user = await serverUser();
  if (user) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const init = ['-D', data, '-A', 'trust', '-U', USER, '--no-sync', '-E', 'UTF8'];
  await run(join(POSTGRES_FOLDER, 'initdb'), [...init, '--locale=C.UTF-8', ...making], {
    ...user,
    cwd: folder,
  });
  const port = await freePort();
  const args = ['-D', data, '-p', `${port}`, '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
  for (const setting of settings) args.push('-c', setting);
  const program = { file: join(POSTGRES_FOLDER, 'postgres'), args, signal: 'SIGQUIT' } as const;
  const readyText = 'ready to accept connections';
  const running = await startProgram({ ...program, ...(user && { user }), readyText }, folder);
  return { url: `postgres://${USER}@127.0.0.1:${port}/postgres`, ...running };
}
