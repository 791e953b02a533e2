// @vitest-environment happy-dom
/** How requests reach a seller: through which tab, and what its page can make of that. */
import { beforeEach, expect, it, vi } from 'vitest';

interface FakeTab {
  readonly id: number;
  /** Undefined where the wallet is not let in. */
  readonly url: string | undefined;
  readonly incognito: boolean;
  readonly discarded?: boolean;
}

const ORIGIN = 'https://daily.example';
const URL_PAID = `${ORIGIN}/tides`;

let tabs: FakeTab[] = [];
/** The tabs that something was run in. */
let entered: number[] = [];

/** A browser whose tabs all show the document of this test. */
const browser = {
  runtime: { id: 'farthing' },
  tabs: {
    query: async () => tabs,
    async get(id: number) {
      const tab = tabs.find((it) => it.id === id);
      if (!tab) throw new Error('closed');
      return tab;
    },
  },
  permissions: { contains: async () => false },
  scripting: {
    async executeScript(about: {
      target: { tabId: number };
      func(request: unknown): Promise<unknown>;
      args: [unknown];
    }) {
      entered.push(about.target.tabId);
      return [{ result: await about.func(about.args[0]) }];
    },
  },
};
Object.assign(globalThis, { browser, chrome: browser });
const { send } = await import('../../../src/extension/send.ts');

const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  entered = [];
  vi.stubGlobal('fetch', fetched.mockReset());
  vi.stubGlobal('location', new URL(ORIGIN));
  return () => vi.unstubAllGlobals();
});

it('for no tab, they go out from one at that site, never a private or a sleeping one', async () => {
  tabs = [
    { id: 1, url: 'https://other.example/', incognito: false },
    { id: 2, url: `${ORIGIN}/`, incognito: true },
    { id: 3, url: `${ORIGIN}/`, incognito: false, discarded: true },
    { id: 4, url: `${ORIGIN}/reefs`, incognito: false },
  ];
  fetched.mockResolvedValue(new Response(null, { status: 204 }));
  await send(URL_PAID, { credentials: 'include' });
  expect(entered).toEqual([4]);
  tabs = tabs.slice(0, 3);
  await send(URL_PAID, { credentials: 'include' });
  expect(entered).toEqual([4]);
  expect(fetched.mock.lastCall?.[1]).toMatchObject({ credentials: 'omit' });
});

it('nothing waits in a tab that was taken elsewhere, closed, or is out of sight', async () => {
  tabs = [
    { id: 1, url: 'https://other.example/', incognito: false },
    { id: 2, url: undefined, incognito: false },
  ];
  fetched.mockImplementation(async () => new Response());
  for (const tabId of [1, 2, 3]) await send(URL_PAID, { credentials: 'include' }, tabId);
  expect(entered).toEqual([]);
  expect(fetched).toHaveBeenCalledTimes(3);
});

it('a page that forges the note of a forbidden request has it sent once', async () => {
  fetched.mockImplementation(async () => {
    const forged = Object.assign(new Event('securitypolicyviolation'), {
      disposition: 'enforce',
      blockedURI: URL_PAID,
    });
    document.dispatchEvent(forged);
    throw new TypeError('no answer');
  });
  tabs = [{ id: 4, url: `${ORIGIN}/`, incognito: false }];
  const sent = send(URL_PAID, { credentials: 'include' }, 4);
  await expect(sent).rejects.toThrow('no answer');
  expect(fetched).toHaveBeenCalledTimes(1);
});
