import { describe, expect, test } from 'vitest';
import { canonicalJson, type Json, parseCanonicalJson } from '../../../src/protocol/json.ts';

describe('canonical JSON', () => {
  test('orders members by their UTF-16 units, as RFC 8785 3.2.3 shows', () => {
    const members = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const written = canonicalJson(Object.fromEntries(members.map((name) => [name, name])));
    expect(Object.keys(JSON.parse(written) as object).toSorted()).toEqual(members.toSorted());
    expect(written.indexOf('\\r')).toBeLessThan(written.indexOf('"1"'));
    expect(written.indexOf('\ud83d\ude00')).toBeLessThan(written.indexOf('\ufb33'));
  });

  test.each<[string, Json, string]>([
    ['an amount is a text', 20_000n, '"20000"'],
    ['an absent member is left out', { a: undefined, b: 1 }, '{"b":1}'],
    ['minus zero is zero', -0, '0'],
    ['controls are escaped, all else is not', '\u0000\n"\\/é', '"\\u0000\\n\\"\\\\/é"'],
    ['nothing in it', [{}, []], '[{},[]]'],
  ])('%s', (_, value, written) => {
    expect(canonicalJson(value)).toBe(written);
  });

  test.each([
    ['a fraction', 1.5],
    ['a number above 2^53', 2 ** 53],
    ['not a number', Number.NaN],
    ['a lone surrogate', 'a\ud800'],
    ['a lone surrogate in a name', { '\udc00': 1 }],
    ['null', null],
    ['a function', () => 1],
  ])('is not written of %s', (_, value) => {
    expect(() => canonicalJson(value as Json)).toThrow(TypeError);
  });

  test('nested deeper than the stack is refused, not crashed on', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(() => parseCanonicalJson(deep)).toThrow(
      expect.objectContaining({ code: 'json_not_canonical' }),
    );
  });
});
