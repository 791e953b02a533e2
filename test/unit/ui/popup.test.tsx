// @vitest-environment happy-dom

import { beforeEach, expect, it, onTestFinished } from 'vitest';
import type { ErrorCode } from '../../../src/protocol/errors.ts';
import type { AskView, WalletView } from '../../../src/wallet/view.ts';
import {
  CARD,
  LIMITS,
  payment,
  QUESTION,
  siteWith,
  stateWith,
  walletWith,
} from '../../screens/rows.ts';
import {
  after,
  answers,
  askedFor,
  begin,
  change,
  draw,
  letInAt,
  opened,
  press,
  shownText,
  tabSubject,
} from '../../support/screens.ts';

const { PopupScreen } = await import('../../../src/ui/popup/popup.tsx');

let root: HTMLElement;
let question: AskView;

beforeEach(() => {
  history.replaceState(null, '', '?tab=1');
  question = { ...QUESTION, amount: '200000', short: '180000' };
  root = begin({
    state: () => stateWith(question, walletWith({ yours: '20000' })),
    refresh: () => undefined,
    'top-up': () => {
      question = { ...question, short: undefined };
      return undefined;
    },
  });
});

const status = () => root.querySelector('main > [role=status]')?.textContent;

it('money that came in leads back to the question, and is announced', async () => {
  await draw(root, <PopupScreen />);
  expect(shownText(document.activeElement)).toBe('18¢ short');
  expect(status()).toBe('');
  await press(root, 'Add 5 US dollars');
  expect(askedFor('top-up')).toMatchObject([{ amount: '5000000' }]);
  expect(document.activeElement?.textContent).toContain('The Daily Courier');
  expect(status()).toBe('5 US dollars came in.');
});

it.each([
  ['provider_unreachable', 'Your wallet service does not answer.'],
  ['account_unknown', 'Your wallet service does not know this wallet any more.'],
])('what is not of now is shown, and said why: %s', async (code, why) => {
  answers.state = () => stateWith(undefined, walletWith({}));
  answers.refresh = () => code as ErrorCode;
  await draw(root, <PopupScreen />);
  expect(root.querySelector('.notice-calm')?.textContent).toContain(why);
  expect(shownText(root)).toContain('yours to spend');
});

it('a card that is refused is said, and nothing came in', async () => {
  answers['top-up'] = () => ({ ok: false, code: 'topup_refused', detail: '' });
  await draw(root, <PopupScreen />);
  await press(root, 'Add 5 US dollars');
  expect(root.querySelector('[role=alert]')?.textContent).toContain('The card was refused.');
  expect(status()).toBe('');
});

it.each([
  ['2026-10', ['All history', 'Last month']],
  [undefined, ['All history']],
])('the month before is offered where something was bought in it: %s', async (lastMonth, names) => {
  answers.state = () => stateWith(undefined, walletWith({ latest: [payment()], lastMonth }));
  await draw(root, <PopupScreen />);
  const links = [...root.querySelectorAll('.latest-links button')];
  expect(links.map((it) => it.textContent)).toEqual(names);
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

it('what was paid says what is left, and can be undone there and then', async () => {
  const bought = payment({ undoUntilMs: Date.now() + 600_000 });
  const wallet = (change: object) => walletWith({ yours: '4290000', latest: [bought], ...change });
  let now = wallet({});
  // A plain button, since the guarded one takes no press by script.
  answers.state = () => stateWith({ ...question, isFree: true, short: undefined }, now);
  answers.pay = () => ({ kind: 'paid', payment: bought });
  answers.undo = () => {
    const backByMs = Date.now() + 9 * 86_400_000;
    now = wallet({ latest: [{ ...bought, undo: 'granted', undoUntilMs: undefined, backByMs }] });
    return undefined;
  };
  await draw(root, <PopupScreen />);
  await press(root, 'Open it');
  expect(shownText(root.querySelector('h1'))).toBe('Paid 2¢');
  expect(shownText(root)).toContain('You have $4.29');
  await press(root, 'Undo (10 min)');
  expect(askedFor('undo')).toMatchObject([{ paymentId: bought.id }]);
  expect(shownText(root.querySelector('h1'))).toMatch(/^Undone, back by /);
  expect(shownText(root)).not.toContain('Undo (');
});

it('money can be added before it is short, once a press', async () => {
  let yours = '2000000';
  answers.state = () => stateWith(undefined, walletWith({ yours }));
  answers['top-up'] = () => {
    yours = '7000000';
    return undefined;
  };
  await draw(root, <PopupScreen />);
  await press(root, 'Add 5 US dollars');
  expect(askedFor('top-up')).toMatchObject([{ amount: '5000000' }]);
  expect(shownText(root.querySelector('.balance'))).toContain('$7');
  expect(status()).toBe('5 US dollars came in.');
});

const PAGE = CARD.page ?? '';

it('a card with a page of its own is paid there, and the question waits for it', async () => {
  let topUp: WalletView['topUp'];
  answers.state = () => stateWith(question, walletWith({ yours: '20000', topUp }));
  answers['top-up'] = () => {
    topUp = CARD;
    return topUp;
  };
  await draw(root, <PopupScreen />);
  await press(root, 'Add 5 US dollars');
  expect(opened).toEqual([PAGE]);
  expect(shownText(root)).toContain('Waiting for the card: $5');
  expect(shownText(root)).not.toContain('short');
  expect(shownText(root)).not.toContain('Add $5');
  expect(status()).toBe('');
  await press(root, 'Continue paying');
  expect(opened).toEqual([PAGE, PAGE]);
  // It has paid: the question goes on, and the reader is told why.
  topUp = { ...CARD, state: 'paid', page: undefined };
  question = { ...question, isFree: true, short: undefined };
  answers['leave-top-up'] = () => {
    topUp = undefined;
    return undefined;
  };
  await change();
  expect(document.querySelector('h1')?.textContent).toContain('The Daily Courier');
  expect(shownText(root.querySelector('.notice'))).toBe('$5 came in. Done');
  await press(root, 'Done');
  expect(root.querySelector('.notice')).toBeNull();
});

it('a card that did not pay is said, and money can be added again', async () => {
  let topUp: WalletView['topUp'] = { ...CARD, state: 'failed', page: undefined };
  answers.state = () => stateWith(undefined, walletWith({ topUp }));
  answers['leave-top-up'] = () => {
    topUp = undefined;
    return undefined;
  };
  await draw(root, <PopupScreen />);
  expect(shownText(root)).toContain('The card did not pay. Nothing was taken.');
  expect(shownText(root)).toContain('Add $5');
  await press(root, 'Done');
  expect(shownText(root)).not.toContain('The card did not pay');
});

it('a card that is waited for no more leaves the question as it was', async () => {
  let topUp: WalletView['topUp'] = { ...CARD, page: undefined };
  answers.state = () => stateWith(question, walletWith({ yours: '20000', topUp }));
  answers['leave-top-up'] = () => {
    topUp = undefined;
    return undefined;
  };
  await draw(root, <PopupScreen />);
  expect(shownText(root)).not.toContain('Continue paying');
  await press(root, 'Not now');
  expect(askedFor('leave-top-up')).toHaveLength(1);
  expect(shownText(root)).toContain('18¢ short');
});

it('to be set up over a page keeps the way back to it, unless its window is private', async () => {
  answers.state = () => ({ ...stateWith(undefined), wallet: undefined });
  answers.standing = () => 'none';
  await draw(root, <PopupScreen />);
  await press(root, 'Set up my wallet');
  const back = 'https%3A%2F%2Fthedaily.example%2Ftides%3Fpage%3D2';
  expect(opened).toEqual([`/welcome.html#back=${back}`]);
  tabSubject.incognito = true;
  onTestFinished(() => {
    tabSubject.incognito = false;
  });
  await press(root, 'Set up my wallet');
  expect(opened.at(-1)).toBe('/welcome.html');
});

it('one click is offered where something was bought, not only after a purchase', async () => {
  const offer = { ...LIMITS, paymentId: 'a' };
  answers.state = () => stateWith(undefined, walletWith(), siteWith({ offer }));
  answers.wish = () => undefined;
  await draw(root, <PopupScreen />);
  expect(shownText(root.querySelector('.reach'))).toContain('pay here with one click');
  await after(() => root.querySelector<HTMLElement>('.reach [role=switch]')?.click());
  expect(askedFor('wish')).toMatchObject([{ paymentId: 'a' }]);
  expect(letInAt).toEqual(['https://thedaily.example/*']);
});

it('a seller that is blocked can ask again, and recovery is not far', async () => {
  const blocked = { kind: 'unpayable', code: 'seller_blocked', detail: '' } as const;
  answers.state = () => stateWith(blocked, walletWith(), siteWith());
  answers['ask-again'] = () => undefined;
  await draw(root, <PopupScreen />);
  await press(root, 'Ask me again');
  expect(askedFor('ask-again')).toMatchObject([{ host: 'thedaily.example' }]);
  await press(root, 'Browsers and recovery');
  expect(opened).toEqual(['/recovery.html']);
});
