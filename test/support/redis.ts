/** A Redis of its own for a test, by Debian's program: a write is on disk before it is answered. */
import { freePort, newFolder, startProgram, type TestServer } from './server.ts';

export async function startRedis(): Promise<TestServer> {
  const folder = await newFolder('redis');
  const port = await freePort();
  const where = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder];
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
  const program = {
    file: 'redis-server',
    args: [...where, ...durable],
    signal: 'SIGKILL',
  } as const;
  const running = await startProgram({ ...program, readyText: 'Ready to accept' }, folder);
  return { url: `redis://127.0.0.1:${port}`, ...running };
}
