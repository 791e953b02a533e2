/** *Show prices on every site I visit*: never on by itself, never asked for. */
import { Switch } from '../design/switch.tsx';
import { letIn, shutOut } from '../extension/screen.ts';
import { say } from '../words/say.ts';

/** The pattern that stands for every site. */
const EVERY_SITE = 'https://*/*';

interface EverySiteProps {
  readonly isOn: boolean;
  readonly onChanged: () => Promise<void>;
  readonly note?: string;
}

export function EverySiteSwitch({ isOn, onChanged, ...rest }: EverySiteProps) {
  const change = async (checked: boolean) => {
    // First of all, while the browser still knows that the reader pressed something.
    await (checked ? letIn(EVERY_SITE) : shutOut(EVERY_SITE));
    await onChanged();
  };
  return (
    <Switch
      checked={isOn}
      onChange={(checked) => void change(checked)}
      label={say('everySite')}
      {...rest}
    />
  );
}
