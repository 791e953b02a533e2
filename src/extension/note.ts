/**
 * The note in the page's corner (screens.md 2.4): in a closed shadow root, for eight seconds, and
 * longer under pointer or focus, which it never takes. Styles are set one by one, since a page's
 * own rules may allow no style sheet.
 */
import { browser } from 'wxt/browser';
import { direction, language, say, sayAround } from '../words/say.ts';
import type { NoteReply, PageMessage, UndoReply } from './messages.ts';

const SHOWN_MS = 8000;

/** No rule of the page's counts for it. */
const HOST =
  'all: initial !important; position: fixed !important; z-index: 2147483647 !important; ' +
  'inset-block-end: 16px !important; inset-inline-end: 16px !important; ' +
  'color-scheme: light dark !important; max-width: calc(100vw - 32px) !important;';
const BOX =
  'display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; box-sizing: border-box; ' +
  'padding: 10px 10px 10px 16px; border: 1px solid light-dark(#dcd8ce, #3a3d40); ' +
  'border-radius: 10px; background: light-dark(#fff, #222426); ' +
  'color: light-dark(#1d1c19, #eeece6); ' +
  'box-shadow: 0 2px 16px rgb(0 0 0 / 0.22); ' +
  'font: 15px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
const BUTTON =
  'min-height: 32px; min-width: 32px; padding: 2px 10px; border-radius: 8px; cursor: pointer; ' +
  'border: 1px solid light-dark(#dcd8ce, #4a4e52); background: none; font: inherit; color: inherit';

function button(label: string, onPress: () => void): HTMLButtonElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.textContent = label;
  element.style.cssText = BUTTON;
  element.addEventListener('click', (event) => event.isTrusted && onPress());
  return element;
}

function tell(message: PageMessage): Promise<unknown> {
  // A stopped worker is asked once more, which wakes it.
  return browser.runtime.sendMessage(message).catch(() => browser.runtime.sendMessage(message));
}

/** Removes `host` when it was in nobody's way long enough. */
function leaveSoon(host: HTMLElement): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const stop = () => clearTimeout(timer);
  const start = () => {
    stop();
    timer = setTimeout(() => host.remove(), SHOWN_MS);
  };
  for (const event of ['mouseenter', 'focusin']) host.addEventListener(event, stop);
  for (const event of ['mouseleave', 'focusout']) host.addEventListener(event, start);
  start();
  return start;
}

type Paid = Pick<NoteReply, 'shown' | 'said'>;

/** Apart from the words around it, which may run the other way. */
function apart(words: string): HTMLElement {
  const element = document.createElement('bdi');
  element.textContent = words;
  return element;
}

/** For the ear alone. */
const UNSEEN =
  'position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); ' +
  'white-space: nowrap';

/** Words with an amount in them: shown with its signs, read out in words. */
function strong(words: (amount: string) => string, paid: Paid): HTMLElement {
  const [shown, heard] = [apart(words(paid.shown)), apart(words(paid.said))];
  shown.setAttribute('aria-hidden', 'true');
  shown.style.cssText = 'font-weight: 650';
  heard.style.cssText = UNSEEN;
  const both = document.createElement('span');
  both.append(shown, heard);
  return both;
}

/** What is said of an undo. */
function endOf({ end, day }: UndoReply, paid: Paid): (string | HTMLElement)[] {
  switch (end) {
    case 'back':
      return sayAround('noteBack', { amount: strong(String, paid) });
    case 'coming':
      return day === undefined
        ? sayAround('noteComing', { amount: strong(String, paid) })
        : sayAround('comingBy', { amount: strong(String, paid), day: apart(day) });
    case 'over':
      return [say('reason_undo_over')];
    case 'quota':
      return [say('reason_undo_quota')];
    case 'unclear':
      return [say('noteUnclear')];
  }
}

/** Nobody knows how it went. */
const NO_REPLY: UndoReply = { end: 'unclear' };

function show({ seller, canUndo, ...paid }: NoteReply): void {
  const host = document.createElement('div');
  // The page's own language and direction may be others.
  host.style.cssText = `${HOST} direction: ${direction()} !important`;
  const root = host.attachShadow({ mode: 'closed' });
  const box = document.createElement('div');
  box.lang = language();
  box.dir = direction();
  box.style.cssText = BOX;
  const words = document.createElement('div');
  words.setAttribute('role', 'status');
  words.style.cssText = 'flex: 1 1 auto; overflow-wrap: anywhere';
  const leave = leaveSoon(host);

  async function undo(): Promise<void> {
    undoButton.setAttribute('aria-disabled', 'true');
    undoButton.textContent = say('noteUndoing');
    const told = (await tell({ from: 'page', type: 'undo-note' })) as UndoReply | undefined;
    const reply = told ?? NO_REPLY;
    words.replaceChildren(...endOf(reply, paid));
    if (reply.end === 'over' || reply.end === 'quota') words.after(button(say('report'), report));
    // What had the focus goes: it stays inside, where the reader is.
    if (root.activeElement === undoButton) closeButton.focus();
    undoButton.remove();
    leave();
  }

  function report(): void {
    void tell({ from: 'page', type: 'report-note' });
    host.remove();
  }

  const undoButton = button(say('undo'), () => void undo());
  const closeButton = button('✕', () => host.remove());
  closeButton.setAttribute('aria-label', say('close'));
  closeButton.style.borderColor = 'transparent';
  box.append(words, ...(canUndo ? [undoButton] : []), closeButton);
  root.append(box);
  root.addEventListener('keydown', (event) => {
    if ((event as KeyboardEvent).key === 'Escape') host.remove();
  });
  document.documentElement.append(host);
  // Screen readers tell what comes into a status that was there before.
  requestAnimationFrame(() => {
    if (seller === undefined) return words.append(strong(String, paid));
    const parts = {
      paid: strong((amount) => say('paid', { amount }), paid),
      seller: apart(seller),
    };
    return words.append(...sayAround<'noteTo', HTMLElement>('noteTo', parts));
  });
}

/** Asks what is to be said here, and says it. */
export async function showNote(): Promise<void> {
  const note = (await tell({ from: 'page', type: 'note' })) as NoteReply | undefined;
  if (note) show(note);
}
