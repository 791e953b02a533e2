/** The history on the page: a screenful at a time, read again when the wallet says so. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ask, onChange } from '../../extension/screen.ts';
import { FarthingError } from '../../protocol/errors.ts';
import type { EntryView, HistoryView } from '../../wallet/history/historyview.ts';
import type { HistoryQuery, Place } from '../../wallet/history/search.ts';
import { reasonText } from '../words.ts';
import { type Day, joined, renewed, replaced } from './days.ts';

/** What was found so far. */
export interface Found {
  readonly days: readonly Day[];
  /** What each day came to in all, whatever is looked for. */
  readonly sums: HistoryView['days'];
  readonly next: Place | undefined;
}

export interface Browsing {
  /** Undefined until the first answer. */
  readonly found: Found | undefined;
  readonly busy: boolean;
  readonly failure: string | undefined;
  /** Goes on where the former screenful ended. */
  readonly more: () => Promise<void>;
  /** One entry as it is now, wherever it stands. */
  readonly renew: (entry: EntryView) => void;
  readonly reload: () => Promise<void>;
}

function useFailure() {
  const [failure, setFailure] = useState<string>();
  const attempt = useCallback(async (work: () => Promise<void>) => {
    setFailure(undefined);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof FarthingError)) throw error;
      setFailure(reasonText(error.code));
    }
  }, []);
  return { failure, attempt };
}

/** What was found, after its first screenful was read again. */
function again(former: Found | undefined, { entries, days, next }: HistoryView): Found {
  const oldest = entries.at(-1);
  const isKnown = former?.days.some((day) => day.entries.some(({ id }) => id === oldest?.id));
  // Nothing joins what was found before to so much that is new: it begins anew.
  if (!former || !next || !isKnown) return { days: joined([], entries), sums: days, next };
  return {
    days: renewed(former.days, entries),
    sums: { ...former.sums, ...days },
    next: former.next,
  };
}

/** What `query` finds. The same object asks once; another one begins anew. */
export function useHistory(query: HistoryQuery): Browsing {
  const [found, setFound] = useState<Found>();
  const [busy, setBusy] = useState(true);
  const { failure, attempt } = useFailure();
  // An answer to what was asked before the last question is not shown.
  const question = useRef(query);
  const underWay = useRef<Promise<unknown>>(undefined);

  const read = useCallback(
    async (after: Place | undefined, put: (view: HistoryView) => void) => {
      setBusy(true);
      await attempt(async () => {
        const view = await ask('history', { ...query, after });
        if (question.current === query) put(view);
      });
      if (question.current === query) setBusy(false);
    },
    [query, attempt],
  );

  // Asked before the screen is painted, and before the balance is: it is what the reader came for.
  useLayoutEffect(() => {
    question.current = query;
    const begin = async () => {
      // Whoever types asks faster than is answered: only the last question is asked then.
      if (question.current !== query) return;
      await read(undefined, ({ entries, days, next }) =>
        setFound({ days: joined([], entries), sums: days, next }),
      );
    };
    underWay.current = underWay.current ? underWay.current.then(begin, begin) : begin();
  }, [query, read]);

  const reload = useCallback(
    () => read(undefined, (view) => setFound((it) => again(it, view))),
    [read],
  );

  const next = found?.next;
  const more = useCallback(async () => {
    if (!next || busy) return;
    await read(next, (view) =>
      setFound((former) => ({
        days: joined(former?.days ?? [], view.entries),
        sums: { ...former?.sums, ...view.days },
        next: view.next,
      })),
    );
  }, [next, busy, read]);

  const renew = useCallback((entry: EntryView) => {
    setFound((former) => former && { ...former, days: replaced(former.days, entry) });
  }, []);

  useChange(reload);
  return { found, busy, failure, more, renew, reload };
}

/** Calls the newest `look` whenever something changed; one listener for the page's life. */
export function useChange(look: () => Promise<void>): void {
  const latest = useRef(look);
  latest.current = look;
  useEffect(() => onChange(() => void latest.current()), []);
}
