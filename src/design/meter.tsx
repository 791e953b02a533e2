/** How much of a limit is used: a bar for the eye, and the words that say it to everybody. */
import type { ComponentChildren } from 'preact';

interface MeterProps {
  readonly used: bigint;
  readonly limit: bigint;
  readonly children: ComponentChildren;
}

export function Meter({ used, limit, children }: MeterProps) {
  const percent = limit === 0n ? 100 : Math.min(100, Number((used * 100n) / limit));
  return (
    <div class="meter">
      <div class="meter-bar" aria-hidden="true">
        <span
          class={percent === 100 ? 'meter-fill meter-full' : 'meter-fill'}
          style={{ width: `${percent}%` }}
        />
      </div>
      <span>{children}</span>
    </div>
  );
}
