// @vitest-environment happy-dom
import { beforeEach, expect, it } from 'vitest';
import type { AskView } from '../../../src/wallet/view.ts';
import { payment, QUESTION, stateWith, walletWith } from '../../screens/rows.ts';
import { answers, askedFor, begin, draw, opened, press, shownText } from '../../support/screens.ts';

const { PopupScreen } = await import('../../../src/ui/popup/popup.tsx');

let root: HTMLElement;
let question: AskView;

beforeEach(() => {
  history.replaceState(null, '', '?tab=1');
  question = { ...QUESTION, amount: '200000', short: '180000' };
  root = begin({
    state: () => stateWith(question, walletWith({ yours: '20000' })),
    refresh: () => true,
    'top-up': () => {
      question = { ...question, short: undefined };
      return undefined;
    },
  });
});

const status = () => root.querySelector('[role=status]')?.textContent;

it('money that came in leads back to the question, and is announced', async () => {
  await draw(root, <PopupScreen />);
  expect(shownText(document.activeElement)).toBe('18¢ short');
  expect(status()).toBe('');
  await press(root, 'Add 5 US dollars');
  expect(askedFor('top-up')).toMatchObject([{ amount: '5000000' }]);
  expect(document.activeElement?.textContent).toContain('The Daily Courier');
  expect(status()).toBe('5 US dollars came in.');
});

it('a card that is refused is said, and nothing came in', async () => {
  answers['top-up'] = () => ({ ok: false, code: 'topup_refused', detail: '' });
  await draw(root, <PopupScreen />);
  await press(root, 'Add 5 US dollars');
  expect(root.querySelector('[role=alert]')?.textContent).toContain('The card was refused.');
  expect(status()).toBe('');
});

it('an undo that is refused leads to a report of that purchase', async () => {
  const bought = payment({ undoUntilMs: Date.now() + 60_000 });
  answers.state = () => stateWith(undefined, walletWith({ latest: [bought] }));
  answers.undo = () => ({ ok: false, code: 'undo_quota', detail: '' });
  await draw(root, <PopupScreen />);
  await press(root, 'Undo (1 min): How tides work');
  expect(root.querySelector('[role=alert]')?.textContent).toContain('5 undos this week');
  await press(root, 'Report a problem');
  expect(opened).toEqual(['/page.html?report=a']);
});
