// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import type { EntryView } from '../../../../src/wallet/history/historyview.ts';
import type { HistoryQuery } from '../../../../src/wallet/history/search.ts';
import {
  after,
  answers,
  asked,
  askedFor,
  begin,
  change,
  draw,
  named,
  press,
  shownText,
  type,
} from '../../../support/screens.ts';
import { DAILY, entry, seller, spending, TUNES, wallet } from './rows.ts';

const { HistoryScreen } = await import('../../../../src/ui/page/history.tsx');
const { useState } = await import('preact/hooks');

let root: HTMLElement;
let entries: EntryView[];

function Screen({ first = {} }: { readonly first?: HistoryQuery }) {
  const [query, setQuery] = useState(first);
  return <HistoryScreen wallet={wallet} query={query} onQuery={setQuery} />;
}

const show = () => draw(root, <Screen />);
const words = () => root.textContent ?? '';
const lastQuery = () => askedFor('history').at(-1);

beforeEach(() => {
  entries = [entry({ id: 'a' })];
  root = begin({
    meet: () => ({ ok: false, code: 'provider_unreachable', detail: 'nobody is there' }),
    history: () => ({ entries, days: { '2026-11-25': '30000' }, next: undefined }),
    spending: () => spending,
    sellers: () => [seller, { ...seller, payto: TUNES, name: 'Tunes' }],
    receipt: ({ paymentId }) => {
      const found = entries.find(({ id }) => id === paymentId);
      const rest = { untilMs: Date.now(), reference: 'A.7', receipt: 'e.e.e' };
      return found && { ...found, ...rest, url: 'https://daily.example/tides' };
    },
  });
});

it('the first screen asks for a screenful and for what months came to, each once', async () => {
  entries = Array.from({ length: 100 }, () => entry());
  answers.history = () => ({ entries, days: {}, next: { atMs: 5, ids: ['a'] } });
  await show();
  expect(asked.map(({ type: about }) => about)).toEqual(['history', 'spending']);
});

it('every month with entries can be chosen, under its year where there are many', async () => {
  const known = Array.from(
    { length: 14 },
    (_, index) => `${2026 - (index % 2)}-0${1 + (index >> 1)}`,
  );
  answers.spending = () => ({ ...spending, known });
  await show();
  const groups = [...root.querySelectorAll('optgroup')];
  expect(groups.map(({ label }) => label)).toEqual(['2026', '2025']);
  await type(root, 'Month', '2025-03');
  expect(lastQuery()).toMatchObject({ month: '2025-03' });
  expect(askedFor('spending').at(-1)).toMatchObject({ month: '2025-03' });
});

it('whoever types faster than is answered asks only for the last word', async () => {
  await show();
  const before = askedFor('history').length;
  const input = root.querySelector('input[type=search]') as HTMLInputElement;
  await after(() => {
    for (const value of ['t', 'ti', 'tid', 'tide']) {
      input.value = value;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }
  });
  expect(
    askedFor('history')
      .slice(before)
      .map((it) => it.words),
  ).toEqual(['tide']);
});

describe('the list', () => {
  it('says what an empty history will be, and has no controls without a use', async () => {
    entries = [];
    answers.spending = () => ({ ...spending, sums: [] });
    await show();
    expect(words()).toContain('Nothing bought yet');
    expect(words()).toContain('You have 25¢ to try it with.');
    expect(root.querySelectorAll('a, input, select, button')).toHaveLength(0);
  });

  it('an empty history has a page to begin at, where the wallet service names one', async () => {
    entries = [];
    const first = 'https://daily.example/tides';
    const service = { host: 'pay.example', name: 'Pay', sandbox: true, currency: 'USD' };
    answers.meet = () => ({ ...service, starter: '0', first });
    await show();
    expect(named(root, 'Read a first article').getAttribute('href')).toBe(first);
    expect(askedFor('meet')).toMatchObject([{ provider: wallet.providerHost }]);
  });

  it('groups by day, with what the whole day came to', async () => {
    entries = [entry({ day: '2026-11-25' }), entry({ day: '2025-03-01', title: 'Old' })];
    await show();
    const heads = [...root.querySelectorAll('h3')].map((head) => shownText(head));
    expect(heads[0]).toMatch(/(Today|November 25).*3¢$/);
    expect(heads[1]).toBe('Saturday, March 1, 2025');
  });

  it.each([
    ['paid', 'Paid', '2¢'],
    ['undone', 'Undone', '2¢'],
    ['waiting', 'Waiting to hear back', '2¢'],
    ['refused', 'Nothing was charged', '–'],
  ] as const)('an entry that is %s says "%s"', async (state, said, amount) => {
    entries = [entry({ state })];
    await show();
    const line = root.querySelector('.entry');
    expect(line?.querySelector('.entry-state')?.textContent).toBe(said);
    expect(shownText(line?.querySelector('.entry-amount'))).toBe(amount);
    expect(line?.textContent?.includes('Open')).toBe(state === 'paid');
  });

  it('what is undone says by when it is back, in its receipt too', async () => {
    const backByMs = new Date(2031, 11, 5, 12).getTime();
    entries = [entry({ id: 'a', state: 'undone', undone: { undo: 'granted', backByMs } })];
    await show();
    const said = 'Undone, back by Dec 5, 2031';
    expect(root.querySelector('.entry-state')?.textContent).toBe(said);
    await press(root, 'How tides work');
    expect(root.querySelector('dialog')?.textContent).toContain(said);
  });

  it('says that the wallet refused, and tries again', async () => {
    const { history } = answers;
    answers.history = () => ({ ok: false, code: 'wallet_absent', detail: '' });
    await show();
    expect(root.querySelector('[role=alert]')?.textContent).toContain('not set up');
    Object.assign(answers, { history });
    await press(root, 'Try again');
    expect(words()).toContain('How tides work');
  });

  it('goes on where it ended, and reads the newest again when something changed', async () => {
    const next = { atMs: 5, ids: [] };
    const old = entry({ id: 'old', day: '2026-01-01', title: 'Long ago', atMs: 4 });
    answers.history = ({ after: place }) =>
      place ? { entries: [old], days: {}, next: undefined } : { entries, days: {}, next };
    await show();
    await press(root, 'Show more');
    expect(lastQuery()?.after).toEqual(next);
    entries = [entry({ id: 'new', title: 'Reef sharks', atMs: Date.now() }), ...entries];
    await change();
    expect([...root.querySelectorAll('.entry-title')].map((it) => it.textContent)).toEqual([
      ...['Reef sharks', 'How tides work', 'Long ago'],
    ]);
  });
});

describe('looking for something', () => {
  it('asks by words, seller and state, and takes it all back', async () => {
    await show();
    await type(root, 'Search', 'tides');
    expect(lastQuery()).toMatchObject({ words: 'tides' });
    await type(root, 'Seller', DAILY);
    await type(root, 'What became of it', 'undone');
    expect(lastQuery()).toMatchObject({ words: 'tides', payto: DAILY, state: 'undone' });
    await press(root, 'Show everything');
    expect(lastQuery()).toEqual({ from: 'screen', type: 'history' });
  });

  it('says when nothing is found', async () => {
    await show();
    entries = [];
    await type(root, 'Search', 'nothing of the kind');
    expect(words()).toContain('Nothing like that was bought.');
  });

  it('a month in which nothing was bought is named, and one way leads back', async () => {
    const all = entries;
    entries = [];
    await draw(root, <Screen first={{ month: '2026-09' }} />);
    expect(root.querySelector('[role=status]')?.textContent).toBe(
      'Nothing was bought in September 2026.',
    );
    const month = [...root.querySelectorAll('select')][1];
    expect(month?.selectedOptions[0]?.textContent).toBe('September 2026');
    const names = [...(month?.options ?? [])].map(({ value }) => value);
    expect(names).toEqual(['', '2026-11', '2026-10', '2026-09', '2024-03']);
    expect(words().match(/Show everything/g)).toHaveLength(1);
    entries = all;
    await press(root, 'Show everything');
    expect(words()).toContain('How tides work');
  });

  it('a press on a month and one on a seller answer where it went, and on what', async () => {
    await show();
    await press(root, 'Oct 2026: 46 cents');
    const table = shownText(root.querySelector('.shares'));
    expect(table).toContain('46¢ in October 2026');
    expect(table).toContain('The Daily18 ×36¢');
    await press(root, 'The Daily');
    expect(lastQuery()).toMatchObject({ month: '2026-10', payto: DAILY });
    await press(root, 'Oct 2026: 46 cents');
    expect(lastQuery()).not.toHaveProperty('month', '2026-10');
  });

  it('the table has every figure of the chart', async () => {
    await show();
    const rows = [...root.querySelectorAll('.figures tr')].map((row) =>
      [...row.children].map((cell) => shownText(cell)),
    );
    expect(rows).toEqual([
      ['Seller', 'Oct', 'Nov'],
      ['The Daily', '36¢', '–'],
      ['Tunes', '10¢', '2¢'],
      ['In all', '46¢', '2¢'],
    ]);
  });
});

describe('a purchase', () => {
  it('is undone in its line, which then says so', async () => {
    entries = [entry({ id: 'a', undoUntilMs: Date.now() + 420_000 })];
    answers.undo = () => {
      entries = [entry({ id: 'a', state: 'undone' })];
      return undefined;
    };
    await show();
    await press(root, 'Undo (7 min): How tides work');
    expect(askedFor('undo')).toMatchObject([{ paymentId: 'a' }]);
    expect(root.querySelector('.entry-state')?.textContent).toBe('Undone');
  });

  it('that cannot be undone any more says why', async () => {
    entries = [entry({ id: 'a', undoUntilMs: Date.now() + 420_000 })];
    answers.undo = () => ({ ok: false, code: 'undo_quota', detail: '' });
    await show();
    await press(root, 'Undo (7 min): How tides work');
    expect(root.querySelector('[role=alert]')?.textContent).toContain('5 undos this week');
  });

  it('is shown in full, and its receipt is taken away with what the seller signed', async () => {
    await show();
    await press(root, 'How tides work');
    const dialog = root.querySelector('dialog');
    expect(dialog?.open).toBe(true);
    for (const said of ['The Daily', 'daily.example', '2¢', 'Paid', 'A.7'])
      expect(dialog?.textContent).toContain(said);
    expect(dialog?.querySelector('a')?.href).toBe('https://daily.example/tides');
    expect(root.querySelector('.facts [dir=ltr]')?.textContent).toBe('https://daily.example/tides');
    const { receiptFile } = await import('../../../../src/ui/page/receipt.tsx');
    const view = answers.receipt?.({ from: 'screen', type: 'receipt', paymentId: 'a' });
    if (!view || 'ok' in view) throw new Error('no receipt');
    expect(JSON.parse(receiptFile(view).text)).toMatchObject({ receipt: 'e.e.e', amount: '2¢' });
    await press(root, 'Close');
    expect(root.querySelector('dialog')).toBeNull();
  });
});

it.each([
  ['Table (CSV)', 'csv', 'farthing-history.csv'],
  ['Data (JSON)', 'json', 'farthing-history.json'],
  ['Bookkeeping (hledger)', 'journal', 'farthing-history.journal'],
])('the whole history is saved as %s', async (label, format, name) => {
  const saved: string[] = [];
  answers['export-history'] = () => 'all of it';
  await show();
  const note = ({ target }: Event) => {
    if (target instanceof HTMLAnchorElement) saved.push(target.download);
  };
  const { click } = HTMLAnchorElement.prototype;
  HTMLAnchorElement.prototype.click = function (this: HTMLAnchorElement) {
    note({ target: this } as unknown as Event);
  };
  await press(root, label);
  HTMLAnchorElement.prototype.click = click;
  expect(askedFor('export-history')).toMatchObject([{ format }]);
  expect(saved).toEqual([name]);
  await after(() => undefined);
});
