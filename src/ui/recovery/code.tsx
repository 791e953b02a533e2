/** The twelve words, shown once; two of them are asked for, so that they are on paper. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button, SubmitButton } from '../../design/button.tsx';
import { numberText, say } from '../../words/say.ts';

interface CodeProps {
  readonly words: readonly string[];
  readonly busy: boolean;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}

/** Two places, the first in the first half: whoever wrote nothing down fails at one of them. */
function choosePlaces(count: number): readonly [number, number] {
  const half = Math.floor(count / 2);
  const [a = 0, b = 0] = crypto.getRandomValues(new Uint8Array(2));
  return [a % half, half + (b % (count - half))];
}

function WordList({ words }: { readonly words: readonly string[] }) {
  return (
    <ol class="words" translate={false}>
      {words.map((word, index) => (
        <li key={`${index} ${word}`}>{word}</li>
      ))}
    </ol>
  );
}

interface CheckProps extends CodeProps {
  readonly onBack: () => void;
}

function Check({ words, busy, onDone, onBack }: CheckProps) {
  const [places] = useState(() => choosePlaces(words.length));
  const [typed, setTyped] = useState<Record<number, string>>({});
  const [wrong, setWrong] = useState<number>();
  const isRight = (place: number) => typed[place]?.trim().toLowerCase() === words[place];
  const check = () => {
    const failed = places.find((place) => !isRight(place));
    setWrong(failed);
    if (failed === undefined) onDone();
  };
  return (
    <form
      class="steps"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) check();
      }}
    >
      <p>{say('codeLook')}</p>
      <div class="two">
        {places.map((place) => (
          <label class="field" key={place}>
            {say('codeWord', { place: numberText(place + 1) })}
            <input
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
              aria-invalid={wrong === place}
              onInput={(event) => setTyped({ ...typed, [place]: event.currentTarget.value })}
            />
          </label>
        ))}
      </div>
      {wrong !== undefined && (
        <p class="notice" role="alert">
          {say('codeWrong', { place: numberText(wrong + 1) })}
        </p>
      )}
      <div class="buttons">
        <SubmitButton busy={busy}>{say(busy ? 'saving' : 'save')}</SubmitButton>
        <Button onPress={onBack}>{say('codeAgain')}</Button>
      </div>
    </form>
  );
}

export function CodeScreen(props: CodeProps) {
  const { words, onCancel } = props;
  const [isWritten, setWritten] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), [isWritten]);
  return (
    <>
      <h2 class="lead" ref={heading} tabIndex={-1}>
        {say(isWritten ? 'codeCheck' : 'code')}
      </h2>
      {isWritten ? (
        <Check {...props} onBack={() => setWritten(false)} />
      ) : (
        <>
          <p>{say('codeNote')}</p>
          <WordList words={words} />
          <div class="buttons">
            <Button kind="main" onPress={() => setWritten(true)}>
              {say('codeWritten')}
            </Button>
            <Button onPress={onCancel}>{say('notNow')}</Button>
          </div>
        </>
      )}
    </>
  );
}
