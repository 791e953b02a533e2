import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { bringLabels } from '../src/extension/labels.ts';

export default defineUnlistedScript(() => bringLabels());
