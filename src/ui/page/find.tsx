/** What to look for: words, a seller, a month, a state. */
import type { ComponentChildren } from 'preact';
import { Button } from '../../design/button.tsx';
import { Select } from '../../design/select.tsx';
import type { EntryState } from '../../wallet/history/entries.ts';
import type { HistoryQuery } from '../../wallet/history/search.ts';
import { say } from '../../words/say.ts';
import { monthName, yearName } from './dates.ts';

interface FindProps {
  readonly query: HistoryQuery;
  readonly onQuery: (query: HistoryQuery) => void;
  /** `2026-11`, the newest first. */
  readonly months: readonly string[];
  readonly sellers: readonly { readonly payto: string; readonly name: string }[];
  /** What else can be done with all of it. */
  readonly children: ComponentChildren;
}

const WORDS_LENGTH_MAX = 200;
const STATES: readonly EntryState[] = ['paid', 'undone', 'free', 'waiting', 'refused'];

/** Without what is looked for everywhere. */
export function isFiltered({ words: text, payto, month, state }: HistoryQuery): boolean {
  return [text, payto, month, state].some((it) => it !== undefined);
}

/** More months than these stand under their years. */
const MONTH_COUNT_MAX = 12;

function monthOption(month: string, count: number) {
  const year = count > MONTH_COUNT_MAX ? yearName(month) : undefined;
  return [month, monthName(month), year] as const;
}

export function Find({ query, onQuery, months, sellers, children }: FindProps) {
  const change = (part: Partial<HistoryQuery>) => onQuery({ ...query, ...part });
  // A month can be looked for in which nothing was bought.
  const all = query.month === undefined ? months : [...new Set([...months, query.month])];
  const stateNames = STATES.map((it) => [it, say(`state_${it}`)] as const);
  return (
    <search class="find">
      <label class="field find-words">
        {say('search')}
        <input
          type="search"
          value={query.words ?? ''}
          placeholder={say('searchHint')}
          maxLength={WORDS_LENGTH_MAX}
          onInput={({ currentTarget: { value } }) => change({ words: value || undefined })}
        />
      </label>
      <Select
        label={say('seller')}
        any={say('anySeller')}
        value={query.payto}
        options={sellers.map(({ payto, name }) => [payto, name] as const)}
        onChange={(payto) => change({ payto })}
      />
      <Select
        label={say('month')}
        any={say('anyMonth')}
        value={query.month}
        options={all
          .toSorted()
          .reverse()
          .map((month) => monthOption(month, all.length))}
        onChange={(month) => change({ month })}
      />
      <Select
        label={say('state')}
        any={say('anyState')}
        value={query.state}
        options={stateNames}
        onChange={(state) => change({ state })}
      />
      {isFiltered(query) && (
        <Button kind="link" onPress={() => onQuery({})}>
          {say('showAll')}
        </Button>
      )}
      {children}
    </search>
  );
}
