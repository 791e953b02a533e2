/** What the reader's other browsers have set aside: money that is not here yet, and when it is. */
import { useEffect, useState } from 'preact/hooks';
import { ask } from '../../extension/screen.ts';
import { FarthingError } from '../../protocol/errors.ts';
import type { SafetyView } from '../../wallet/account/devices.ts';
import { dayText } from '../../words/days.ts';
import { say } from '../../words/say.ts';
import { Said } from '../said.tsx';

/** Nothing is said where the wallet service does not answer; the page for browsers says it. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof FarthingError)) throw error;
}

export function OthersNote() {
  const [safety, setSafety] = useState<SafetyView>();
  useEffect(() => void ask('safety', {}).then(setSafety).catch(ignoreRefusal), []);
  const others = (safety?.devices ?? []).filter(({ isThis, aside }) => !isThis && aside !== '0');
  if (!safety || others.length === 0) return null;
  const sum = others.reduce((total, { aside }) => total + BigInt(aside), 0n);
  const lastMs = Math.max(...others.map(({ backByMs }) => backByMs));
  return (
    <p>
      <Said>
        {({ amount }) =>
          say('asideOthers', { amount: amount(`${sum}`, safety.currency), day: dayText(lastMs) })
        }
      </Said>
    </p>
  );
}
