/** Shops of the published module (`dist/`), each in a run-time of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { installedPath } from './installs.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const SOURCES = join(import.meta.dirname, 'runtimes');
const SITES = join(ROOT, 'test/contracts/sites');

/** What a shop is told. */
export interface ShopOrder {
  readonly payto: string;
  readonly secret: string;
  /** What the provider's key server answers. */
  readonly keys: unknown;
  readonly nowMs: number;
}

export interface RuntimeShop {
  readonly origin: string;
  stop(): Promise<void>;
}

/** A folder into which a stranger has installed the package, and Hono beside it. */
export function installDist(folder: string): void {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  cpSync(join(ROOT, 'dist'), join(folder, 'node_modules/farthing'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules/hono'), join(folder, 'node_modules/hono'));
  for (const name of ['shop.js', 'node.js', 'site.js', 'serve.js'])
    cpSync(join(SOURCES, name), join(folder, name));
  for (const name of ['pages.ts', 'site.ts']) cpSync(join(SITES, name), join(folder, name));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
}

/** The module as one script without a word of Node's, which is how an edge worker gets it. */
async function bundleForEdge(folder: string): Promise<string> {
  const bundle = await rolldown({
    input: join(folder, 'shop.js'),
    cwd: folder,
    platform: 'neutral',
    resolve: { conditionNames: ['import', 'default'] },
  });
  const file = join(folder, 'edge.js');
  const format = { format: 'iife', name: 'shop', codeSplitting: false } as const;
  await bundle.write({ ...format, file });
  return file;
}

type Command = (script: string) => readonly string[];

/** The run-times that serve by themselves. */
const SERVERS: Record<string, Command> = {
  deno: (script) => [installedPath('runtimes', '@deno/linux-x64-glibc/deno'), 'run', '-A', script],
  bun: (script) => [installedPath('runtimes', '@oven/bun-linux-x64/bin/bun'), script],
};

/** The run-times that the module is for. */
export const RUNTIMES = ['node', ...Object.keys(SERVERS), 'edge'];
/** Those that have a server of their own for what speaks `Request` and `Response`. */
export const OWN_SERVERS = Object.keys(SERVERS);

/** Node's own server stands in front of a shop in Node and on the edge. */
async function commandFor(runtime: string, folder: string, script: string) {
  const command = SERVERS[runtime];
  if (command) return command(script);
  const scripts = runtime === 'edge' ? [await bundleForEdge(folder)] : [];
  return [process.execPath, 'node.js', ...scripts];
}

async function portOf(child: ChildProcess): Promise<number> {
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += chunk;
    if (said.includes('\n')) return Number(said);
  }
  throw new Error(`the shop ended before it served: ${said}`);
}

/** Starts a shop in `runtime`, of what is installed in `folder`; or the site of a contract. */
export async function startRuntimeShop(
  runtime: string,
  folder: string,
  { script = 'shop.js', ...order }: ShopOrder & { readonly script?: string },
): Promise<RuntimeShop> {
  const [program = '', ...args] = await commandFor(runtime, folder, script);
  const env = { ...process.env, SHOP: JSON.stringify(order) };
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const failed = once(child, 'error').then(([error]) => Promise.reject(error));
  const port = await Promise.race([portOf(child), failed]);
  const stop = async () => {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };
  return { origin: `http://127.0.0.1:${port}`, stop };
}
