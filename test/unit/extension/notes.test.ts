/** What is said on a page of what was paid there, and who may ask for it. */
import { expect, it } from 'vitest';
import type { Wallet } from '../../../src/wallet/wallet.ts';
import { payment } from '../../screens/rows.ts';
import { speakEnglish } from '../../support/speak.ts';

const PAID = payment({ undoUntilMs: Date.now() + 60_000 });
const HERE = { tabId: 7, url: PAID.url };
const ELSEWHERE = { tabId: 7, url: 'https://thedaily.example/reefs' };
const SITE = 'https://thedaily.example/*';
const OTHER_TAB = { tabId: 8, url: PAID.url };

let opened: string[] = [];
const browser = {
  runtime: { id: 'farthing', getURL: (path: string) => `wallet:${path}` },
  tabs: {
    get: async () => ({ url: PAID.url }),
    query: async ({ url }: { url: string }) => (url === SITE ? [{ id: 9 }] : []),
    create: async ({ url }: { url: string }) => void opened.push(url),
    onUpdated: { addListener: () => undefined, removeListener: () => undefined },
  },
  scripting: { executeScript: async () => [] },
};
Object.assign(globalThis, { browser, chrome: browser });
speakEnglish();
const { noteFor, reportNoted, sayOneClick, sayPaid, undoNoted } = await import(
  '../../../src/extension/notes.ts'
);
const { soonText } = await import('../../../src/words/days.ts');
const { FarthingError } = await import('../../../src/protocol/errors.ts');

const ONE_CLICK = { kind: 'one-click', itemMicros: '50000', dayMicros: '500000' };
const wallet = {
  show: async () => ({ kind: 'paid', payment: PAID }),
  undo: async () => {
    throw new FarthingError('undo_over', 'ten minutes');
  },
  rules: async () => [{ currency: 'USD', hosts: [{ host: 'thedaily.example', rule: ONE_CLICK }] }],
} as unknown as Wallet;
const wishes = { countNote: async () => 1 } as Parameters<typeof sayPaid>[0]['wishes'];

it('is told to the page that it opened, and to no other', async () => {
  const outcome = { kind: 'paid' } as Parameters<typeof sayPaid>[1];
  await sayPaid({ wallet, wishes }, outcome, { tabId: 7, url: 'https://thedaily.example/' });
  const seller = 'The Daily Courier';
  expect(noteFor(HERE)).toEqual({ shown: '2¢', said: '2 cents', seller, canUndo: true });
  expect(noteFor(ELSEWHERE)).toBeUndefined();
  expect(noteFor(OTHER_TAB)).toBeUndefined();
});

it('an undo that is refused there is reported in a page of the wallet’s own', async () => {
  expect(await undoNoted(wallet, HERE)).toEqual({ end: 'over' });
  await reportNoted(HERE);
  expect(opened).toEqual([`wallet:/page.html?report=${PAID.id}`]);
});

it('what is undone there is on its way back until a day, as the popup says', async () => {
  const backByMs = Date.now() + 9 * 86_400_000;
  const coming = { ...PAID, undo: 'granted', backByMs };
  const undoing = { undo: async () => undefined, view: async () => ({ latest: [coming] }) };
  const reply = await undoNoted(undoing as unknown as Wallet, HERE);
  expect(reply).toEqual({ end: 'coming', day: soonText(backByMs) });
});

it('no other page opens a report', async () => {
  opened = [];
  await reportNoted(ELSEWHERE);
  await reportNoted(OTHER_TAB);
  expect(opened).toEqual([]);
  expect(await undoNoted(wallet, ELSEWHERE)).toBeUndefined();
});

it('that a click pays from now on is told where the reader is, and is no payment', async () => {
  await sayOneClick(wallet, 'https://tunes.example/*');
  expect(noteFor({ tabId: 9, url: PAID.url })).toBeUndefined();
  await sayOneClick(wallet, SITE);
  const shown = 'One click pays on thedaily.example. Up to 5¢ each, 50¢ a day.';
  const said = 'One click pays on thedaily.example. Up to 5 cents each, 50 cents a day.';
  expect(noteFor({ tabId: 9, url: PAID.url })).toEqual({ shown, said, canUndo: false });
  expect(await undoNoted(wallet, { tabId: 9, url: PAID.url })).toBeUndefined();
});
