import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { pageFields } from '../src/detect/page.ts';
import { describePage } from '../src/extension/describe.ts';

export default defineUnlistedScript(() => describePage(pageFields(document)));
