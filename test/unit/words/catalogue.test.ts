/** Every language says everything that English says, and nothing else. */
import { describe, expect, it } from 'vitest';
import { ERROR_STATUSES } from '../../../src/protocol/codes.ts';
import { type Catalogue, flatTexts } from '../../../src/words/catalogue.ts';
import { CATALOGUES } from '../../../src/words/locales.ts';

const catalogues = Object.entries<Catalogue<'other'>>(CATALOGUES);
const english = flatTexts(CATALOGUES.en);

/** What speaks about the texts, and is read by nobody. */
const FACTS = ['language', 'direction'];

function namesIn(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).toSorted();
}

/** `time_day` of `time_day_one`, where it is a form of something counted. */
function countedOf(name: string): string | undefined {
  const key = name.replace(/_[a-z]+$/, '');
  return english.has(`${key}_other`) && key in CATALOGUES.en ? key : undefined;
}

describe.each(catalogues)('in %s', (language, catalogue) => {
  const texts = flatTexts(catalogue);

  it('the keys are those of English', () => {
    expect(Object.keys(catalogue)).toEqual(Object.keys(CATALOGUES.en));
  });

  it('every text takes what the English one takes', () => {
    for (const [name, text] of texts) {
      const key = countedOf(name);
      const expected = namesIn(english.get(key ? `${key}_other` : name) ?? '');
      // One and two may be said without a figure.
      const mayLack = key && /_(one|two)$/.test(name) ? ['count'] : [];
      const names = namesIn(text);
      const lacking = expected.filter((it) => !names.includes(it) && !mayLack.includes(it));
      expect(lacking, `${name} lacks`).toEqual([]);
      expect(
        names.filter((it) => !expected.includes(it)),
        `${name} has too many`,
      ).toEqual([]);
    }
  });

  it('what is counted has each form of the language, and no other', () => {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    for (const text of Object.values(catalogue).filter((it) => typeof it === 'object'))
      if (!Array.isArray(text))
        expect(Object.keys(text).toSorted()).toEqual(pluralCategories.toSorted());
  });

  it('no text is empty, has stray spaces, or a sign that the browser takes for its own', () => {
    for (const [name, text] of texts) expect(text, name).toMatch(/^[^\s$][^$]*[^\s$]$|^[^\s$]$/);
  });

  it('a reason is one or two whole sentences', () => {
    for (const [name, text] of texts)
      if (name.startsWith('reason_')) expect(text, name).toMatch(/^\S.*\.$/);
  });

  it('nothing is still English', () => {
    if (language === 'en') return;
    const left = [...texts].filter(([name, text]) => {
      const isWords = /\p{L}/u.test(text.replace(/\{\w+\}/g, ''));
      return isWords && text === english.get(name);
    });
    expect(left.map(([name]) => name).filter((name) => !FACTS.includes(name))).toEqual([]);
  });
});

it('no two names differ by their capitals alone, which browsers do not tell apart', () => {
  const names = [...english.keys()].map((name) => name.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
});

it('every reason is that of a code', () => {
  const codes = [...english.keys()].filter((name) => name.startsWith('reason_'));
  const known = ['other', ...Object.keys(ERROR_STATUSES)];
  expect(codes.filter((name) => !known.includes(name.slice('reason_'.length)))).toEqual([]);
});
