/** What to look for: words, a seller, a month, a state. */
import type { ComponentChildren } from 'preact';
import { Button } from '../../design/button.tsx';
import { Select } from '../../design/select.tsx';
import type { EntryState } from '../../wallet/entries.ts';
import type { HistoryQuery } from '../../wallet/search.ts';
import { words } from './words.ts';

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
const STATES: readonly EntryState[] = ['paid', 'undone', 'waiting', 'refused'];

/** Without what is looked for everywhere. */
export function isFiltered({ words: text, payto, month, state }: HistoryQuery): boolean {
  return [text, payto, month, state].some((it) => it !== undefined);
}

export function Find({ query, onQuery, months, sellers, children }: FindProps) {
  const change = (part: Partial<HistoryQuery>) => onQuery({ ...query, ...part });
  const stateNames = STATES.map((it) => [it, words.states[it]] as const);
  return (
    <search class="find">
      <label class="field find-words">
        {words.search}
        <input
          type="search"
          value={query.words ?? ''}
          placeholder={words.searchHint}
          maxLength={WORDS_LENGTH_MAX}
          onInput={({ currentTarget: { value } }) => change({ words: value || undefined })}
        />
      </label>
      <Select
        label={words.seller}
        any={words.anySeller}
        value={query.payto}
        options={sellers.map(({ payto, name }) => [payto, name] as const)}
        onChange={(payto) => change({ payto })}
      />
      <Select
        label={words.month}
        any={words.anyMonth}
        value={query.month}
        options={months.map((month) => [month, words.monthName(month)] as const)}
        onChange={(month) => change({ month })}
      />
      <Select
        label={words.state}
        any={words.anyState}
        value={query.state}
        options={stateNames}
        onChange={(state) => change({ state })}
      />
      {isFiltered(query) && (
        <Button kind="link" onPress={() => onQuery({})}>
          {words.showAll}
        </Button>
      )}
      {children}
    </search>
  );
}
