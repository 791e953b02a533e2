/** Keeps the wallet safe: a passkey or twelve words, the copy of the history, the browsers. */
import '../../design/tokens.css';
import '../../design/components.css';
import './recovery.css';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { canUsePasskeys, makePasskey } from '../../extension/passkey.ts';
import { ask, openPage } from '../../extension/screen.ts';
import { encodeBase64url } from '../../protocol/base64url.ts';
import { FarthingError } from '../../protocol/errors.ts';
import type { RecoveryKind } from '../../protocol/recovery.ts';
import type { SafetyView } from '../../wallet/account/devices.ts';
import { say } from '../../words/say.ts';
import { reasonText } from '../words.ts';
import { CodeScreen } from './code.tsx';
import { Devices } from './devices.tsx';
import { browserName } from './name.ts';

const SECRET_BYTES = 16;

/** Twelve words that are not set yet. */
interface Code {
  readonly words: readonly string[];
  readonly secret: string;
}

/** The words' list comes only where words are shown. */
async function makeCode(): Promise<Code> {
  const { writeWords } = await import('../../protocol/words.ts');
  const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return { words: (await writeWords(secret)).split(' '), secret: encodeBase64url(secret) };
}

/** A browser that nobody named gets a name when it becomes one of several. */
async function nameThis({ devices }: SafetyView): Promise<SafetyView | undefined> {
  const own = devices.find(({ isThis }) => isThis);
  if (own?.name !== '') return undefined;
  return ask('name-device', { kid: own.kid, name: browserName(navigator.userAgent) });
}

function useSafety() {
  const [safety, setSafety] = useState<SafetyView>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const run = useCallback(async (work: () => Promise<SafetyView | undefined>) => {
    setBusy(true);
    setFailure(undefined);
    try {
      const view = await work();
      if (view) setSafety(view);
    } catch (error) {
      if (!(error instanceof FarthingError)) throw error;
      setFailure(reasonText(error.code));
    } finally {
      setBusy(false);
    }
  }, []);
  const keep = useCallback(async (kind: RecoveryKind, secret: string) => {
    await ask('set-recovery', { kind, secret });
    const view = await ask('safety', {});
    return (await nameThis(view)) ?? view;
  }, []);
  const look = useCallback(() => run(() => ask('safety', {})), [run]);
  useEffect(() => void look(), [look]);
  return { safety, busy, failure, run, keep, look };
}
type Safety = ReturnType<typeof useSafety>;

function standText({ kinds }: SafetyView): string {
  const [only = 'none', other] = kinds;
  return say(`stand_${other ? 'both' : only}`);
}

function Ways({ safety, busy, run, keep, onCode }: WaysProps) {
  const has = (kind: RecoveryKind) => safety.kinds.includes(kind);
  const isSafe = safety.kinds.length > 0;
  const withPasskey = () =>
    run(async () => keep('passkey', encodeBase64url(await makePasskey(safety.providerHost))));
  return (
    <section class="steps">
      <p class="lead">{standText(safety)}</p>
      <div class="buttons">
        {canUsePasskeys() && (
          <Button kind={isSafe ? 'plain' : 'main'} busy={busy} onPress={() => void withPasskey()}>
            {say(has('passkey') ? 'otherPasskey' : 'withPasskey')}
          </Button>
        )}
        <Button kind={isSafe || canUsePasskeys() ? 'plain' : 'main'} busy={busy} onPress={onCode}>
          {say(has('words') ? 'newCode' : 'withCode')}
        </Button>
      </div>
      {isSafe && <p class="soft">{say('replaces')}</p>}
    </section>
  );
}
type WaysProps = Pick<Safety, 'busy' | 'run' | 'keep'> & {
  readonly safety: SafetyView;
  readonly onCode: () => void;
};

function Copy({ safety, busy, run }: Pick<Safety, 'busy' | 'run'> & { safety: SafetyView }) {
  if (safety.copy === undefined) return null;
  const isOn = safety.copy !== 'off';
  return (
    <section class="steps">
      <h2>{say('copy')}</h2>
      <label class="check">
        <input
          type="checkbox"
          checked={isOn}
          disabled={busy}
          onChange={() => void run(() => ask('set-copy', { state: isOn ? 'off' : 'on' }))}
        />
        <span>{say('copyKeep', { host: safety.providerHost })}</span>
      </label>
      <p class="soft">{say('copyNote')}</p>
      {safety.copy === 'full' && <p class="notice">{say('copyFull')}</p>}
      {safety.damaged > 0 && <p class="notice">{say('copyDamaged')}</p>}
    </section>
  );
}

function NoWallet() {
  return (
    <section class="steps">
      <p class="lead">{say('noWallet')}</p>
      <div class="buttons">
        <Button kind="main" onPress={() => void openPage('/welcome.html')}>
          {say('setUp')}
        </Button>
      </div>
    </section>
  );
}

function Content({ state }: { state: Safety }) {
  const { safety, busy, run, keep } = state;
  const [code, setCode] = useState<Code>();
  const begin = () => void makeCode().then(setCode);
  useEffect(() => {
    if (location.hash === '#words') begin();
  }, []);
  if (!safety) return state.failure === undefined ? <p class="soft">{say('moment')}</p> : null;
  if (code)
    return (
      <CodeScreen
        words={code.words}
        busy={busy}
        onDone={() =>
          void run(async () => {
            const view = await keep('words', code.secret);
            setCode(undefined);
            return view;
          })
        }
        onCancel={() => setCode(undefined)}
      />
    );
  return (
    <>
      <Ways safety={safety} busy={busy} run={run} keep={keep} onCode={begin} />
      <Copy safety={safety} busy={busy} run={run} />
      <Devices
        safety={safety}
        busy={busy}
        onName={(kid, name) => void run(() => ask('name-device', { kid, name }))}
        onRevoke={(kid) => void run(() => ask('revoke-device', { kid }))}
      />
    </>
  );
}

export function RecoveryScreen() {
  const [isOpen, setOpen] = useState<boolean>();
  useEffect(() => {
    void ask('standing', {}).then((standing) => setOpen(standing === 'open'));
  }, []);
  return (
    <main class="recovery" aria-busy={isOpen === undefined}>
      <h1>Farthing</h1>
      {isOpen === false && <NoWallet />}
      {isOpen && <Open />}
    </main>
  );
}

function Open() {
  const state = useSafety();
  return (
    <>
      <Content state={state} />
      {state.failure !== undefined && (
        <p class="notice" role="alert">
          {state.failure}{' '}
          {!state.safety && (
            <Button kind="link" onPress={() => void state.look()}>
              {say('tryAgain')}
            </Button>
          )}
        </p>
      )}
    </>
  );
}
