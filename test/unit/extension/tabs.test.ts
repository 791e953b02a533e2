import { beforeEach, expect, test, vi } from 'vitest';
import { showAsk } from '../../../src/extension/tabs.ts';

/** What was opened, in order. */
let opened: unknown[] = [];
let canOpenPopup = true;

vi.mock('webextension-polyfill', () => ({
  default: {
    tabs: { get: async (id: number) => ({ active: id === 1, windowId: 9 }) },
    action: {
      openPopup: async (about: object) => {
        if (!canOpenPopup) throw new Error('no window to open it in');
        opened.push(about);
      },
    },
    windows: { create: async ({ url }: { url: string }) => opened.push(url) },
    runtime: { getURL: (path: string) => `extension:/${path}` },
  },
}));

beforeEach(() => {
  opened = [];
  canOpenPopup = true;
});

test('a question opens over the tab that it is about', async () => {
  await showAsk(1);
  expect(opened).toEqual([{ windowId: 9 }]);
});

test('where no popup opens it has a window of its own', async () => {
  canOpenPopup = false;
  await showAsk(1);
  expect(opened).toEqual(['extension://popup.html?tab=1']);
});

test('over a tab that the reader has left nothing opens', async () => {
  await showAsk(2);
  expect(opened).toEqual([]);
});
