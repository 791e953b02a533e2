// @vitest-environment happy-dom
/** The account at the wallet service: its files, and its end. */
import { beforeEach, expect, it, vi } from 'vitest';
import type { LeavingView } from '../../../../src/wallet/account/leaving.ts';
import type { WalletView } from '../../../../src/wallet/view.ts';
import {
  after,
  answers,
  askedFor,
  begin,
  change,
  draw,
  named,
  press,
  shownText,
  type,
} from '../../../support/screens.ts';
import { DAILY, spending, wallet } from './rows.ts';

const { PageScreen } = await import('../../../../src/ui/page/page.tsx');

const NOTHING: LeavingView = {
  ...{ returnable: '0', rest: '250000', aside: [] },
  coming: undefined,
};
const SOON_MS = Date.now() + 5 * 86_400_000;

let root: HTMLElement;
let shown: WalletView | undefined;
let saved: { name: string; text: string }[];

beforeEach(() => {
  shown = wallet;
  location.hash = '#settings';
  saved = [];
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    void (blob as Blob).text().then((text) => saved.push({ name: '', text }));
    return 'blob:farthing';
  });
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    saved.push({ name: this.download, text: '' });
  });
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(true);
  root = begin({
    state: () => ({ tab: undefined, site: undefined, isEverySite: false, wallet: shown }),
    refresh: () => undefined,
    spending: () => spending,
    'foresee-leaving': () => NOTHING,
  });
  return () => vi.restoreAllMocks();
});

const alert = () => root.querySelector('[role=alert]')?.textContent ?? '';
const dialog = () => root.querySelector<HTMLElement>('dialog');

async function choose(label: string): Promise<void> {
  const found = [...root.querySelectorAll('label')].find((it) => it.textContent === label);
  await after(() => found?.querySelector('input')?.click());
}

it('a statement is of the month that was chosen, or of all', async () => {
  answers.statement = ({ month }) => `of ${month}`;
  await draw(root, <PageScreen />);
  await press(root, 'Save as a file');
  await type(root, 'Statement', '2026-10');
  await press(root, 'Save as a file');
  expect(askedFor('statement').map(({ month }) => month)).toEqual([undefined, '2026-10']);
  expect(saved.map(({ name }) => name).filter(Boolean)).toEqual([
    'farthing-statement.csv',
    'farthing-statement-2026-10.csv',
  ]);
  expect(saved.map(({ text }) => text)).toContain('of 2026-10');
});

it('all that is held is one file', async () => {
  answers.held = () => '{}';
  await draw(root, <PageScreen />);
  await press(root, 'Save all that is known of you there');
  expect(saved.map(({ name }) => name)).toContain('farthing-account.json');
});

it.each([
  ['provider_unreachable', true, 'Your wallet service does not answer.'],
  ['provider_unreachable', false, 'This computer is offline.'],
  ['device_revoked', true, 'Another of your browsers has removed this one'],
  ['internal', true, 'Your wallet service has a fault.'],
] as const)('where there is no file (%s, %s) it is said why', async (code, isOnline, text) => {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(isOnline);
  answers.held = () => ({ ok: false, code, detail: '' });
  await draw(root, <PageScreen />);
  await press(root, 'Save all that is known of you there');
  expect(alert()).toContain(text);
  expect(saved).toEqual([]);
  answers.held = () => '{}';
  await press(root, 'Save all that is known of you there');
  expect(alert()).toBe('');
});

it('nothing is closed before it was said what becomes of what was bought', async () => {
  answers.leave = () => {
    shown = undefined;
    return undefined;
  };
  await draw(root, <PageScreen />);
  await press(root, 'Close your account');
  expect(shownText(dialog())).toContain('25¢ is lost');
  await press(dialog() ?? root, 'Close your account');
  expect(askedFor('leave')).toEqual([]);
  await choose('Keep it for the next wallet in this browser');
  await press(dialog() ?? root, 'Close your account');
  expect(askedFor('leave')).toMatchObject([{ history: 'keep' }]);
  expect(root.textContent).toContain('This wallet was closed. You can set up a new one.');
  expect(dialog()).toBeNull();
});

it('deleting is as deliberate, and whoever looks away has closed nothing', async () => {
  answers.leave = () => undefined;
  await draw(root, <PageScreen />);
  await press(root, 'Close your account');
  await choose('Delete everything I bought');
  await press(dialog() ?? root, 'Not now');
  expect(dialog()).toBeNull();
  await press(root, 'Close your account');
  // Chosen anew each time.
  await press(dialog() ?? root, 'Close your account');
  expect(askedFor('leave')).toEqual([]);
  await choose('Delete everything I bought');
  await press(dialog() ?? root, 'Close your account');
  expect(askedFor('leave')).toMatchObject([{ history: 'delete' }]);
});

it('what is in the way is ended first: what is set aside, then the money', async () => {
  const aside = { payto: DAILY, sellerName: 'The Daily', amount: '60000', backByMs: SOON_MS };
  let view: LeavingView = { ...NOTHING, returnable: '5000000', aside: [aside] };
  answers['foresee-leaving'] = () => view;
  answers['take-back'] = () => {
    view = { ...view, aside: [] };
    return { back: '60000', left: '0', leftUntilMs: undefined };
  };
  answers.withdraw = () => {
    view = { ...view, returnable: '0' };
    return undefined;
  };
  await draw(root, <PageScreen />);
  await press(root, 'Close your account');
  expect(shownText(dialog())).toContain('6¢ is still set aside at The Daily');
  expect(() => named(dialog() ?? root, 'Close your account')).toThrow();
  await press(dialog() ?? root, 'Take back what is set aside');
  expect(askedFor('take-back')).toMatchObject([{ payto: DAILY }]);
  expect(shownText(dialog())).not.toContain('The Daily');
  await press(dialog() ?? root, 'Send 5 US dollars back');
  expect(askedFor('withdraw')).toMatchObject([{ amount: '5000000' }]);
  expect(named(dialog() ?? root, 'Close your account')).toBeTruthy();
});

it('what is all spent and not settled yet is waited for, and is not to be taken back', async () => {
  const spent = { payto: DAILY, sellerName: 'The Daily', amount: '0', backByMs: SOON_MS };
  answers['foresee-leaving'] = () => ({ ...NOTHING, aside: [spent] });
  await draw(root, <PageScreen />);
  await press(root, 'Close your account');
  expect(shownText(dialog())).toContain('What you spent at The Daily is settled by ');
  for (const name of ['Close your account', 'Take back what is set aside'])
    expect(() => named(dialog() ?? root, name)).toThrow();
});

it('what was undone is waited for until its day, and not for ever', async () => {
  const coming = { amount: '20000', backByMs: SOON_MS };
  answers['foresee-leaving'] = () => ({ ...NOTHING, coming });
  await draw(root, <PageScreen />);
  await press(root, 'Close your account');
  expect(() => named(dialog() ?? root, 'Close your account')).toThrow();
  await press(dialog() ?? root, 'Not now');
  answers['foresee-leaving'] = () => ({ ...NOTHING, coming: { ...coming, backByMs: 1 } });
  await press(root, 'Close your account');
  expect(named(dialog() ?? root, 'Close your account')).toBeTruthy();
});

it('money on its way from or to a card is waited for', async () => {
  shown = { ...wallet, topUp: { amount: '5000000', state: 'begun', page: undefined } };
  await draw(root, <PageScreen />);
  await press(root, 'Close your account');
  expect(shownText(dialog())).toContain('Waiting for the card: $5');
  expect(() => named(dialog() ?? root, 'Close your account')).toThrow();
  const sent = { isAsked: false, coming: '5000000', there: '0', failed: '0', refusal: undefined };
  shown = { ...wallet, withdrawal: sent };
  await change();
  expect(shownText(dialog())).toContain('$5 is on its way to your card.');
  // It goes on by itself as soon as it has arrived.
  shown = { ...wallet, withdrawal: { ...sent, coming: '0', there: '5000000' } };
  await change();
  expect(named(dialog() ?? root, 'Close your account')).toBeTruthy();
});

it('a refusal is said in words; without an answer it goes on by itself', async () => {
  answers.leave = () => ({ ok: false, code: 'account_not_empty', detail: 'close each purse' });
  await draw(root, <PageScreen />);
  await press(root, 'Close your account');
  await choose('Delete everything I bought');
  await press(dialog() ?? root, 'Close your account');
  expect(alert()).toContain('Something there is still open');
  answers.leave = () => {
    shown = { ...wallet, isLeaving: true };
    return { ok: false, code: 'provider_unreachable', detail: '' };
  };
  await press(dialog() ?? root, 'Close your account');
  expect(alert()).toContain('does not answer');
  await change();
  expect(alert()).toContain('It goes on by itself');
});
