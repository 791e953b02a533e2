/** The browsers that the wallet is on: which, since when, what they hold, and the end of one. */
import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import type { DeviceView, SafetyView } from '../../wallet/devices.ts';
import { amountText, dayText } from '../words.ts';

interface DevicesProps {
  readonly safety: SafetyView;
  readonly busy: boolean;
  readonly onName: (kid: string, name: string) => void;
  readonly onRevoke: (kid: string) => void;
}

/** What is being done about which browser. */
interface Doing {
  readonly kid: string;
  readonly what: 'name' | 'remove';
}

const NAME_LENGTH_MAX = 40;

interface NamingProps {
  readonly name: string;
  readonly busy: boolean;
  readonly onName: (name: string) => void;
  readonly onCancel: () => void;
}

function Naming({ name, busy, onName, onCancel }: NamingProps) {
  const [typed, setTyped] = useState(name);
  const save = () => (typed.trim() === '' ? onCancel() : onName(typed.trim()));
  return (
    <form
      class="device-ask"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <label class="field">
        Its name
        <input
          value={typed}
          maxLength={NAME_LENGTH_MAX}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      <div class="buttons">
        <Button kind="main" busy={busy} onPress={save}>
          Save
        </Button>
        <Button onPress={onCancel}>Not now</Button>
      </div>
    </form>
  );
}

function nameOf({ name, isThis }: DeviceView): string {
  if (name === '') return isThis ? 'This browser' : 'A browser without a name';
  return name;
}

/** Money of this browser is counted elsewhere; that of the others comes back by itself. */
function asideText({ aside, backByMs, isThis, revokedMs }: DeviceView, currency: string) {
  if (aside === '0' || isThis) return undefined;
  const amount = amountText(aside, currency);
  if (revokedMs === undefined) return `${amount} set aside there`;
  return `${amount} set aside there comes back by ${dayText(backByMs)}`;
}

function facts(device: DeviceView, currency: string): string {
  const { isThis, addedMs, revokedMs } = device;
  const since =
    revokedMs === undefined ? `since ${dayText(addedMs)}` : `removed ${dayText(revokedMs)}`;
  const parts = [isThis ? 'this one' : undefined, since, asideText(device, currency)];
  return parts.filter((part) => part !== undefined).join(' · ');
}

interface DeviceProps extends DevicesProps {
  readonly device: DeviceView;
  readonly doing: Doing['what'] | undefined;
  readonly onDo: (what: Doing['what'] | undefined) => void;
}

function Removing({ device, busy, onRevoke, onDo }: DeviceProps) {
  return (
    <div class="device-ask">
      <p>It pays nothing more. What it has set aside comes back within ten days.</p>
      <div class="buttons">
        <Button kind="main" busy={busy} onPress={() => onRevoke(device.kid)}>
          {busy ? 'Removing…' : 'Remove it'}
        </Button>
        <Button onPress={() => onDo(undefined)}>Keep it</Button>
      </div>
    </div>
  );
}

function Links({ device, onDo }: DeviceProps) {
  return (
    <div class="device-links">
      <Button kind="link" onPress={() => onDo('name')}>
        Rename
      </Button>
      {!device.isThis && (
        <Button kind="link" onPress={() => onDo('remove')}>
          Remove
        </Button>
      )}
    </div>
  );
}

function Device(props: DeviceProps) {
  const { device, safety, busy, doing, onDo, onName } = props;
  const { kid, name, revokedMs } = device;
  const isHere = revokedMs === undefined;
  return (
    <li class={isHere ? 'device' : 'device device-gone'}>
      <div>
        <p class="device-name">{nameOf(device)}</p>
        <p class="soft">{facts(device, safety.currency)}</p>
      </div>
      {isHere && !doing && <Links {...props} />}
      {isHere && doing === 'remove' && <Removing {...props} />}
      {isHere && doing === 'name' && (
        <Naming
          name={name}
          busy={busy}
          onName={(next) => {
            onName(kid, next);
            onDo(undefined);
          }}
          onCancel={() => onDo(undefined)}
        />
      )}
    </li>
  );
}

export function Devices(props: DevicesProps) {
  const [doing, setDoing] = useState<Doing>();
  const { devices } = props.safety;
  const ordered = devices.toSorted(
    (a, b) => Number(a.revokedMs !== undefined) - Number(b.revokedMs !== undefined),
  );
  return (
    <section class="steps">
      <h2>Your browsers</h2>
      <ul class="devices">
        {ordered.map((device) => (
          <Device
            {...props}
            key={device.kid}
            device={device}
            doing={doing?.kid === device.kid ? doing.what : undefined}
            onDo={(what) => setDoing(what && { kid: device.kid, what })}
          />
        ))}
      </ul>
    </section>
  );
}
