/** The browsers that the wallet is on: which, since when, what they hold, and the end of one. */
import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import type { DeviceView, SafetyView } from '../../wallet/account/devices.ts';
import { dayText } from '../../words/days.ts';
import { numberText, say } from '../../words/say.ts';
import { Said } from '../said.tsx';

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
        {say('deviceName')}
        <input
          value={typed}
          maxLength={NAME_LENGTH_MAX}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      <div class="buttons">
        <Button kind="main" busy={busy} onPress={save}>
          {say('save')}
        </Button>
        <Button onPress={onCancel}>{say('notNow')}</Button>
      </div>
    </form>
  );
}

function nameOf({ name, isThis }: DeviceView): string {
  if (name === '') return say(isThis ? 'deviceThis' : 'deviceNameless');
  return name;
}

/** Which of those that are called the same: the first is 1. */
function numbered(devices: readonly DeviceView[]): ReadonlyMap<string, number> {
  const byName = Map.groupBy(
    devices.toSorted((a, b) => a.addedMs - b.addedMs),
    ({ name }) => name,
  );
  const namesakes = [...byName.values()].filter(({ length }) => length > 1);
  return new Map(namesakes.flatMap((own) => own.map(({ kid }, index) => [kid, index + 1])));
}

/** How an amount is written. */
type Write = (amount: string) => string;

/** Money of this browser is counted elsewhere; that of the others comes back by itself. */
function asideText({ aside, backByMs, isThis, revokedMs }: DeviceView, write: Write) {
  if (aside === '0' || isThis) return undefined;
  const amount = write(aside);
  if (revokedMs === undefined) return say('deviceAside', { amount });
  return say('deviceAsideBack', { amount, day: dayText(backByMs) });
}

function facts(device: DeviceView, write: Write): string {
  const { isThis, name, addedMs, revokedMs } = device;
  const since =
    revokedMs === undefined
      ? say('deviceSince', { day: dayText(addedMs) })
      : say('deviceRemoved', { day: dayText(revokedMs) });
  const parts = [
    isThis && name !== '' ? say('deviceIsThis') : undefined,
    since,
    asideText(device, write),
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

interface DeviceProps extends DevicesProps {
  readonly device: DeviceView;
  readonly number: number | undefined;
  readonly doing: Doing['what'] | undefined;
  readonly onDo: (what: Doing['what'] | undefined) => void;
}

function Removing({ device, busy, onRevoke, onDo }: DeviceProps) {
  return (
    <div class="device-ask">
      <p>{say('deviceRemoveNote')}</p>
      <div class="buttons">
        <Button kind="danger" busy={busy} onPress={() => onRevoke(device.kid)}>
          {say(busy ? 'removing' : 'removeIt')}
        </Button>
        <Button onPress={() => onDo(undefined)}>{say('keepIt')}</Button>
      </div>
    </div>
  );
}

function Links({ device, onDo }: DeviceProps) {
  return (
    <div class="device-links">
      <Button kind="link" onPress={() => onDo('name')}>
        {say('rename')}
      </Button>
      {!device.isThis && (
        <Button kind="link" onPress={() => onDo('remove')}>
          {say('remove')}
        </Button>
      )}
    </div>
  );
}

function Device(props: DeviceProps) {
  const { device, number, safety, busy, doing, onDo, onName } = props;
  const { kid, name, revokedMs } = device;
  const isHere = revokedMs === undefined;
  return (
    <li class={isHere ? 'device' : 'device device-gone'}>
      <div>
        <p class="device-name">
          {nameOf(device)}
          {number && ` · ${numberText(number)}`}
        </p>
        <p class="soft">
          <Said>{({ amount }) => facts(device, (aside) => amount(aside, safety.currency))}</Said>
        </p>
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
  const numbers = numbered(devices);
  const ordered = devices.toSorted(
    (a, b) => Number(a.revokedMs !== undefined) - Number(b.revokedMs !== undefined),
  );
  return (
    <section class="steps">
      <h2>{say('devices')}</h2>
      <ul class="devices">
        {ordered.map((device) => (
          <Device
            {...props}
            key={device.kid}
            device={device}
            number={numbers.get(device.kid)}
            doing={doing?.kid === device.kid ? doing.what : undefined}
            onDo={(what) => setDoing(what && { kid: device.kid, what })}
          />
        ))}
      </ul>
    </section>
  );
}
