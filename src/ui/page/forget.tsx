/** Deletes what was bought, at one site or everywhere, after it was said what goes. */
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Dialog } from '../../design/dialog.tsx';
import { ask, onForgetting } from '../../extension/screen.ts';
import type { ForgetView } from '../../wallet/history/forget.ts';
import { dayText } from '../../words/days.ts';
import { numberText, say } from '../../words/say.ts';

interface ForgetProps {
  /** Undefined for everything. */
  readonly host: string | undefined;
  readonly onChanged: () => Promise<void>;
}

interface QuestionProps {
  readonly host: string | undefined;
  readonly view: ForgetView;
  readonly onYes: () => Promise<void>;
  readonly onClose: () => void;
}

function titleOf(host: string | undefined): string {
  return host === undefined ? say('forgetAll') : say('forgetAt', { host });
}

/** How many go later, and by when. */
function laterText({ later, laterByMs }: ForgetView): string {
  const text = say('forgetLater', { number: numberText(later) });
  return laterByMs === undefined ? text : `${text} ${say('forgetBy', { day: dayText(laterByMs) })}`;
}

/** What goes, what stays for now, and what is not deleted. */
function Question({ host, view, onYes, onClose }: QuestionProps) {
  const [busy, setBusy] = useState(false);
  const [goneCount, setGoneCount] = useState(0);
  useEffect(() => onForgetting(setGoneCount), []);
  const { now, later } = view;
  const isNone = now + later === 0;
  return (
    <Dialog title={titleOf(host)} onClose={onClose}>
      {isNone && <p>{say('forgetNone')}</p>}
      {now > 0 && <p>{say('forgetNow', { number: numberText(now) })}</p>}
      {later > 0 && <p>{laterText(view)}</p>}
      {!isNone && (
        <ul>
          <li>{say('forgetAgain')}</li>
          <li>{say('forgetMoney')}</li>
          <li>{say('forgetElsewhere')}</li>
        </ul>
      )}
      {busy && now > 0 && (
        <label class="progress">
          {say('forgettingOf', { gone: numberText(goneCount), number: numberText(now) })}
          <progress max={now} value={goneCount} />
        </label>
      )}
      <div class="buttons">
        {!isNone && (
          <Button
            kind="danger"
            busy={busy}
            onPress={() => {
              setBusy(true);
              void onYes();
            }}
          >
            {busy ? say('forgetting') : say('forgetYes')}
          </Button>
        )}
        <Button onPress={onClose}>{isNone || busy ? say('close') : say('keepIt')}</Button>
      </div>
    </Dialog>
  );
}

/** What became of it, in a sentence. */
function toldOf(view: ForgetView): string {
  const { now, later } = view;
  const parts = [
    now > 0 && say('forgotten', { number: numberText(now) }),
    later > 0 && laterText(view),
  ];
  return parts.filter(Boolean).join(' ');
}

export function Forget({ host, onChanged }: ForgetProps) {
  const [view, setView] = useState<ForgetView>();
  const [told, setTold] = useState('');
  const forget = async () => {
    setTold(toldOf(await ask('forget', { host })));
    setView(undefined);
    await onChanged();
  };
  return (
    <>
      <p>
        <Button
          kind="danger"
          onPress={() => void ask('foresee-forgetting', { host }).then(setView)}
        >
          {titleOf(host)}
        </Button>{' '}
        <span role="status">{told}</span>
      </p>
      {view && (
        <Question host={host} view={view} onYes={forget} onClose={() => setView(undefined)} />
      )}
    </>
  );
}
