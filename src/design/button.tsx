/** Buttons. A guarded one takes no input for half a second after what it confirms was shown. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Trust, attack 1: nothing that was drawn under a finger a moment ago is confirmed by it. */
const GUARD_MS = 500;

const CLASSES = {
  main: 'button button-main',
  plain: 'button',
  /** What it does cannot be taken back. */
  danger: 'button button-danger',
  link: 'button-link',
} as const;

interface ButtonProps {
  readonly kind?: keyof typeof CLASSES;
  readonly busy?: boolean;
  readonly onPress: () => void;
  readonly children: ComponentChildren;
}

/** A button that ends a form: Enter in any of its fields presses it. */
export function SubmitButton({ busy = false, children }: Omit<ButtonProps, 'kind' | 'onPress'>) {
  return (
    <button type="submit" class={CLASSES.main} aria-disabled={busy}>
      {children}
    </button>
  );
}

/** An ordinary button; while busy it keeps its place and does nothing. */
export function Button({ kind = 'plain', busy = false, onPress, children }: ButtonProps) {
  return (
    <button
      type="button"
      class={CLASSES[kind]}
      aria-disabled={busy}
      onClick={() => !busy && onPress()}
    >
      {children}
    </button>
  );
}

interface GuardedProps extends ButtonProps {
  /** What is confirmed; when it changes the half second begins anew. */
  readonly subject: string;
  /** What a press that comes too early is answered with. */
  readonly early: ComponentChildren;
}

/**
 * A button that confirms money: trusted presses only, no key held down since before it appeared.
 */
export function GuardedButton({ subject, early, busy = false, onPress, children }: GuardedProps) {
  const [ready, setReady] = useState<string>();
  const [pressed, setPressed] = useState<string>();
  useEffect(() => {
    const timer = setTimeout(() => setReady(subject), GUARD_MS);
    return () => clearTimeout(timer);
  }, [subject]);
  const isReady = ready === subject;
  const isEarly = pressed === subject && !busy;
  const press = () => {
    if (!isReady) setPressed(subject);
    else if (!busy) onPress();
  };
  return (
    <>
      <button
        key={subject}
        type="button"
        class={`button button-main${isReady ? '' : ' button-guarded'}`}
        aria-disabled={!isReady || busy}
        onKeyDown={(event) => event.repeat && event.preventDefault()}
        onClick={(event) => event.isTrusted && press()}
      >
        {children}
      </button>
      <p class={isEarly ? 'early' : 'hidden'} role="status">
        {isEarly && early}
      </p>
    </>
  );
}
