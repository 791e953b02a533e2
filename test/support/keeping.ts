/** Readers who keep their account safe and come back to it, for tests: secrets, copies, liars. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { HistoryAnswer, HistoryChunk } from '../../src/protocol/api.ts';
import { type RunningProvider, startProvider } from '../../src/provider/main.ts';
import type { Secret } from '../../src/wallet/account/recovery.ts';
import type { WalletPorts } from '../../src/wallet/ports.ts';
import { type RunningShop, startShop } from './shop.ts';
import { makeReader, pressOn, type Reader } from './wallet.ts';

/** What twelve words stand for. */
export function makeSecret(kind: Secret['kind'] = 'words'): Secret {
  return { kind, secret: crypto.getRandomValues(new Uint8Array(16)) };
}

/** Presses a link, says yes where that is asked, and answers how it ended. */
export async function buy(reader: Reader, shop: RunningShop, path: string): Promise<string> {
  const decision = await reader.wallet.press(pressOn(shop.origin, path, { payto: shop.payto }));
  if (decision.kind !== 'ask') return decision.kind;
  return (await reader.wallet.pay({ askId: decision.ask.id, remember: false })).kind;
}

/** Opens what was bought in another tab, as the popup does. */
export async function reopen(reader: Reader, shop: RunningShop, path: string): Promise<string> {
  const decision = await reader.wallet.press(pressOn(shop.origin, path, { payto: shop.payto }));
  if (decision.kind !== 'owned') return decision.kind;
  const { id: paymentId } = decision.payment;
  return (await reader.wallet.reopen({ paymentId, tabId: 7 })).kind;
}

/** Restores on an empty profile; `change` is for providers that lie. */
export async function comeBack(
  provider: string,
  { kind, secret }: Secret,
  change?: (ports: WalletPorts) => WalletPorts,
): Promise<Reader> {
  const reader = makeReader(undefined, change);
  await reader.wallet.restore({ kind, secret, provider, name: 'New laptop' });
  return reader;
}

/** A provider that hands out another history than it was given. */
export function lying(
  lie: (chunks: HistoryChunk[]) => readonly HistoryChunk[],
): (ports: WalletPorts) => WalletPorts {
  return (ports) => ({
    ...ports,
    fetch: async (input, init) => {
      const answer = await ports.fetch(input, init);
      const isHistory = init?.method === 'GET' && String(input).includes('/v1/history?');
      if (!isHistory || !answer.ok) return answer;
      const { chunks, more }: HistoryAnswer = await answer.json();
      return Response.json({ chunks: lie([...chunks]), more }, { headers: answer.headers });
    },
  });
}

/** A provider and a shop for the tests of one file. */
export interface Town {
  readonly provider: RunningProvider;
  readonly shop: RunningShop;
  /** The provider's, as readers type it. */
  readonly host: string;
}

/** Starts them before the file's tests and ends them after. */
export function useTown(): Town {
  const town = {} as { -readonly [K in keyof Town]: Town[K] };
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'farthing-test-'));
    town.provider = await startProvider({ dataDir: folder, port: 0 });
    town.shop = await startShop(town.provider.issuer);
    town.host = new URL(town.provider.issuer).host;
  });
  afterAll(async () => {
    await town.shop.close();
    await town.provider.close();
    await rm(folder, { recursive: true, force: true });
  });
  return town;
}

/** A reader of the town with a wallet. */
export async function openReader({ host }: Town): Promise<Reader> {
  const reader = makeReader();
  await reader.wallet.open(host);
  return reader;
}

/** A reader who has bought these, and is safe. */
export async function safeReader(
  town: Town,
  ...paths: string[]
): Promise<{ reader: Reader; secret: Secret }> {
  const reader = await openReader(town);
  for (const path of paths) expect(await buy(reader, town.shop, path)).toBe('paid');
  const secret = makeSecret();
  await reader.wallet.setRecovery(secret);
  return { reader, secret };
}

/** The last paths of what a reader's history has. */
export async function titles({ wallet }: Reader): Promise<string[]> {
  const { latest } = await wallet.view();
  return latest.map(({ title }) => title.replace('Article /articles/', '')).toSorted();
}

export async function yours({ wallet }: Reader): Promise<string> {
  return (await wallet.view()).yours;
}
