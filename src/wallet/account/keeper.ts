/**
 * Keeps the account safe as time goes on: goes on with what was begun, copies what is new, reads
 * what other devices have copied. One at a time; what fails is tried again at the next occasion.
 */
import { FarthingError } from '../../protocol/errors.ts';
import type { WalletPorts } from '../ports.ts';
import { createQueue } from '../queue.ts';
import { backUp } from './backup.ts';
import { readCopy } from './copied.ts';
import { readKeep } from './keeps.ts';
import { finishLeaving } from './leaving.ts';
import { finishRestoring, finishSetting } from './recovery.ts';

/**
 * Purchases that come one after the other are copied together. The browser may stop the worker
 * before: then they are copied when it wakes.
 */
const SOON_MS = 10_000;

export interface Keeper {
  /** Runs `work` when nothing else of this kind is under way. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Goes on with what was begun, then copies and reads. @throws FarthingError the provider's */
  sync(): Promise<void>;
  /** `sync`, where nobody is told of a failure. */
  catchUp(): Promise<void>;
  /** Copies soon, where there is a copy. */
  soon(): Promise<void>;
  /** Goes on with what a death left unfinished; answers how much there is of it. */
  resume(): Promise<number>;
}

/** The provider is asked again at the next occasion; screens say that it does not answer. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof FarthingError)) throw error;
}

async function isActive({ store }: WalletPorts): Promise<boolean> {
  const account = await store.account.get('account');
  return account?.state === 'open' && account.revokedAtMs === undefined;
}

async function sync(ports: WalletPorts): Promise<void> {
  await finishRestoring(ports);
  await finishLeaving(ports);
  if (!(await isActive(ports))) return;
  await finishSetting(ports);
  await backUp(ports);
  await readCopy(ports);
}

/** Makes the keeper. */
export function createKeeper(ports: WalletPorts): Keeper {
  const queue = createQueue();
  let isSoon = false;
  const keeper: Keeper = {
    alone: (work) => queue('keep', work),
    sync: () => keeper.alone(() => sync(ports)),
    catchUp: () => keeper.sync().catch(ignoreRefusal),
    async soon() {
      if (isSoon || (await readKeep(ports.store, 'copy'))?.state !== 'on') return;
      isSoon = true;
      await ports.wait(SOON_MS);
      isSoon = false;
      await keeper.catchUp();
    },
    async resume() {
      const kinds = ['restoring', 'leaving', 'setting', 'outbox', 'erasing'] as const;
      const begun = await Promise.all(kinds.map((kind) => readKeep(ports.store, kind)));
      void keeper.catchUp();
      return begun.filter((row) => row !== undefined).length;
    },
  };
  return keeper;
}
