/** What sellers earned and paid in fees (SPEC 10.4), against their purses and the journal. */
import type { Selectable } from 'kysely';
import type { Books } from '../database/database.ts';
import type { EarningsRow } from '../database/tables.ts';
import { ledgerAccountId } from '../ledger/chart.ts';
import { feeDue } from '../ledger/fee.ts';
import type { Report } from './finding.ts';
import type { Replay } from './replay.ts';

type Earnings = Selectable<EarningsRow>;

/** What purses gave their sellers, and got back. */
async function sumsBySeller(books: Books): Promise<Map<string, { given: bigint; back: bigint }>> {
  const purses = books
    .selectFrom('purse')
    .select(['payto', 'currency', 'captured_micros', 'refunded_micros'])
    .stream();
  const sums = new Map<string, { given: bigint; back: bigint }>();
  for await (const { payto, currency, captured_micros, refunded_micros } of purses) {
    const key = `${payto.slice(0, payto.indexOf('@'))}:${currency}`;
    const { given, back } = sums.get(key) ?? { given: 0n, back: 0n };
    sums.set(key, { given: given + captured_micros, back: back + refunded_micros });
  }
  return sums;
}

/** SPEC 10.4: the fee on the whole, rounded down, and nothing beside it. */
function checkRow(row: Earnings, entryCount: number, report: Report): void {
  const { handle, currency, rate_basis_points: rate, fees_micros: fees } = row;
  const netMicros = row.collected_micros - row.refunded_micros;
  const terms = { collectedMicros: netMicros, rateBasisPoints: Number(rate) };
  const due = feeDue({ ...terms, takenMicros: 0n });
  const found = (detail: string) =>
    report({ invariant: 'T8', row: `earnings ${handle}:${currency}`, detail });
  if (fees !== due) found(`fees of ${fees} at ${rate} basis points, where ${due} micros are due`);
  if (row.collected_micros <= 0n) found(`nothing was collected at ${rate} basis points`);
  if (row.changed_number > entryCount)
    found(`changed at entry ${row.changed_number}, the journal ends at ${entryCount}`);
}

function sumOf(rows: readonly Earnings[]) {
  return rows.reduce(
    (sum, row) => ({
      collected: sum.collected + row.collected_micros,
      refunded: sum.refunded + row.refunded_micros,
      fees: sum.fees + row.fees_micros,
    }),
    { collected: 0n, refunded: 0n, fees: 0n },
  );
}

/** All fees are somebody's: what the provider took is what sellers paid. */
function checkFees(rows: readonly Earnings[], { balances }: Replay, report: Report): void {
  const byCurrency = Map.groupBy(rows, ({ currency }) => currency);
  const names = [...balances.keys()].filter((name) => name.startsWith('provider fees:'));
  const currencies = names.map((name) => name.slice(name.indexOf(':') + 1));
  for (const currency of new Set([...byCurrency.keys(), ...currencies])) {
    const row = ledgerAccountId({ kind: 'provider fees', owner: '', currency });
    const booked = balances.get(row) ?? 0n;
    const { fees } = sumOf(byCurrency.get(currency) ?? []);
    const detail = `the journal took ${booked} micros, the earnings of sellers say ${fees}`;
    if (booked !== fees) report({ invariant: 'T8', row: `ledger_account ${row}`, detail });
  }
}

/** What a seller collected is what its purses gave, and is all in its earnings and the fees. */
export async function checkEarnings(
  books: Books,
  { replay, report }: { replay: Replay; report: Report },
): Promise<void> {
  const rows = await books.selectFrom('earnings').selectAll().execute();
  for (const row of rows) checkRow(row, replay.entryCount, report);
  checkFees(rows, replay, report);
  const purses = await sumsBySeller(books);
  const sellers = Map.groupBy(rows, ({ handle, currency }) => `${handle}:${currency}`);
  for (const key of new Set([...purses.keys(), ...sellers.keys()])) {
    const found = (invariant: 'T4' | 'T8', detail: string) =>
      report({ invariant, row: `earnings ${key}`, detail });
    const { collected, refunded, fees } = sumOf(sellers.get(key) ?? []);
    const { given, back } = purses.get(key) ?? { given: 0n, back: 0n };
    const balanceOf = (kind: string) => replay.balances.get(`${kind}:${key}`) ?? 0n;
    const earned = balanceOf('seller earned') + balanceOf('seller earned starter');
    const paidOut = replay.sellers.get(key)?.paidOutMicros ?? 0n;
    const taken = replay.sellers.get(key)?.feesMicros ?? 0n;
    if (collected !== given)
      found('T4', `says ${collected} were collected, its purses gave ${given} micros`);
    if (refunded !== back) found('T4', `says ${refunded} went back, its purses got ${back} micros`);
    if (fees !== taken) found('T8', `says ${fees} were its fees, the journal took ${taken}`);
    if (earned + paidOut + fees !== collected - refunded)
      found(
        'T8',
        `has ${earned}, got ${paidOut}, paid fees of ${fees}, of ${collected} − ${refunded}`,
      );
  }
}
