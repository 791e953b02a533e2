/** Text from a seller is text: no controls, no direction tricks, one line, a length (SPEC 3.6). */

const CONTROLS = /[\p{Cc}\p{Cs}\u2028\u2029]+/gu;
const DIRECTION = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/g;

/**
 * One line of displayable text: controls become spaces, bidi controls go, white space is folded.
 */
export function cleanText(text: string): string {
  return text.replace(CONTROLS, ' ').replace(DIRECTION, '').replace(/\s+/g, ' ').trim();
}

/** `cleanText`, shortened to `lengthMax` characters (code points) with an ellipsis. */
export function shortText(text: string, lengthMax: number): string {
  const characters = [...cleanText(text)];
  if (characters.length <= lengthMax) return characters.join('');
  return `${characters
    .slice(0, lengthMax - 1)
    .join('')
    .trimEnd()}…`;
}
