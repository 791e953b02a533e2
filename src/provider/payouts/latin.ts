/** Texts in the letters that every bank takes: the Latin set of SEPA (EPC217-08). */

/** Letters that Unicode does not take apart. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', ẞ: 'SS', æ: 'ae', Æ: 'AE', œ: 'oe', Œ: 'OE', ø: 'o', Ø: 'O', ł: 'l', Ł: 'L' },
  ...{ đ: 'd', Đ: 'D', ð: 'd', Ð: 'D', þ: 'th', Þ: 'TH', ı: 'i', ħ: 'h', Ħ: 'H', ŋ: 'n', Ŋ: 'N' },
  ...{ '&': '+', '’': "'", '‘': "'", '“': "'", '”': "'", '–': '-', '—': '-', _: '-', '@': '(at)' },
};

/**
 * `text` in that set: accents are left out, and what has no likeness becomes a full stop, as banks
 * do it.
 */
export function inLatin(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^\x20-\x7e]|[&_@]/gu, (letter) => LETTERS[letter] ?? '.');
  return plain
    .replace(/[^A-Za-z0-9/\-?:().,'+ ]/g, '.')
    .replace(/ +/g, ' ')
    .trim();
}
