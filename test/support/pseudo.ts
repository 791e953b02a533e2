/** English that no reader speaks: accented, in brackets, and half as long again. */
import type { Catalogue } from '../../src/words/catalogue.ts';
import { flatTexts } from '../../src/words/catalogue.ts';

const ACCENTS: Record<string, string> = {
  ...{ a: 'á', c: 'ç', e: 'é', g: 'ğ', i: 'î', n: 'ñ', o: 'ö', s: 'š', u: 'ü', y: 'ý', z: 'ž' },
  ...{ A: 'Å', B: 'ß', C: 'Ç', D: 'Ð', E: 'É', I: 'Î', N: 'Ñ', O: 'Ö', S: 'Š', U: 'Ü', Y: 'Ý' },
};
const LONGER_BY = 0.4;
/** What a longer text is filled with: it breaks where words do. */
const FILLING = 'ôñé ţŵö ţĥŕéé ƒöüŕ ƒîṽé šîẋ šéṽéñ éîğĥţ ñîñé ţéñ ';

function longer(text: string): string {
  const more = Math.ceil(text.replace(/\{\w+\}/g, '').length * LONGER_BY);
  const filling = FILLING.repeat(Math.ceil(more / FILLING.length)).slice(0, more);
  return `${text} ${filling.trim()}`;
}

function accented(text: string): string {
  const parts = text.split(/(\{\w+\})/);
  const write = (part: string) => part.replace(/\p{L}/gu, (letter) => ACCENTS[letter] ?? letter);
  return parts.map((part) => (part.startsWith('{') ? part : write(part))).join('');
}

/** Every text of a catalogue so, `[Šáṽé ôñ]`; what speaks about the texts stays. */
export function pseudoTexts(catalogue: Catalogue<'other'>): Map<string, string> {
  const texts = [...flatTexts(catalogue)].map(([name, text]) => {
    const isFact = name === 'language' || name === 'direction';
    return [name, isFact ? text : `[${accented(longer(text))}]`] as const;
  });
  return new Map(texts);
}
