// @vitest-environment happy-dom
import { beforeEach, expect, it } from 'vitest';
import type { WithdrawalView } from '../../../../src/wallet/account/withdrawals.ts';
import {
  answers,
  askedFor,
  begin,
  change,
  draw,
  press,
  shownText,
} from '../../../support/screens.ts';
import { wallet } from './rows.ts';

const { PageScreen } = await import('../../../../src/ui/page/page.tsx');

const FIVE = '5000000';
const NOTHING: WithdrawalView = {
  ...{ isAsked: false, coming: '0', there: '0', failed: '0' },
  refusal: undefined,
};

let root: HTMLElement;
let returnable: string;
let withdrawal: WithdrawalView | undefined;

beforeEach(() => {
  [returnable, withdrawal] = [FIVE, undefined];
  location.hash = '#settings';
  root = begin({
    state: () => ({
      ...{ tab: undefined, site: undefined, isEverySite: false },
      wallet: { ...wallet, returnable, withdrawal },
    }),
    refresh: () => undefined,
  });
});

const shown = () => shownText(root);

it('money goes back after a yes, and it says where it is', async () => {
  answers.withdraw = () => {
    returnable = '0';
    withdrawal = { ...NOTHING, coming: FIVE };
    return undefined;
  };
  await draw(root, <PageScreen />);
  await press(root, 'Send 5 US dollars back');
  expect(root.querySelectorAll('dialog')).toHaveLength(1);
  expect(askedFor('withdraw')).toEqual([]);
  await press(root, 'Keep it');
  expect(root.querySelector('dialog')).toBeNull();
  await press(root, 'Send 5 US dollars back');
  // What comes in meanwhile is not what was asked about.
  returnable = '6000000';
  await change();
  const dialog = root.querySelector<HTMLElement>('dialog') ?? root;
  await press(dialog, 'Send 5 US dollars back');
  expect(askedFor('withdraw')).toMatchObject([{ amount: FIVE }]);
  expect(root.querySelector('dialog')).toBeNull();
  expect(shown()).toContain('$5 is on its way to your card.');
  expect(shown()).not.toContain('Send $');
});

it.each([
  [{ there: FIVE }, '$5 is back on your card.'],
  [{ failed: FIVE }, 'A card did not take $5, so it is in your wallet again.'],
  [{ there: '2000000', failed: '3000000' }, '$2 is back on your card.A card did not take $3'],
  [{ refusal: 'account_frozen' }, 'A card has taken a payment back'],
  [{ refusal: 'insufficient_funds' }, 'There is not enough money in your wallet.'],
] as const)('%o is said, and more can be sent', async (became, text) => {
  withdrawal = { ...NOTHING, ...became };
  await draw(root, <PageScreen />);
  expect(shown()).toContain(text);
  expect(shown()).toContain('Send $5 back');
});

it('what nobody has answered yet is said to be asked for, and is not asked for twice', async () => {
  withdrawal = { ...NOTHING, isAsked: true };
  await draw(root, <PageScreen />);
  expect(shown()).toContain('Asked for.');
  expect(shown()).not.toContain('Send $');
});

it('nothing is said of it where there is nothing to send', async () => {
  returnable = '0';
  await draw(root, <PageScreen />);
  expect(shown()).not.toContain('Your money back');
});
