/** Starts providers in processes of their own (`doomed-provider.ts`). */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import type { Send } from './account.ts';
import type { DoomOrder } from './doomed-provider.ts';
import { ISSUER } from './sandbox.ts';

const SCRIPT = new URL('./doomed-provider.ts', import.meta.url);

/** Starts a provider that will not outlive its order; answers the way to it, and its end. */
export async function startDoomed(order: Omit<DoomOrder, 'issuer'>) {
  const child = fork(SCRIPT, [JSON.stringify({ ...order, issuer: ISSUER })]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const [port] = await Promise.race([once(child, 'message'), ended]);
  const send: Send = (url, init) =>
    fetch(url.replace(ISSUER, `http://127.0.0.1:${port}`), { ...init, keepalive: false });
  return { send, ended };
}

/** A provider that nothing ends but the test. */
export function startProcess(file: string) {
  return startDoomed({ file, path: 'none', moment: 'asked' });
}
