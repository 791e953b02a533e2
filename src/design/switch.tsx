/** A switch: on or off at once, with a line that says what it does. */
import type { ComponentChildren } from 'preact';

interface SwitchProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly label: string;
  readonly note?: ComponentChildren;
}

export function Switch({ checked, onChange, label, note }: SwitchProps) {
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        aria-checked={checked}
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        {label}
        {note !== undefined && <span class="soft switch-note">{note}</span>}
      </span>
    </label>
  );
}
