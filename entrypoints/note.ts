import { browser } from 'wxt/browser';
import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { showNote } from '../src/extension/note.ts';
import { speak } from '../src/words/say.ts';

export default defineUnlistedScript(() => {
  speak(browser.i18n);
  void showNote();
});
