/**
 * The page that the browser opens when the extension is removed: there the reader's wallet service
 * says what becomes of the money. Nothing is in its address but the service's own name.
 */
import browser from 'webextension-polyfill';
import { originAt } from '../protocol/payto.ts';
import type { Wallet } from '../wallet/wallet.ts';

/** Names that page to the browser; none where there is no account. */
export async function nameGoodbye(wallet: Pick<Wallet, 'isOpen' | 'view'>): Promise<void> {
  const host = (await wallet.isOpen()) ? (await wallet.view()).providerHost : undefined;
  await browser.runtime.setUninstallURL(host === undefined ? '' : `${originAt(host)}/goodbye`);
}
