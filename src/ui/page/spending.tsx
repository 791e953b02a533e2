/** Where the money went: a column a month, a colour a seller, and the same figures as tables. */
import type { ComponentChildren } from 'preact';
import { Columns, topOf } from '../../design/chart.tsx';
import type { SpendingView } from '../../wallet/history/historyview.ts';
import type { HistoryQuery } from '../../wallet/history/search.ts';
import { numberText, say, sayAround } from '../../words/say.ts';
import { monthName, monthShort, yearName } from './dates.ts';
import { dearestFirst, type Share, sharesIn, sharesOf, sumOf } from './shares.ts';
import { Sum, sumSaid, sumText } from './sum.tsx';

interface SpendingProps {
  readonly spending: SpendingView;
  readonly query: HistoryQuery;
  readonly onQuery: (query: HistoryQuery) => void;
}

interface Shown extends SpendingProps {
  readonly shares: readonly Share[];
}

const OTHERS_KEY = 'others';

/** A second press takes the first back. */
function toggled<T>(now: T | undefined, pressed: T): T | undefined {
  return now === pressed ? undefined : pressed;
}

function Chart({ spending, shares, query, onQuery }: Shown) {
  const { currency, months } = spending;
  const columns = months.map((month) => {
    const parts = sharesIn(spending, shares, month);
    return {
      key: month,
      label: monthShort(month),
      // It begins with what stands under the column, so that it can be called by that.
      name: say('monthSum', {
        month: `${monthShort(month)} ${yearName(month)}`,
        amount: sumSaid(sumOf(parts), currency),
      }),
      isChosen: query.month === month,
      sum: sumOf(parts),
      parts: parts.map(({ payto = OTHERS_KEY, series, spent }) => ({
        key: payto,
        series,
        size: spent,
      })),
    };
  });
  const top = topOf(columns.reduce((most, { sum }) => (sum > most ? sum : most), 1n));
  const ticks = (top % 2n === 0n ? [top, top / 2n] : [top]).map((size) => ({
    size,
    label: sumText(size, currency),
  }));
  return (
    <Columns
      label={say('chart')}
      columns={columns}
      ticks={ticks}
      chosenPart={query.payto}
      onPress={(month) => onQuery({ ...query, month: toggled(query.month, month) })}
    />
  );
}

function ShareName({ share, query, onQuery }: { share: Share } & Omit<SpendingProps, 'spending'>) {
  const { payto, name, series } = share;
  const swatch = <span class="swatch" data-series={series} aria-hidden="true" />;
  if (payto === undefined)
    return (
      <span class="share-name">
        {swatch}
        <span dir="auto">{name}</span>
      </span>
    );
  return (
    <button
      type="button"
      class="share-name"
      aria-pressed={query.payto === payto}
      onClick={() => onQuery({ ...query, payto: toggled(query.payto, payto) })}
    >
      {swatch}
      <span dir="auto">{name}</span>
    </button>
  );
}

/** The sellers of the month that is chosen, else of the year. */
function Shares({ spending, shares, query, onQuery }: Shown) {
  const { month } = query;
  const { currency } = spending;
  const shown = month === undefined ? shares : dearestFirst(sharesIn(spending, shares, month));
  const amount = (
    <span class="figure">
      <Sum amount={sumOf(shown)} currency={currency} />
    </span>
  );
  return (
    <table class="table shares">
      <caption>
        {month === undefined
          ? sayAround('spentInYear', { amount })
          : sayAround<'spentInMonth', ComponentChildren>('spentInMonth', {
              amount,
              month: monthName(month),
            })}
      </caption>
      <thead class="hidden">
        <tr>
          <th scope="col">{say('seller')}</th>
          <th scope="col">{say('payments')}</th>
          <th scope="col">{say('spent')}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((share) => (
          <tr key={share.payto ?? OTHERS_KEY}>
            <th scope="row">
              <ShareName share={share} query={query} onQuery={onQuery} />
            </th>
            <td class="soft">{numberText(share.count)} ×</td>
            <td>
              <Sum amount={share.spent} currency={currency} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** All of the chart's figures: a row a seller, a column a month. */
function Figures({ spending, shares }: Shown) {
  const { currency, months } = spending;
  const byMonth = months.map((month) => ({ month, parts: sharesIn(spending, shares, month) }));
  const sumCell = (sum: bigint) => (sum === 0n ? '–' : <Sum amount={sum} currency={currency} />);
  const inMonth = (parts: readonly Share[], { payto }: Share) =>
    sumCell(parts.find((it) => it.payto === payto)?.spent ?? 0n);
  return (
    <details class="figures">
      <summary>{say('figures')}</summary>
      <div class="scroll">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{say('seller')}</th>
              {byMonth.map(({ month }) => (
                <th key={month} scope="col">
                  {monthShort(month)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shares.map((share) => (
              <tr key={share.payto ?? OTHERS_KEY}>
                <th scope="row">{share.name}</th>
                {byMonth.map(({ month, parts }) => (
                  <td key={month}>{inMonth(parts, share)}</td>
                ))}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{say('inAll')}</th>
              {byMonth.map(({ month, parts }) => (
                <td key={month}>{sumCell(sumOf(parts))}</td>
              ))}
            </tr>
          </tfoot>
        </table>
      </div>
    </details>
  );
}

export function Spending(props: SpendingProps) {
  const shares = sharesOf(props.spending, say('others'));
  if (shares.length === 0) return null;
  return (
    <section class="card spending" aria-label={say('where')}>
      <div>
        <h2>{say('where')}</h2>
        <Chart {...props} shares={shares} />
      </div>
      <Shares {...props} shares={shares} />
      <Figures {...props} shares={shares} />
    </section>
  );
}
