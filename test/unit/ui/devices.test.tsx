// @vitest-environment happy-dom
/** The list of the reader's browsers. */
import { expect, it } from 'vitest';
import { device, safetyWith } from '../../screens/rows.ts';
import { begin, draw, shownText } from '../../support/screens.ts';

const { Devices } = await import('../../../src/ui/recovery/devices.tsx');

const DAY_MS = 86_400_000;

async function drawn(...devices: ReturnType<typeof device>[]) {
  const root = begin({});
  const nothing = () => undefined;
  const safety = safetyWith({ devices });
  await draw(root, <Devices safety={safety} busy={false} onName={nothing} onRevoke={nothing} />);
  return [...root.querySelectorAll('.device')].map((it) => ({
    name: shownText(it.querySelector('.device-name')),
    facts: shownText(it.querySelector('.soft')),
  }));
}

it('browsers that are called the same are numbered in the order in which they came', async () => {
  const name = 'Chrome on Linux';
  const [first, second, third, other] = await drawn(
    device({ kid: 'b', name, isThis: false, addedMs: 2 * DAY_MS }),
    device({ kid: 'a', name, addedMs: DAY_MS }),
    device({ kid: 'c', name: 'At work', isThis: false, addedMs: 3 * DAY_MS }),
    device({ kid: 'd', name, isThis: false, addedMs: 4 * DAY_MS, revokedMs: 5 * DAY_MS }),
  );
  expect([first?.name, second?.name, third?.name, other?.name]).toEqual([
    ...['Chrome on Linux · 2', 'Chrome on Linux · 1', 'At work', 'Chrome on Linux · 3'],
  ]);
});

it('the one that the reader sits at is marked, once', async () => {
  const [own, other] = await drawn(
    device({ kid: 'a', name: 'Chrome on Linux' }),
    device({ kid: 'b', name: '', isThis: false }),
  );
  expect(own?.facts).toMatch(/^this browser · since /);
  expect(other?.facts).toMatch(/^since /);
  const [nameless] = await drawn(device({ name: '' }));
  expect(nameless?.name).toBe('This browser');
  expect(nameless?.facts).toMatch(/^since /);
});
