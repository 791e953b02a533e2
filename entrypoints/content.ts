import { defineContentScript } from 'wxt/utils/define-content-script';
import { feeLinkIn, isForSale, linkFields, pageFields } from '../src/detect/page.ts';
import { watchPage } from '../src/extension/press.ts';

export default defineContentScript({
  matches: ['https://*/*', 'http://*.localhost/*', 'http://localhost/*'],
  runAt: 'document_end',
  main: () => watchPage({ feeLinkIn, isForSale, linkFields, pageFields }),
});
