/** Saved pages of other people: nothing is found on them, and of what is sown in, all of it. */
import { randomInt } from 'node:crypto';
import { Window } from 'happy-dom';
import { afterAll, describe, expect, it } from 'vitest';
import { feeLinksIn, pageFields } from '../../../src/detect/page.ts';
import { readPage } from '../../../src/detect/reading.ts';
import { harvest } from '../../corpus/harvest.ts';
import { harvestOf, seedFor, sow } from '../../corpus/markup.ts';
import { EXPECTED, PAGE_NAMES, readSavedPage } from '../../corpus/pages.ts';

const ADDRESS = 'https://daily.example/section/page';
const seed = Number(process.env.FARTHING_SEED ?? randomInt(2 ** 31));
console.log(`sown with FARTHING_SEED=${seed}`);

const windows: Window[] = [];
afterAll(() => Promise.all(windows.map((window) => window.happyDOM.close())));

function openPage(name: string): Document {
  const window = new Window({ url: ADDRESS });
  windows.push(window);
  window.document.write(readSavedPage(name));
  return window.document as unknown as Document;
}

it('there are as many pages as are spoken of, and each is', () => {
  expect(PAGE_NAMES.length).toBeGreaterThanOrEqual(40);
  expect(Object.keys(EXPECTED)).toEqual(PAGE_NAMES);
});

describe.each(PAGE_NAMES)('%s', (name) => {
  it('has nothing for sale, and gives back exactly what is sown into it', () => {
    const document = openPage(name);
    expect({
      links: document.querySelectorAll('a[href],area[href]').length,
      feeLinks: feeLinksIn(document).length,
      fields: pageFields(document),
    }).toEqual(EXPECTED[name]);
    expect(readPage(document)).toBeUndefined();
    const sown = seedFor(seed + PAGE_NAMES.indexOf(name), 'happy-dom');
    sow(document, sown);
    const page = pageFields(document);
    expect(page).toEqual(sown.page.fields);
    expect(harvest(feeLinksIn(document), page)).toEqual(harvestOf(sown, ADDRESS));
  });
});
