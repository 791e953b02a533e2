// @vitest-environment happy-dom
import { beforeEach, expect, it } from 'vitest';
import {
  answers,
  askedFor,
  begin,
  draw,
  named,
  press,
  shownText,
} from '../../../support/screens.ts';
import { wallet } from './rows.ts';

const { PageScreen } = await import('../../../../src/ui/page/page.tsx');

let root: HTMLElement;
let yours: string;

beforeEach(async () => {
  yours = wallet.yours;
  location.hash = '#settings';
  root = begin({
    state: () => ({
      ...{ tab: undefined, site: undefined, isEverySite: false },
      wallet: { ...wallet, yours },
    }),
    refresh: () => undefined,
    'top-up': () => {
      yours = '5250000';
      return undefined;
    },
  });
});

const balance = () => shownText(root.querySelector('.page-balance'));
const status = () => root.querySelector('header [role=status]')?.textContent;

it('money is added beside the balance, before it is short, and announced', async () => {
  await draw(root, <PageScreen />);
  expect(balance()).toContain('25¢ yours to spend');
  expect(status()).toBe('');
  await press(root, 'Add 5 US dollars');
  expect(askedFor('top-up')).toMatchObject([{ amount: '5000000' }]);
  expect(balance()).toContain('$5.25 yours to spend');
  expect(status()).toBe('5 US dollars came in.');
  expect(named(root, 'Add 5 US dollars').getAttribute('aria-disabled')).toBe('false');
});

it.each([
  ['topup_refused', 'The card was refused. Nothing was charged.'],
  ['provider_unreachable', 'Try again: you cannot be charged twice.'],
])('why none was added is said: %s', async (code, said) => {
  answers['top-up'] = () => ({ ok: false, code, detail: '' });
  await draw(root, <PageScreen />);
  await press(root, 'Add 5 US dollars');
  expect(root.querySelector('[role=alert]')?.textContent).toContain(said);
  expect(balance()).toContain('25¢ yours to spend');
  expect(status()).toBe('');
});
