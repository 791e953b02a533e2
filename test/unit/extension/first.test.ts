import { afterEach, describe, expect, test } from 'vitest';
import { askFirst, takeAsked } from '../../../src/extension/first.ts';
import type { OwnMessage } from '../../../src/extension/messages.ts';

/** A browser that notes what it is asked, and tells of changes when the test says so. */
function makeBrowser() {
  const sent: OwnMessage[] = [];
  let hear: () => undefined = () => undefined;
  return {
    sent,
    change: () => hear(),
    runtime: {
      sendMessage: async (message: object) => {
        sent.push(message as OwnMessage);
        return `answer ${sent.length}`;
      },
      onMessage: {
        addListener: (listener: () => undefined) => {
          hear = listener;
        },
      },
    },
    tabs: { query: async () => [{ id: 7 }] },
  };
}

const STATE = { from: 'screen', type: 'state', tabId: 7 };

afterEach(() => {
  globalThis.farthingAsked = undefined;
});

describe('what a screen shows first', () => {
  test('is asked for the tab that the popup was opened over, and taken once', async () => {
    const browser = makeBrowser();
    await askFirst({ pathname: '/popup.html', search: '' }, browser);
    expect(browser.sent).toEqual([STATE]);
    expect(await takeAsked({ ...STATE })).toBe('answer 1');
    expect(takeAsked({ ...STATE })).toBeUndefined();
  });

  test('is asked for the tab that the address names', async () => {
    const browser = makeBrowser();
    await askFirst({ pathname: '/popup.html', search: '?tab=3' }, browser);
    expect(browser.sent).toEqual([{ ...STATE, tabId: 3 }]);
    expect(takeAsked(STATE)).toBeUndefined();
  });

  test('is the history and what the months came to, as the page asks for them', async () => {
    const browser = makeBrowser();
    await askFirst({ pathname: '/page.html', search: '' }, browser);
    const history = { from: 'screen', type: 'history', after: undefined };
    const spending = { from: 'screen', type: 'spending', month: undefined };
    for (const message of [{ ...STATE, tabId: undefined }, history, spending])
      expect(await takeAsked(message)).toMatch(/^answer \d$/);
    expect(browser.sent).toHaveLength(3);
  });

  test('is only the wallet where the address asks for something else', async () => {
    const browser = makeBrowser();
    await askFirst({ pathname: '/page.html', search: '?month=2026-10' }, browser);
    expect(browser.sent.map(({ type }) => type)).toEqual(['state']);
  });

  test('is worth nothing once something has changed', async () => {
    const browser = makeBrowser();
    await askFirst({ pathname: '/popup.html', search: '' }, browser);
    browser.change();
    expect(takeAsked(STATE)).toBeUndefined();
  });

  test('is asked again by whoever finds that it failed', async () => {
    const browser = makeBrowser();
    browser.runtime.sendMessage = () => Promise.reject(new Error('the worker was stopped'));
    await askFirst({ pathname: '/popup.html', search: '' }, browser);
    await expect(takeAsked(STATE)).rejects.toThrow('stopped');
    expect(takeAsked(STATE)).toBeUndefined();
  });
});
