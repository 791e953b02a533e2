/** `npm start`, as somebody who has just installed it types it. */
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/sandbox.ts';

const ROOT = resolve(import.meta.dirname, '../..');

function run(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((done, failed) => {
    // The build that is there is in use.
    const env = { ...process.env, FARTHING_OUTPUT: temporaryFolder() };
    const child = spawn('npm', ['start', '--silent', '--', ...args], { cwd: ROOT, env });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', failed);
    child.on('close', (code) => done({ code, output }));
  });
}

/** Takes a port, so that it is taken; where somebody else has it already, it is. */
async function takePort(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((taken) => {
    server.once('error', () => taken());
    server.listen(port, '127.0.0.1', taken);
  });
  return server;
}

it('--once buys an article in a real browser and ends well, its port taken or not', async () => {
  const server = await takePort(4010);
  onTestFinished(() => void server.close());
  const { code, output } = await run(['--once']);
  expect(output).toContain('Port 4010 is taken; the wallet service gets a free one.');
  const where = /^Newspaper +http:\S+\nWallet service +http:\S+ \(Farthing sandbox, play money\)$/m;
  expect(output.slice(0, output.indexOf('The extension is built'))).toMatch(where);
  expect(output).toContain('The article opens: "How tides work"');
  expect(output).toMatch(/receipt \S{22}\.1: 2¢ of 2¢ in all/);
  expect(output).toContain('2¢ collected');
  expect(output).toMatch(/credit +5¢ {2}purse:/);
  expect(output).toContain('The books balance.');
  expect(code).toBe(0);
});

it('--help says what can be asked for, and a misspelt option what is wrong', async () => {
  expect(await run(['--help'])).toMatchObject({ code: 0 });
  const { code, output } = await run(['--onec']);
  expect(code).toBe(2);
  expect(output).toContain("Unknown option '--onec'");
});
