/** The account's devices as screens show them, and what the reader does about them. */
import type { DeviceAnswer, DevicesAnswer } from '../../protocol/api.ts';
import { encodeBase64url } from '../../protocol/base64url.ts';
import { thumbprint } from '../../protocol/key.ts';
import type { RecoveryKind } from '../../protocol/recovery.ts';
import { cleanText } from '../../protocol/text.ts';
import type { WalletPorts } from '../ports.ts';
import type { Account, HistoryCopy } from '../rows.ts';
import { requireActive } from './accounts.ts';
import { deviceClientOf } from './deviceclient.ts';
import { readKeep } from './keeps.ts';
import { noteSafety } from './recovery.ts';

export interface DeviceView {
  readonly kid: string;
  /** Empty where nobody named it. */
  readonly name: string;
  readonly isThis: boolean;
  readonly addedMs: number;
  readonly revokedMs: number | undefined;
  /** What it has set aside, and when that is back at the latest. */
  readonly aside: string;
  readonly backByMs: number;
}

/** How safe the account is from the loss of this device. */
export interface SafetyView {
  readonly providerHost: string;
  readonly currency: string;
  readonly kinds: readonly RecoveryKind[];
  readonly devices: readonly DeviceView[];
  /** Undefined before there is anything to seal it with. */
  readonly copy: HistoryCopy['state'] | undefined;
  /** Parts of other devices' copies that could not be read. */
  readonly damaged: number;
}

/** By the machine's own clock. */
function deviceView(device: DeviceAnswer, own: string, { clockOffsetMs }: Account): DeviceView {
  const here = (sec: number) => sec * 1000 - clockOffsetMs;
  return {
    kid: device.kid,
    name: cleanText(device.name),
    isThis: device.kid === own,
    addedMs: here(device.added),
    revokedMs: device.revoked === undefined ? undefined : here(device.revoked),
    aside: device.aside,
    backByMs: here(device.back),
  };
}

async function safetyView(
  ports: WalletPorts,
  account: Account,
  answer: DevicesAnswer,
): Promise<SafetyView> {
  await ports.store.transaction((tables) => noteSafety(tables, answer));
  const copy = await readKeep(ports.store, 'copy');
  const own = await thumbprint(account.device.jwk);
  return {
    providerHost: new URL(account.provider).host,
    currency: account.currency,
    kinds: answer.recovery.map(({ kind }) => kind),
    devices: answer.devices.map((it) => deviceView(it, own, account)),
    copy: copy?.state,
    damaged: copy?.damaged ?? 0,
  };
}

/** Asks the provider. @throws FarthingError `provider_unreachable`, `device_revoked` */
export async function readSafety(ports: WalletPorts): Promise<SafetyView> {
  const account = await requireActive(ports);
  return safetyView(ports, account, await deviceClientOf(ports, account).list());
}

/**
 * Names a device; again under another id is the same name.
 * @throws FarthingError `device_unknown`, `body_malformed`, `provider_unreachable`
 */
export async function nameDevice(
  ports: WalletPorts,
  { kid, name }: { readonly kid: string; readonly name: string },
): Promise<SafetyView> {
  const account = await requireActive(ports);
  const id = encodeBase64url(ports.random(16));
  return safetyView(ports, account, await deviceClientOf(ports, account).name(kid, { id, name }));
}

/**
 * Removes a device: from the provider's answer on it pays nothing. Again under another id changes
 * nothing, so that there is nothing to store before.
 * @throws FarthingError `device_last`, `device_unknown`, `provider_unreachable`
 */
export async function revokeDevice(ports: WalletPorts, kid: string): Promise<SafetyView> {
  const account = await requireActive(ports);
  const id = encodeBase64url(ports.random(16));
  return safetyView(ports, account, await deviceClientOf(ports, account).revoke(kid, id));
}

/** The reader is reminded again after a week. */
const LATER_MS = 7 * 86_400_000;

/** Whether the reader's own money would be lost with this device, and nobody was told lately. */
export async function isAtStake({ store, now }: WalletPorts, account: Account): Promise<boolean> {
  const safety = await readKeep(store, 'safety');
  if ((safety?.kinds ?? []).length > 0 || (await readKeep(store, 'setting'))) return false;
  const isLater = Math.abs(now() - (safety?.laterAtMs ?? Number.NEGATIVE_INFINITY)) < LATER_MS;
  return !isLater && account.availableMicros > (account.starterMicros ?? account.availableMicros);
}

/** *Later*. */
export async function remindLater({ store, now, changed }: WalletPorts): Promise<void> {
  await store.transaction(async ({ keeps }) => {
    const safety = await readKeep({ keeps }, 'safety');
    await keeps.put({ kinds: [], ...safety, key: 'safety', laterAtMs: now() });
  });
  changed();
}
