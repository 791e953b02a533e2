// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import type { SellerView } from '../../../../src/wallet/sellers/sellerview.ts';
import {
  after,
  answers,
  askedFor,
  begin,
  draw,
  letInAt,
  press,
  shownText,
  type,
} from '../../../support/screens.ts';
import { DAILY, seller, wallet } from './rows.ts';

const { SellersScreen } = await import('../../../../src/ui/page/sellers.tsx');
const { SettingsScreen } = await import('../../../../src/ui/page/settings.tsx');

let root: HTMLElement;
let sellers: SellerView[];
let shown: string[];

const show = () => draw(root, <SellersScreen onPayments={(payto) => shown.push(payto)} />);
const words = () => root.textContent ?? '';
const choose = (label: string) =>
  after(() => {
    const choices = [...root.querySelectorAll('label')];
    choices
      .find((it) => it.textContent?.startsWith(label))
      ?.querySelector('input')
      ?.click();
  });

beforeEach(() => {
  sellers = [seller];
  shown = [];
  root = begin({ sellers: () => sellers, 'set-rule': () => undefined });
});

describe('a seller', () => {
  it('is shown with what is set aside, what went there, and what it may do', async () => {
    sellers = [{ ...seller, atRisk: '20000', isUsedElsewhere: true }];
    await show();
    expect(shownText(root.querySelector('.sums'))).toBe(
      'Set aside6¢of it, the seller could still take 2¢Spent38¢Today2¢',
    );
    expect(words()).toContain('spent from somewhere else too');
    expect(words()).toContain('On daily.example');
  });

  it.each([
    [Date.UTC(2031, 11, 5, 12), '4¢ is on its way back, and here by Dec 5, 2031.'],
    [Date.UTC(2020, 11, 5, 12), '4¢ is on its way back.'],
    [undefined, '4¢ is on its way back.'],
  ])('says what was undone there and is to be back by %s', async (backByMs, said) => {
    sellers = [{ ...seller, coming: { amount: '40000', backByMs } }];
    await show();
    expect(shownText(root.querySelector('.sums + p'))).toBe(said);
  });

  it('leads to what was bought there', async () => {
    await show();
    await press(root, 'What I bought there');
    expect(shown).toEqual([DAILY]);
  });

  it('with nothing set aside has nothing to take back', async () => {
    sellers = [{ ...seller, aside: '0' }];
    await show();
    expect(words()).not.toContain('Take back what is set aside');
  });

  it.each([
    [{ back: '60000', left: '0', leftUntilMs: undefined }, '6¢ is back.'],
    [
      { back: '40000', left: '20000', leftUntilMs: Date.UTC(2031, 11, 5, 12) },
      '4¢ is back. 2¢ stays set aside, and is back by Dec 5, 2031.',
    ],
    [{ back: '0', left: '0', leftUntilMs: undefined }, 'Nothing is set aside here any more.'],
  ])('gives the rest back, and says what came: %j', async (taken, said) => {
    answers['take-back'] = () => taken;
    await show();
    await press(root, 'Take back what is set aside');
    expect(askedFor('take-back')).toMatchObject([{ payto: DAILY }]);
    expect(shownText(root.querySelector('.seller > [role=status]'))).toBe(said);
  });

  it('that does not answer is said', async () => {
    answers['take-back'] = () => ({ ok: false, code: 'seller_unreachable', detail: '' });
    await show();
    await press(root, 'Take back what is set aside');
    expect(words()).toContain('The seller does not answer.');
  });
});

describe('what a seller may do', () => {
  it('is blocked at once', async () => {
    await show();
    await choose('Block');
    expect(askedFor('set-rule')).toMatchObject([
      { payto: DAILY, host: 'daily.example', rule: { kind: 'block' } },
    ]);
  });

  it('is one click inside limits, and the browser is asked for that one site', async () => {
    await show();
    await choose('One click pays');
    expect(askedFor('set-rule')).toEqual([]);
    await type(root, 'Most for one purchase', '0,10');
    await press(root, 'Save');
    expect(letInAt).toEqual(['https://daily.example/*']);
    expect(askedFor('set-rule')).toMatchObject([
      { rule: { kind: 'one-click', itemMicros: '100000', dayMicros: '500000' } },
    ]);
  });

  it('is one click as before, where the reader had set limits once', async () => {
    const limits = { itemMicros: '20000', dayMicros: '90000' };
    sellers = [{ ...seller, hosts: [{ host: 'daily.example', rule: { kind: 'ask' }, limits }] }];
    await show();
    await choose('One click pays');
    await press(root, 'Save');
    expect(askedFor('set-rule')).toMatchObject([{ rule: { kind: 'one-click', ...limits } }]);
  });

  it('is not set to what is no amount', async () => {
    await show();
    await choose('One click pays');
    await type(root, 'Most in one day', 'much');
    expect(words()).toContain('Write an amount such as 0.50');
    await press(root, 'Save');
    expect(askedFor('set-rule')).toEqual([]);
  });
});

it('without sellers says what will be there', async () => {
  sellers = [];
  await show();
  expect(words()).toContain('No seller yet');
});

describe('the settings', () => {
  const settings = () =>
    draw(root, <SettingsScreen wallet={wallet} isEverySite={false} onChanged={async () => {}} />);

  it('change the limit for a day', async () => {
    answers['set-daily-limit'] = () => undefined;
    await settings();
    expect(words()).toContain('3¢ of $1 today');
    await type(root, 'Most in one day', '2.50');
    await press(root, 'Save');
    expect(askedFor('set-daily-limit')).toMatchObject([{ amount: '2500000' }]);
    expect(words()).toContain('Saved.');
  });

  it('do not take what is no amount', async () => {
    await settings();
    await type(root, 'Most in one day', '-1');
    await press(root, 'Save');
    expect(askedFor('set-daily-limit')).toEqual([]);
    expect(words()).toContain('Write an amount such as 0.50');
  });

  it('ask the browser for prices on every site, in the press', async () => {
    await settings();
    await after(() => root.querySelector<HTMLElement>('[role=switch]')?.click());
    expect(letInAt).toEqual(['https://*/*']);
  });
});
