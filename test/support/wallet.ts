/**
 * A reader in Node: the real wallet on a real IndexedDB implementation, with tabs made of memory.
 */
import 'fake-indexeddb/auto';
import { openWalletStore } from '../../src/extension/store.ts';
import type { OfferFields } from '../../src/protocol/fields.ts';
import type { PagePress } from '../../src/wallet/payment/pagepress.ts';
import type { OpenTarget, WalletPorts } from '../../src/wallet/ports.ts';
import { createWallet, type Wallet } from '../../src/wallet/wallet.ts';

export interface Reader {
  readonly wallet: Wallet;
  readonly ports: WalletPorts;
  /** `POST /v1/purses`, `GET /articles/a`: every request that left the wallet. */
  readonly requests: string[];
  readonly opened: OpenTarget[];
  /** Milliseconds that the wallet's clock is ahead of the machine's. */
  clock: { aheadMs: number };
  /** Runs what the wallet is waiting to do again; answers how many there were. */
  passTime(): Promise<number>;
}

/** Copies all that a profile holds: a backup, or a clone of a whole machine. */
export async function copyProfile(from: Reader, to: Reader): Promise<void> {
  const { transaction: _, ...tables } = from.ports.store;
  for (const [name, table] of Object.entries(tables)) {
    const copy = to.ports.store[name as keyof typeof tables] as typeof table;
    for (const row of await table.all()) await (copy.put as (row: unknown) => Promise<void>)(row);
  }
}

let databases = 0;

/** Makes a reader with an empty profile, or one on the profile `name`. */
export function makeReader(
  name = `wallet-${++databases}`,
  change: (ports: WalletPorts) => WalletPorts = (ports) => ports,
): Reader {
  const requests: string[] = [];
  const opened: OpenTarget[] = [];
  const clock = { aheadMs: 0 };
  let waiting: (() => void)[] = [];
  const ports = change({
    store: openWalletStore(name),
    fetch: (input, init) => {
      requests.push(`${init?.method ?? 'GET'} ${new URL(String(input)).pathname}`);
      return fetch(input, init);
    },
    now: () => Date.now() + clock.aheadMs,
    random: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
    wait: () => new Promise((resolve) => waiting.push(resolve)),
    addressOf: async () => PAGE,
    open: async (target) => void opened.push(target),
    changed: () => undefined,
  });
  const wallet = createWallet(ports);
  const passTime = async () => {
    const due = waiting;
    waiting = [];
    for (const go of due) go();
    const pending = await ports.store.payments.pending();
    await Promise.all(pending.map(({ id }) => wallet.retry(id)));
    return due.length;
  };
  return { wallet, ports, requests, opened, clock, passTime };
}

/** The page that every press of these tests is on; `pressOn` makes its origin the shop's. */
let PAGE = '';

/** A press on a link to `path` at `origin`. */
export function pressOn(
  origin: string,
  path: string,
  fields: Partial<OfferFields> & { payto: string },
): PagePress {
  PAGE = `${origin}/`;
  return {
    fields: { price: '0.02 USD', refund: 'PT10M', ...fields },
    title: `Article ${path}`,
    href: `${origin}${path}`,
    pageUrl: PAGE,
    tabId: 7,
    placement: 'same-tab',
    isVisible: true,
  };
}
