/** What the wallet answers about keeping its account safe, and coming back to it. */

import type { Leaving } from '../history/forgetting.ts';
import type { Payer } from '../payment/pay.ts';
import type { WalletPorts } from '../ports.ts';
import { providerAddress } from './accounts.ts';
import { backUp, setCopy } from './backup.ts';
import { nameDevice, readSafety, remindLater, revokeDevice, type SafetyView } from './devices.ts';
import type { Keeper } from './keeper.ts';
import { readKeep } from './keeps.ts';
import { leave } from './leaving.ts';
import { type RestoreWish, restore, type Secret, setRecovery } from './recovery.ts';

/** `restoring`: its account is on the way; `revoked`: another device has removed this one. */
export type Standing = 'none' | 'restoring' | 'open' | 'revoked';

/** The part of `Wallet` that is about devices, recovery and the copy of the history. */
export interface Keeping {
  /** Whether there is an open account that this device may pay from. */
  isOpen(): Promise<boolean>;
  /** Why there is none, where that is not because there never was one. */
  standing(): Promise<Standing>;
  /**
   * Sets what brings the account back when this device is lost, and begins the copy of the history.
   * @throws FarthingError `provider_unreachable` (it is tried again), the provider's codes
   */
  setRecovery(secret: Secret): Promise<void>;
  /**
   * Brings the account of a secret to this device, which has none or was removed from its own.
   * @throws FarthingError `recovery_unknown`, `account_exists`, `device_limit`,
   *   `provider_unreachable` (it is tried again)
   */
  restore(wish: RestoreWish): Promise<void>;
  /** Devices, recovery and the copy. @throws FarthingError `provider_unreachable` */
  safety(): Promise<SafetyView>;
  /** @throws FarthingError `device_unknown`, `body_malformed`, `provider_unreachable` */
  nameDevice(change: { readonly kid: string; readonly name: string }): Promise<SafetyView>;
  /** @throws FarthingError `device_last`, `device_unknown`, `provider_unreachable` */
  revokeDevice(kid: string): Promise<SafetyView>;
  /** Keeps the copy, or ends it and has it erased. @throws FarthingError `provider_unreachable` */
  setCopy(state: 'on' | 'off'): Promise<SafetyView>;
  /**
   * Closes the account, and keeps or deletes what was bought here; then there is no wallet.
   * @throws FarthingError `account_not_empty`, `account_frozen`, `device_revoked`;
   *   `provider_unreachable` where it goes on by itself
   */
  leave(history: Leaving['history']): Promise<void>;
  /** The reminder to keep the account safe comes back in a week. */
  remindLater(): Promise<void>;
}

async function standing({ store }: WalletPorts): Promise<Standing> {
  const account = await store.account.get('account');
  const isOpen = account?.state === 'open';
  if (isOpen && account.revokedAtMs === undefined) return 'open';
  if (await readKeep(store, 'restoring')) return 'restoring';
  return isOpen ? 'revoked' : 'none';
}

/** What was bought is copied soon. */
export function copyingAfter(payer: Payer, keeper: Keeper): Payer {
  return {
    ...payer,
    async run(paymentId) {
      const outcome = await payer.run(paymentId);
      if (outcome.kind === 'paid') void keeper.soon();
      return outcome;
    },
  };
}

/** Makes that part. */
export function createKeeping(ports: WalletPorts, keeper: Keeper): Keeping {
  return {
    isOpen: async () => (await standing(ports)) === 'open',
    standing: () => standing(ports),
    setRecovery: (secret) =>
      keeper.alone(async () => {
        await setRecovery(ports, secret);
        await backUp(ports);
      }),
    restore: (wish) =>
      keeper.alone(() => restore(ports, { ...wish, provider: providerAddress(wish.provider) })),
    safety: () => readSafety(ports),
    nameDevice: (change) => nameDevice(ports, change),
    revokeDevice: (kid) => revokeDevice(ports, kid),
    async setCopy(state) {
      await setCopy(ports, state);
      await keeper.sync();
      return readSafety(ports);
    },
    leave: (history) => keeper.alone(() => leave(ports, history)),
    remindLater: () => remindLater(ports),
  };
}
