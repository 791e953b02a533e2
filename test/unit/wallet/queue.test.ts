import { expect, it } from 'vitest';
import { createQueue } from '../../../src/wallet/queue.ts';

function gate() {
  let open = () => {};
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { closed, open };
}

it('one key runs one after the other, in order; another key does not wait', async () => {
  const queue = createQueue();
  const seen: string[] = [];
  const first = gate();
  const a = queue('a', async () => {
    await first.closed;
    seen.push('a1');
  });
  const b = queue('a', async () => void seen.push('a2'));
  await queue('b', async () => void seen.push('b1'));
  first.open();
  await Promise.all([a, b]);
  expect(seen).toEqual(['b1', 'a1', 'a2']);
});

it('what fails does not stop what waits behind it', async () => {
  const queue = createQueue();
  const failing = queue('a', () => Promise.reject(new Error('no')));
  const next = queue('a', async () => 'yes');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});
