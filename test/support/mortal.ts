/** Ports that stop for ever at a chosen step, before or after it took effect: a killed worker. */
import type { WalletPorts, WalletStore } from '../../src/wallet/ports.ts';
import { makeReader, type Reader } from './wallet.ts';

export interface Death {
  /** How many steps there were so far; each counts before and after. */
  readonly steps: string[];
  /** Resolves when the chosen step was reached. */
  readonly came: Promise<void>;
  /** Stops it here and now, whatever step it is at. */
  kill(): void;
}

/** Wraps `ports` so that nothing returns any more once the step numbered `dieAt` is reached. */
export function mortal(ports: WalletPorts, dieAt: number): { ports: WalletPorts; death: Death } {
  const steps: string[] = [];
  let end = dieAt;
  let die = () => {};
  const came = new Promise<void>((resolve) => {
    die = resolve;
  });
  const forever = new Promise<never>(() => {});

  function step(name: string): Promise<void> | undefined {
    if (steps.length >= end) return forever;
    steps.push(name);
    if (steps.length < end) return undefined;
    die();
    return forever;
  }

  const mortalCall =
    <A extends unknown[], T>(name: string, call: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      await step(`before ${name}`);
      const result = await call(...args);
      await step(`after ${name}`);
      return result;
    };

  const { store } = ports;
  const table = <K extends Exclude<keyof WalletStore, 'transaction'>>(name: K): WalletStore[K] => ({
    ...store[name],
    put: mortalCall(`put ${name}`, store[name].put as (row: unknown) => Promise<void>),
    remove: mortalCall(`remove ${name}`, store[name].remove),
  });
  const mortalStore: WalletStore = {
    account: table('account'),
    sellers: table('sellers'),
    purses: table('purses'),
    payments: table('payments'),
    asks: table('asks'),
    entries: table('entries'),
    tallies: table('tallies'),
    months: table('months'),
    sheets: table('sheets'),
    nonces: table('nonces'),
    keeps: table('keeps'),
    marks: table('marks'),
    transaction: (work) => mortalCall('transaction', () => store.transaction(work))(),
  };
  return {
    death: {
      steps,
      came,
      kill: () => {
        end = steps.length;
      },
    },
    ports: {
      ...ports,
      store: mortalStore,
      fetch: (input, init) =>
        mortalCall(`send ${new URL(String(input)).pathname}`, () => ports.fetch(input, init))(),
      open: mortalCall('open', ports.open),
    },
  };
}

/** Runs `act` on a profile until it ends or the worker dies at the step numbered `dieAt`. */
export async function dieDuring(
  profile: string,
  dieAt: number,
  act: (reader: Reader) => Promise<unknown>,
  around: (ports: WalletPorts) => WalletPorts = (ports) => ports,
): Promise<{ reader: Reader; steps: string[] }> {
  let death: Death | undefined;
  const reader = makeReader(profile, (ports) => {
    const doomed = mortal(around(ports), dieAt);
    death = doomed.death;
    return doomed.ports;
  });
  if (!death) throw new Error('the ports were not wrapped');
  await Promise.race([act(reader), death.came]);
  return { reader, steps: death.steps };
}
