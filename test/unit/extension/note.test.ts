// @vitest-environment happy-dom
/** The note in a page's corner, in the reader's language whatever the page's is. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { NoteReply, UndoReply } from '../../../src/extension/messages.ts';
import { CATALOGUES } from '../../../src/words/locales.ts';
import { PATIENCE } from '../../support/patience.ts';

/** A closed root is handed to whoever makes it, and to nobody else. */
let root: ShadowRoot | undefined;
const attach = Element.prototype.attachShadow;

beforeEach(() => {
  document.documentElement.lang = 'fr';
  Element.prototype.attachShadow = function attachShadow(init) {
    root = attach.call(this, init);
    return root;
  };
});

afterEach(() => {
  Element.prototype.attachShadow = attach;
});

/** What was asked of the wallet, and what becomes of an undo. */
let asked: string[] = [];
let undone: UndoReply;
let note: NoteReply;
const NOTE = { shown: '2¢', said: 'two cents', seller: 'The Daily', canUndo: true };

async function sendMessage({ type }: { readonly type: string }) {
  asked.push(type);
  return type === 'note' ? note : undone;
}
Object.assign(globalThis, { browser: { runtime: { id: 'farthing', sendMessage } } });

/** What the script of the note draws where `2¢` was paid, in a browser of that language. */
async function noteIn(
  name: keyof typeof CATALOGUES,
  { end = 'back', ...rest }: Partial<UndoReply> = {},
  said: NoteReply = NOTE,
) {
  asked = [];
  note = said;
  undone = { end, ...rest };
  const { speakIn } = await import('../../support/speak.ts');
  const { showNote } = await import('../../../src/extension/note.ts');
  speakIn(CATALOGUES[name], name);
  await showNote();
  const box = root?.firstElementChild;
  if (!box) throw new Error('there is no note');
  // Its status is there before what it says.
  await vi.waitUntil(() => box.querySelector('[role=status]')?.textContent, PATIENCE);
  return box;
}

/** The words of its status, without those for the eye alone or those for the ear. */
function statusOf(box: Element, without: string): string {
  const copy = box.querySelector('[role=status]')?.cloneNode(true) as Element;
  for (const it of copy.querySelectorAll(without)) it.remove();
  return copy.textContent ?? '';
}

const shownIn = (box: Element) => statusOf(box, '[aria-hidden] + *');
const saidIn = (box: Element) => statusOf(box, '[aria-hidden]');

/** Presses a button as only a reader can. */
function press(box: Element, words: string): void {
  const button = [...box.querySelectorAll('button')].find((it) => it.textContent === words);
  const event = new MouseEvent('click');
  Object.defineProperty(event, 'isTrusted', { value: true });
  button?.dispatchEvent(event);
}

it.each([
  ['en', 'Paid 2¢ to The Daily', 'Undo'],
  ['de', '2¢ bezahlt an The Daily', 'Rückgängig'],
  ['es', '2¢ pagados a The Daily', 'Deshacer'],
  ['ar', 'دُفع \u20682¢\u2069 إلى The Daily', 'تراجع'],
] as const)('in %s', async (name, text, undo) => {
  const box = await noteIn(name);
  expect(shownIn(box)).toBe(text);
  expect(box.querySelector('button')?.textContent).toBe(undo);
  expect(box.getAttribute('lang')).toBe(name);
  expect(box.getAttribute('dir')).toBe(name === 'ar' ? 'rtl' : 'ltr');
});

it('the amount is read out in words', async () => {
  const box = await noteIn('en');
  expect(saidIn(box)).toBe('Paid two cents to The Daily');
  press(box, 'Undo');
  await expect.poll(() => saidIn(box)).toBe('two cents is back.');
  expect(shownIn(box)).toBe('2¢ is back.');
});

it.each([
  [{ end: 'coming', day: 'Dec 10' }, '2¢ is on its way back, and here by Dec 10.'],
  [{ end: 'coming' }, '2¢ is on its way back.'],
] as const)('says by when the money is back, where that is known: %j', async (reply, words) => {
  const box = await noteIn('en', reply);
  press(box, 'Undo');
  await expect.poll(() => shownIn(box)).toBe(words);
});

it.each([
  ['over', 'The time to undo is over.'],
  ['quota', 'You have used your 5 undos this week.'],
] as const)('where an undo is refused (%s) a problem can be reported', async (end, words) => {
  const box = await noteIn('en', { end });
  press(box, 'Undo');
  await expect.poll(() => shownIn(box)).toBe(words);
  press(box, 'Report a problem');
  expect(asked).toEqual(['note', 'undo-note', 'report-note']);
});

it('where it was not refused there is nothing to report', async () => {
  const box = await noteIn('en', { end: 'unclear' });
  press(box, 'Undo');
  await expect.poll(() => shownIn(box)).toContain('does not answer');
  expect([...box.querySelectorAll('button')].map((it) => it.textContent)).toEqual(['✕']);
});

it('where nobody was paid it is a text of its own, and nothing can be undone', async () => {
  const text = { shown: 'Up to 5¢ each.', said: 'Up to 5 cents each.', canUndo: false };
  const box = await noteIn('en', {}, text);
  expect(shownIn(box)).toBe(text.shown);
  expect(saidIn(box)).toBe(text.said);
  expect([...box.querySelectorAll('button')].map((it) => it.textContent)).toEqual(['✕']);
});
