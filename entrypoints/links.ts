import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { feeLinkIn, linkFields } from '../src/detect/page.ts';
import { isVisibleAt } from '../src/detect/visibility.ts';
import { watchOffers } from '../src/detect/watch.ts';
import { watchPage } from '../src/extension/page.ts';

export default defineUnlistedScript(() =>
  watchPage({ feeLinkIn, isVisibleAt, linkFields, watchOffers }),
);
