/** Detection as a page of a test gets it: bundled, on `detection`. */
import { feeLinkIn, feeLinksIn, linkFields, pageFields } from '../../src/detect/page.ts';
import { readLink, readPage } from '../../src/detect/reading.ts';
import { isVisibleAt } from '../../src/detect/visibility.ts';
import { watchOffers } from '../../src/detect/watch.ts';
import { harvest } from '../corpus/harvest.ts';
import { sow } from '../corpus/markup.ts';

const inPage = {
  feeLinkIn,
  feeLinksIn,
  linkFields,
  pageFields,
  readLink,
  readPage,
  isVisibleAt,
  watchOffers,
  harvest,
  sow,
};

declare global {
  var detection: typeof inPage;
}

globalThis.detection = inPage;
