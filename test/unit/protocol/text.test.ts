import { describe, expect, test } from 'vitest';
import { cleanText, shortText } from '../../../src/protocol/text.ts';

describe('text from a seller', () => {
  test.each([
    ['controls become spaces', 'a\u0000b\u001bc\u0085d', 'a b c d'],
    ['line ends become spaces', 'a\r\nb\u2028c\u2029d', 'a b c d'],
    ['bidirectional controls go', 'a\u202eb\u2066c\u2069\u200f\u061cd', 'abcd'],
    ['the byte order mark goes', '\ufeffa', 'a'],
    ['a lone surrogate goes', 'a\ud800b', 'a b'],
    ['white space is folded and trimmed', ' \t a \u00a0\u3000 b \n', 'a b'],
    ['a control between two bidirectional ones leaves one space', 'a \u202e\u0000\u202e b', 'a b'],
    ['other scripts and emoji stay', 'שלום 潮 👩‍🚀', 'שלום 潮 👩‍🚀'],
    ['markup is text', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['nothing stays nothing', ' \u202e ', ''],
  ])('%s', (_, text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  test('is left alone when it fits', () => {
    expect(shortText('12345', 5)).toBe('12345');
  });

  test('is shortened to the limit, the ellipsis included', () => {
    expect(shortText('123456', 5)).toBe('1234…');
    expect(shortText('123 456', 5)).toBe('123…');
  });

  test('is counted in characters, none of which is cut', () => {
    expect(shortText('👍👍👍', 3)).toBe('👍👍👍');
    expect(shortText('👍👍👍👍', 3)).toBe('👍👍…');
  });
});
