import { defineContentScript } from 'wxt/utils/define-content-script';
import { feeLinkIn, linkFields, pageFields } from '../src/detect/page.ts';
import { watchOffers } from '../src/detect/watch.ts';
import { watchPage } from '../src/extension/press.ts';

export default defineContentScript({
  matches: ['https://*/*', 'http://*.localhost/*', 'http://localhost/*'],
  runAt: 'document_end',
  main: () => watchPage({ feeLinkIn, linkFields, pageFields, watchOffers }),
});
