/** A dialog over the page: the browser keeps the focus in it, and Escape closes it. */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** One dialog is open at a time. */
const TITLE_ID = 'dialog-title';

export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const latest = useRef(onClose);
  latest.current = onClose;
  useLayoutEffect(() => {
    const { current } = dialog;
    const close = () => latest.current();
    // The browser tells of a dialog that it has closed only later: what the reader opens until then
    // would be taken for the one that closed. So Escape closes as a button of ours does.
    const cancel = (event: Event) => {
      event.preventDefault();
      close();
    };
    current?.addEventListener('cancel', cancel);
    // Without a press on the page since the last time, the browser closes it unasked.
    current?.addEventListener('close', close);
    current?.showModal();
    return () => {
      // One that is taken away unclosed would leave the focus nowhere; closed, it goes back.
      current?.removeEventListener('close', close);
      current?.close();
    };
  }, []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={TITLE_ID}>
      <div class="dialog-body">
        <h2 id={TITLE_ID} class="dialog-title" tabIndex={-1}>
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  );
}
