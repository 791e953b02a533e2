import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { linkPrices, pageFields } from '../src/detect/page.ts';
import { describePage } from '../src/extension/describe.ts';

export default defineUnlistedScript(() =>
  describePage(
    { fields: pageFields(document), links: linkPrices(document) },
    { isHeld: import.meta.env.FIREFOX },
  ),
);
