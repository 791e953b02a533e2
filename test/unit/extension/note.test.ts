// @vitest-environment happy-dom
/** The note in a page's corner, in the reader's language whatever the page's is. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CATALOGUES } from '../../../src/words/locales.ts';

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

/** What the script of the note draws where `2¢` was paid, in a browser of that language. */
async function noteIn(name: keyof typeof CATALOGUES): Promise<Element> {
  const reply = { amount: '2¢', seller: 'The Daily', canUndo: true };
  const runtime = { id: 'farthing', sendMessage: async () => reply };
  Object.assign(globalThis, { browser: { runtime } });
  const { speakIn } = await import('../../support/speak.ts');
  const { showNote } = await import('../../../src/extension/note.ts');
  speakIn(CATALOGUES[name], name);
  await showNote();
  const box = root?.firstElementChild;
  if (!box) throw new Error('there is no note');
  // Its status is there before what it says.
  await vi.waitUntil(() => box.querySelector('[role=status]')?.textContent);
  return box;
}

it.each([
  ['en', 'Paid 2¢ to The Daily', 'Undo'],
  ['de', '2¢ bezahlt an The Daily', 'Rückgängig'],
  ['es', '2¢ pagados a The Daily', 'Deshacer'],
  ['ar', 'دُفع \u20682¢\u2069 إلى The Daily', 'تراجع'],
] as const)('in %s', async (name, text, undo) => {
  const box = await noteIn(name);
  expect(box.querySelector('[role=status]')?.textContent).toBe(text);
  expect(box.querySelector('button')?.textContent).toBe(undo);
  expect(box.getAttribute('lang')).toBe(name);
  expect(box.getAttribute('dir')).toBe(name === 'ar' ? 'rtl' : 'ltr');
});
