/** The texts of a language for tests without a browser, which keeps them otherwise. */
import { type Catalogue, flatTexts } from '../../src/words/catalogue.ts';
import { en } from '../../src/words/en.ts';
import { type Speaker, speak } from '../../src/words/say.ts';

/** What a browser in the language `tag` has of these texts. */
export function speakerOf(texts: ReadonlyMap<string, string>, tag: string): Speaker {
  return { getMessage: (name) => texts.get(name) ?? '', getUILanguage: () => tag };
}

/** From now on screens are drawn in that language. */
export function speakIn(catalogue: Catalogue<'other'>, tag: string): void {
  speak(speakerOf(flatTexts(catalogue), tag));
}

/** As a reader in the United States has it, which most tests read. */
export function speakEnglish(): void {
  speakIn(en, 'en-US');
}
