import { browser } from 'wxt/browser';
import { defineBackground } from 'wxt/utils/define-background';
import { announceChange, connect } from '../src/extension/bus.ts';
import { send } from '../src/extension/send.ts';
import { openWalletStore } from '../src/extension/store.ts';
import { openTarget, tabAddress } from '../src/extension/tabs.ts';
import { openWishes } from '../src/extension/wishes.ts';
import { createWallet } from '../src/wallet/wallet.ts';
import { speak } from '../src/words/say.ts';

// A module, so that what screens need as well is in the package once.
export default defineBackground({
  type: 'module',
  main() {
    speak(browser.i18n);
    const wallet = createWallet({
      store: openWalletStore(),
      fetch: send,
      now: Date.now,
      random: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
      wait: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
      addressOf: tabAddress,
      open: openTarget,
      changed: announceChange,
    });
    connect({ wallet, wishes: openWishes() });
  },
});
