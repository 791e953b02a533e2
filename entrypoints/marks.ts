import { browser } from 'wxt/browser';
import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { bringLabels } from '../src/extension/labels.ts';
import { speak } from '../src/words/say.ts';

export default defineUnlistedScript(() => {
  speak(browser.i18n);
  bringLabels();
});
