/** Where the browser goes when the extension is removed. */
import { beforeEach, expect, it } from 'vitest';
import type { WalletView } from '../../../src/wallet/view.ts';
import { walletWith } from '../../screens/rows.ts';

let named: string[] = [];
const runtime = { id: 'farthing', setUninstallURL: async (url: string) => void named.push(url) };
Object.assign(globalThis, { browser: { runtime }, chrome: { runtime } });
const { nameGoodbye } = await import('../../../src/extension/goodbye.ts');

beforeEach(() => {
  named = [];
});

function walletAt(providerHost: string | undefined) {
  return {
    isOpen: async () => providerHost !== undefined,
    async view(): Promise<WalletView> {
      if (providerHost === undefined) throw new TypeError('there is no account');
      return walletWith({ providerHost });
    },
  };
}

it.each([
  ['pay.example', 'https://pay.example/goodbye'],
  ['pay.example:8443', 'https://pay.example:8443/goodbye'],
  ['localhost:4010', 'http://localhost:4010/goodbye'],
  [undefined, ''],
])('with an account at %s it is "%s", and nothing of the reader is in it', async (host, url) => {
  await nameGoodbye(walletAt(host));
  expect(named).toEqual([url]);
});
