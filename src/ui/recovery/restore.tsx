/** *I have used Farthing before*: a passkey or twelve words, and the wallet is here. */
import './recovery.css';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { canUsePasskeys, readPasskey } from '../../extension/passkey.ts';
import { ask } from '../../extension/screen.ts';
import { encodeBase64url } from '../../protocol/base64url.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { readWords } from '../../protocol/words.ts';
import { say } from '../../words/say.ts';
import { callText } from '../words.ts';
import { browserName } from './name.ts';

interface RestoreProps {
  /** Where the words are looked for; a passkey knows by itself. */
  readonly provider: string;
  /** Which service that is, and another one. */
  readonly children: ComponentChildren;
  readonly onRestored: () => Promise<void>;
  readonly onCancel: () => void;
}

/** `Word 3 is not in the list of words.`: a reader with a paper wants to know which. */
function failureText(error: FarthingError): string {
  const [, place] = /^word (\d+)/.exec(error.detail) ?? [];
  if (error.code === 'words_unknown' && place) return say('wordUnknown', { place });
  return callText(error);
}

function useRestore({ provider, onRestored }: RestoreProps) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  async function run(work: () => Promise<void>): Promise<void> {
    setBusy(true);
    setFailure(undefined);
    try {
      await work();
      await onRestored();
    } catch (error) {
      if (!(error instanceof FarthingError)) throw error;
      setFailure(failureText(error));
    }
    setBusy(false);
  }
  const name = browserName(navigator.userAgent);
  const byWords = (typed: string) =>
    run(async () => {
      const secret = encodeBase64url(await readWords(typed));
      await ask('restore', { kind: 'words', secret, provider, name });
    });
  const byPasskey = () =>
    run(async () => {
      const { secret, providerHost } = await readPasskey();
      const at = providerHost ?? provider;
      const encoded = encodeBase64url(secret);
      await ask('restore', { kind: 'passkey', secret: encoded, provider: at, name });
    });
  return { busy, failure, byWords, byPasskey };
}

export function RestoreScreen(props: RestoreProps) {
  const [typed, setTyped] = useState('');
  const { busy, failure, byWords, byPasskey } = useRestore(props);
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <section class="restore">
      <h2 class="lead" ref={heading} tabIndex={-1}>
        {say('welcomeBack')}
      </h2>
      {canUsePasskeys() && (
        <>
          <div class="buttons">
            <Button kind="main" busy={busy} onPress={() => void byPasskey()}>
              {say('usePasskey')}
            </Button>
          </div>
          <p class="divider">{say('or')}</p>
        </>
      )}
      <label class="field">
        {say('yourWords')}
        <textarea
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          translate={false}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      {props.children}
      {failure !== undefined && (
        <p class="notice" role="alert">
          {failure}
        </p>
      )}
      <div class="buttons">
        <Button
          kind={canUsePasskeys() ? 'plain' : 'main'}
          busy={busy}
          onPress={() => void byWords(typed)}
        >
          {say(busy ? 'bringing' : 'bring')}
        </Button>
        <Button onPress={props.onCancel}>{say('notNow')}</Button>
      </div>
    </section>
  );
}
