/** What a screen is told of why it shows what was known last. */
import { expect, it } from 'vitest';
import { type ErrorCode, FarthingError } from '../../../src/protocol/errors.ts';
import type { Wallet } from '../../../src/wallet/wallet.ts';

type Listener = (message: unknown, sender: object) => Promise<unknown>;
let listener: Listener | undefined;

const nothing = async () => [];
const quiet = { addListener: () => undefined };
const browser = {
  runtime: {
    id: 'farthing',
    getURL: (path: string) => `chrome-extension://farthing${path}`,
    onInstalled: quiet,
    onMessage: {
      addListener: (added: Listener) => {
        listener = added;
      },
    },
    setUninstallURL: nothing,
  },
  alarms: { onAlarm: quiet, create: nothing, clear: nothing },
  permissions: { onAdded: quiet, onRemoved: quiet, getAll: async () => ({ origins: [] }) },
  scripting: { getRegisteredContentScripts: nothing },
};
Object.assign(globalThis, { browser, chrome: browser });
const { connect } = await import('../../../src/extension/bus.ts');

const SCREEN = { id: 'farthing', url: 'chrome-extension://farthing/popup.html' };

/** What a screen is answered by a wallet whose service answers so. */
function refreshBy(refresh: () => Promise<void>): Promise<unknown> | undefined {
  const wallet = { refresh, resume: async () => 1, isOpen: async () => false };
  const wishes = { keep: nothing, drop: nothing, current: nothing };
  connect({ wallet: wallet as unknown as Wallet, wishes: wishes as never });
  return listener?.({ from: 'screen', type: 'refresh' }, SCREEN);
}

it('nothing, where it is of now', async () => {
  expect(await refreshBy(async () => undefined)).toEqual({ ok: true, value: undefined });
});

it.each<ErrorCode>(['provider_unreachable', 'account_unknown', 'device_revoked'])(
  '%s, where the service says or does so',
  async (code) => {
    const refused = () => Promise.reject(new FarthingError(code, 'it is so'));
    expect(await refreshBy(refused)).toEqual({ ok: true, value: code });
  },
);
