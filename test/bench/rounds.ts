/**
 * Times several things in the same run, in turn, so that whatever slows the machine for a while
 * slows all of them; medians, so that what happens once does not count.
 */

/** One thing to time: `prepare` makes what one round uses up, outside the time. */
export interface Timed {
  readonly name: string;
  /** Charges in one call, where it is more than one. */
  readonly charges?: number;
  prepare(count: number): Promise<readonly (() => unknown)[]>;
}

export interface Timing {
  readonly name: string;
  /** Microseconds of one charge: the median of the rounds. */
  readonly medianUs: number;
  /** The median of the rounds' ratios to the first thing of the same round. */
  readonly ratio: number;
}

export interface RoundOptions {
  readonly rounds: number;
  /** Calls in one round. */
  readonly calls: number;
}

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function timeOne(thing: Timed, calls: readonly (() => unknown)[]): Promise<number> {
  const startMs = performance.now();
  for (const call of calls) await call();
  return ((performance.now() - startMs) * 1000) / calls.length / (thing.charges ?? 1);
}

/** Times `things`; the first is the measure of the others. */
export async function timeRounds(
  things: readonly Timed[],
  { rounds, calls }: RoundOptions,
): Promise<Timing[]> {
  const times = things.map((): number[] => []);
  // One round more: the first only warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const [index, thing] of things.entries()) {
      const prepared = await thing.prepare(calls);
      const timeUs = await timeOne(thing, prepared);
      if (round > 0) times[index]?.push(timeUs);
    }
  }
  const [base = []] = times;
  return things.map(({ name }, index) => {
    const own = times[index] ?? [];
    const ratios = own.map((timeUs, round) => timeUs / (base[round] ?? Number.NaN));
    return { name, medianUs: median(own), ratio: median(ratios) };
  });
}
