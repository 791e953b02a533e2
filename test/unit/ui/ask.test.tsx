// @vitest-environment happy-dom
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AskScreen } from '../../../src/ui/popup/ask.tsx';
import type { AskView, WalletView } from '../../../src/wallet/view.ts';
import { shownText } from '../../support/screens.ts';
import { speakEnglish } from '../../support/speak.ts';

speakEnglish();

const question: AskView = {
  kind: 'ask',
  id: 'first',
  sellerName: 'The Daily',
  host: 'daily.example',
  isFirstTime: true,
  title: 'How tides work',
  amount: '20000',
  currency: 'USD',
  former: undefined,
  durationSec: 86_400,
  cap: undefined,
  isFree: false,
  refundSec: 0,
  short: undefined,
  overDay: undefined,
  reasons: ['first-time'],
  allowance: { item: '50000', day: '500000' },
};

const wallet: WalletView = {
  providerHost: 'pay.example',
  sandbox: true,
  currency: 'USD',
  yours: '250000',
  aside: '200000',
  asideSellers: 1,
  atRisk: '0',
  spentToday: '0',
  dailyLimit: '1000000',
  latest: [],
  lastMonth: undefined,
  isAtStake: false,
  returnable: '0',
};

let root: HTMLElement;
const onPay = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  onPay.mockClear();
  root = document.createElement('div');
  document.body.replaceChildren(root);
});

afterEach(() => vi.useRealTimers());

const draw = (ask: AskView) =>
  act(() => {
    const nothing = () => undefined;
    const topUp = '5000000';
    const does = { onPay, onDismiss: nothing, onAddMoney: nothing };
    render(<AskScreen {...{ ask, wallet, topUp }} busy={false} canRemember {...does} />, root);
  });

const box = () => root.querySelector<HTMLInputElement>('input[type=checkbox]');

it('a tick under one question is not one under the next', async () => {
  await draw(question);
  await act(() => box()?.click());
  expect(box()?.checked).toBe(true);
  await draw({ ...question, id: 'second', host: 'thief.example' });
  expect(box()?.checked).toBe(false);
});

it('what a seller promises at most is said, whatever the period', async () => {
  const cap = { amount: '200000', periodSec: 86_400 };
  await draw({ ...question, cap });
  expect(root.textContent).toContain('Never more than 20¢ a day here, then free');
  await draw({ ...question, cap: { ...cap, periodSec: 7 * 86_400 } });
  expect(root.textContent).toContain('Never more than 20¢ within 7 days here, then free');
});

it('past the cap there is nothing to pay, only to open', async () => {
  await draw({ ...question, isFree: true });
  expect([...root.querySelectorAll('button')].map((it) => it.textContent)).toEqual([
    'Open it',
    'Not now',
  ]);
  expect(root.textContent).not.toContain('Pay');
});

it('what is short is counted from what can be paid here, and the rest is named', async () => {
  await draw({ ...question, amount: '100000', short: '50000' });
  const words = root.textContent ?? '';
  expect(words).toContain('5¢ short');
  expect(words).toContain('costs 10¢, you have 5¢ for it');
  expect(words).toContain('20¢ more is set aside elsewhere');
});

it('says how far it goes over the day, whatever was spent before', async () => {
  await draw({ ...question, overDay: '10000' });
  expect(shownText(root.querySelector('.notice'))).toBe('This would be 1¢ over your $1 for today.');
  expect(shownText(pay())).toBe('Pay 2¢ anyway');
});

const pay = () => root.querySelector<HTMLButtonElement>('.button-main');
const early = () => root.querySelector('[role=status]')?.textContent;

const pass = (ms: number) => act(() => void vi.advanceTimersByTime(ms));

/** A press of the reader's, or a page's own. */
const pressPay = (isTrusted = true) =>
  act(() => {
    const event = new MouseEvent('click', { bubbles: true });
    Object.defineProperty(event, 'isTrusted', { value: isTrusted });
    pay()?.dispatchEvent(event);
  });

it('a press in the first half second pays nothing, and is told so; the next one pays', async () => {
  await draw(question);
  await pass(499);
  expect(pay()?.getAttribute('aria-disabled')).toBe('true');
  expect(early()).toBe('');
  await pressPay();
  expect(onPay).not.toHaveBeenCalled();
  expect(early()).toContain('nothing was paid');
  await pass(1);
  expect(pay()?.getAttribute('aria-disabled')).toBe('false');
  await pressPay(false);
  expect(onPay).not.toHaveBeenCalled();
  await pressPay();
  expect(onPay).toHaveBeenCalledOnce();
});

it('another price begins the half second anew; what was too early is said no more', async () => {
  await draw(question);
  await pressPay();
  await pass(500);
  await draw({ ...question, amount: '30000' });
  expect(early()).toBe('');
  await pressPay();
  expect(onPay).not.toHaveBeenCalled();
  expect(early()).toContain('Press once more');
});
