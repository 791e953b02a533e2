/** The entries, a section a day; the next screenful comes as its place comes near. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { say } from '../../words/say.ts';
import type { Browsing, Found } from './browse.ts';
import { dayName } from './dates.ts';
import { type Day, spentIn } from './days.ts';
import { type EntryActs, EntryLine } from './entry.tsx';
import { Sum } from './sum.tsx';

/** How far below the screen it is read on. */
const AHEAD = '1200px';
/** A line's height where nothing has been drawn yet. */
const LINE_REM = 3.6;

interface DaySectionProps {
  readonly day: Day;
  readonly today: string;
  /** What it came to; undefined where that is not known yet. */
  readonly sum: string | bigint | undefined;
  readonly currency: string;
  readonly acts: EntryActs;
}

function DaySection({ day, today, sum, currency, acts }: DaySectionProps) {
  const lines = useMemo(
    () => day.entries.map((entry) => <EntryLine key={entry.id} entry={entry} {...acts} />),
    [day, acts],
  );
  const height = `auto ${3 + LINE_REM * day.entries.length}rem`;
  return (
    <section class="day" style={{ containIntrinsicBlockSize: height }}>
      <h3 class="day-head">
        <span>{dayName(day.day, today)}</span>
        {sum !== undefined && (
          <span class="day-sum">
            <Sum amount={sum} currency={currency} />
          </span>
        )}
      </h3>
      <ul>{lines}</ul>
    </section>
  );
}

/** Reads on when it comes near, and by a press where the browser does not tell. */
function More({ busy, more }: Pick<Browsing, 'busy' | 'more'>) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = place;
    if (!current || busy) return undefined;
    const seen = new IntersectionObserver(
      ([it]) => {
        if (it?.isIntersecting) void more();
      },
      { rootMargin: AHEAD },
    );
    seen.observe(current);
    return () => seen.disconnect();
  }, [busy, more]);
  return (
    <div ref={place} class="more">
      <Button busy={busy} onPress={() => void more()}>
        {say(busy ? 'looking' : 'more')}
      </Button>
    </div>
  );
}

interface DayListProps {
  readonly browsing: Browsing & { readonly found: Found };
  /** Whether only some of each day's entries are looked for. */
  readonly isFiltered: boolean;
  readonly currency: string;
  readonly today: string;
  readonly acts: EntryActs;
}

export function DayList({ browsing, isFiltered, currency, today, acts }: DayListProps) {
  const { found, busy, more } = browsing;
  const { days, sums, next } = found;
  const sumOf = (day: Day, index: number) => {
    if (!isFiltered) return sums[day.day];
    // More of the last day may come.
    if (next && index === days.length - 1) return undefined;
    return spentIn(day, currency);
  };
  return (
    <>
      {days.map((day, index) => (
        <DaySection key={day.day} {...{ day, today, currency, acts }} sum={sumOf(day, index)} />
      ))}
      {next && <More busy={busy} more={more} />}
    </>
  );
}
