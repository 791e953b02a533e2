/**
 * Stacked columns: one a month, one part a seller. Each column is a button with its figure as its
 * name; what the parts say for the eye, a table beside them says for everybody.
 */

/** How many colours there are; what is beyond shares the last one. */
export const SERIES_MAX = 6;

export interface ColumnPart {
  readonly key: string;
  /** Which colour, from 0; `SERIES_MAX` is that of all others. */
  readonly series: number;
  readonly size: bigint;
}

export interface Column {
  readonly key: string;
  /** Under it. */
  readonly label: string;
  /** Read out, and shown where a mouse rests on it. */
  readonly name: string;
  readonly parts: readonly ColumnPart[];
  readonly isChosen: boolean;
}

export interface Tick {
  readonly size: bigint;
  readonly label: string;
}

interface ColumnsProps {
  /** What the chart is about. */
  readonly label: string;
  readonly columns: readonly Column[];
  /** Lines across; the highest is the chart's top. */
  readonly ticks: readonly Tick[];
  /** A part to show; the others step back. */
  readonly chosenPart: string | undefined;
  readonly onPress: (key: string) => void;
}

/** The next of 1, 2, 5, 10, 20, 50 … at or above `size`. */
export function topOf(size: bigint): bigint {
  for (let unit = 1n; ; unit *= 10n)
    for (const step of [unit, 2n * unit, 5n * unit]) if (step >= size) return step;
}

function percent(size: bigint, top: bigint): string {
  return `${Number((size * 10_000n) / top) / 100}%`;
}

export function Columns({ label, columns, ticks, chosenPart, onPress }: ColumnsProps) {
  const top = ticks.reduce((most, { size }) => (size > most ? size : most), 1n);
  const isAnyChosen = columns.some(({ isChosen }) => isChosen);
  return (
    <fieldset class="chart">
      <legend class="hidden">{label}</legend>
      <div class="chart-ticks" aria-hidden="true">
        {ticks.map((tick) => (
          <span key={tick.label} style={{ insetBlockEnd: percent(tick.size, top) }}>
            {tick.label}
          </span>
        ))}
      </div>
      {columns.map(({ key, label: below, name, parts, isChosen }) => (
        <button
          key={key}
          type="button"
          class={isAnyChosen && !isChosen ? 'column column-faded' : 'column'}
          aria-label={name}
          aria-pressed={isChosen}
          title={name}
          onClick={() => onPress(key)}
        >
          <span class="column-bar">
            {parts.map((part) => (
              <span
                key={part.key}
                class={chosenPart && chosenPart !== part.key ? 'part part-faded' : 'part'}
                data-series={part.series}
                style={{ height: percent(part.size, top) }}
              />
            ))}
          </span>
          <span class="column-label">{below}</span>
        </button>
      ))}
    </fieldset>
  );
}
