import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../../../src/provider/api/listeners.ts';

test('a request that comes before the service is ready is answered when it is', async () => {
  const listeners = await listen('127.0.0.1', 0);
  onTestFinished(() => listeners.close());
  const early = request({ port: listeners.port, headers: { Expect: '100-continue' } });
  early.flushHeaders();
  const answered = once(early, 'response');
  // Node says "continue" at the moment at which it hands the request over.
  await once(early, 'continue');
  early.end();
  listeners.serve((_, response) => response.writeHead(204).end());
  const [answer]: IncomingMessage[] = await answered;
  expect(answer?.statusCode).toBe(204);
  answer?.resume();
});
