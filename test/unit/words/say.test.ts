/** Texts with what is put into them. */
import { beforeEach, describe, expect, it } from 'vitest';
import { flatTexts } from '../../../src/words/catalogue.ts';
import { CATALOGUES } from '../../../src/words/locales.ts';
import { locale, say, sayAround, sayCount, sayReason, speak } from '../../../src/words/say.ts';
import { speakEnglish, speakIn } from '../../support/speak.ts';

beforeEach(speakEnglish);

it('puts values in', () => {
  expect(say('spentToday', { spent: '3¢', limit: '$1' })).toBe('3¢ of $1 today');
});

it('a value is no text of its own: braces in it stay', () => {
  expect(say('spentToday', { spent: '{limit}', limit: '$1' })).toBe('{limit} of $1 today');
});

it('values can be drawn between the words, in the order of the language', () => {
  const seller = { name: 'The Daily' };
  const paid = { amount: '2¢' };
  expect(sayAround('noteTo', { paid, seller })).toEqual([paid, ' to ', seller]);
});

describe('what is counted', () => {
  it.each([
    [1, '1¢ of it set aside to spend at 1 seller'],
    [2, '1¢ of it set aside to spend at 2 sellers'],
    [1200, '1¢ of it set aside to spend at 1,200 sellers'],
  ])('%s in English', (count, text) => {
    expect(sayCount('asideAt', count, { amount: '1¢' })).toBe(text);
  });

  it.each([
    [1, 'يوم'],
    [2, 'يومين'],
    [0, '\u20680\u2069 يوم'],
    [3, '\u20683\u2069 أيام'],
    [11, '\u206811\u2069 يومًا'],
    [100, '\u2068100\u2069 يوم'],
  ])('%s in Arabic', (count, text) => {
    speakIn(CATALOGUES.ar, 'ar');
    expect(sayCount('time_day', count)).toBe(text);
  });
});

it('a form that is the same as that of most numbers is kept once', () => {
  const texts = flatTexts(CATALOGUES.ar);
  expect(texts.has('time_day_two')).toBe(true);
  expect(texts.has('time_day_zero')).toBe(false);
  // The browser would take the English one.
  const { inCents } = CATALOGUES.de;
  expect(inCents.one).toBe(inCents.other);
  expect(flatTexts(CATALOGUES.de).get('inCents_one')).toBe(inCents.other);
});

it('what is put into Arabic is kept apart from the words around it', () => {
  speakIn(CATALOGUES.ar, 'ar-EG');
  expect(say('youHave', { yours: '$5' })).toBe('لديك \u2068$5\u2069');
});

it('an Arabic title is kept apart from English words', () => {
  expect(say('refusedNote', { title: 'مد وجزر' })).toBe(
    '“\u2068مد وجزر\u2069” could not be bought.',
  );
});

it('numbers are written as the reader’s country does, where it speaks the language', () => {
  expect(locale()).toBe('en-US');
  speakIn(CATALOGUES.de, 'de-AT');
  expect(locale()).toBe('de-AT');
  // The browser is French, and has been given English: so are the numbers.
  speakIn(CATALOGUES.en, 'fr-FR');
  expect(locale()).toBe('en');
});

it('a reason without a sentence of its own shares one', () => {
  expect(sayReason('used')).toBe(CATALOGUES.en.reason_used);
  expect(sayReason('signature_invalid')).toBe(CATALOGUES.en.reason_other);
});

it('a text that is not there is a fault of ours', () => {
  speak({ getMessage: () => '', getUILanguage: () => 'en' });
  expect(() => say('save')).toThrow(TypeError);
});
