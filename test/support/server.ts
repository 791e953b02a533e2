/** A program of somebody else that serves on a spare port while a test runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
  /** Ends it at once, and starts it again on what it has on the disk. */
  restart(): Promise<void>;
}

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** Who runs it, where it must not be root. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** What it writes when it can be spoken to. */
  readonly readyText: string;
  /** Ends it at once. */
  readonly signal: NodeJS.Signals;
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export function newFolder(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `farthing-${name}-`));
}

/** Starts a program once; the answer ends it. */
async function run(program: Program, folder: string): Promise<() => Promise<void>> {
  const { file, args, user, readyText, signal } = program;
  const child = spawn(file, args, { ...user, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const kill = () => child.kill(signal);
  process.once('exit', kill);
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface(stream).on('line', (line) => {
        said.push(line);
        if (line.includes(readyText)) resolve();
      });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`${file} ended: ${said.join('\n')}`)));
  });
  return async () => {
    kill();
    await ended;
    process.off('exit', kill);
  };
}

/** Starts a program; `stop` removes its `folder`. */
export async function startProgram(
  program: Program,
  folder: string,
): Promise<Omit<TestServer, 'url'>> {
  let end = await run(program, folder);
  return {
    stop: async () => {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
    restart: async () => {
      await end();
      end = await run(program, folder);
    },
  };
}
