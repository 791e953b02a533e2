/**
 * The words of the page that says what something costs, in the languages that it has. A reader's
 * browser says which it likes best (RFC 9110 section 12.5.4).
 */
import { languageFor as likedLanguage } from '../../protocol/language.ts';

/** What the page says; `{}` stands where something is put in. */
interface Words {
  readonly direction: 'ltr' | 'rtl';
  readonly or: string;
  readonly once: string;
  readonly keep: string;
  readonly undo: string;
  readonly noUndo: string;
  /** The amount, then the time. */
  readonly cap: string;
  /** The date and time. */
  readonly until: string;
  readonly over: string;
  readonly desk: string;
  readonly touch: string;
  readonly touchOrBelow: string;
  readonly newHere: string;
  readonly add: string;
  readonly minute: string;
  readonly otherWays: string;
}

const WORDS = {
  en: {
    direction: 'ltr',
    or: ' or ',
    once: 'opens once',
    keep: 'reopen it for {}',
    undo: 'undo within {}',
    noUndo: 'no undo here',
    cap: 'never more than {} in {} here, then free',
    until: 'offered until {}',
    over: 'This offer is over.',
    desk: 'To read on, press the Farthing button in your browser’s toolbar.',
    touch: 'Farthing does not run on phones yet. Open this page on a computer.',
    touchOrBelow:
      'Farthing does not run on phones yet. Use a way below, or open this page on a computer.',
    newHere: 'New to Farthing?',
    add: 'Add it free',
    minute: 'it takes a minute.',
    otherWays: 'Other ways in:',
  },
  de: {
    direction: 'ltr',
    or: ' oder ',
    once: 'öffnet sich einmal',
    keep: '{} lang wieder zu öffnen',
    undo: '{} lang rückgängig zu machen',
    noUndo: 'hier nicht rückgängig zu machen',
    cap: 'hier nie mehr als {} ({}), danach frei',
    until: 'angeboten bis {}',
    over: 'Dieses Angebot ist beendet.',
    desk: 'Zum Weiterlesen drücken Sie den Farthing-Knopf in der Symbolleiste Ihres Browsers.',
    touch: 'Farthing läuft noch nicht auf Telefonen. Öffnen Sie diese Seite an einem Computer.',
    touchOrBelow:
      'Farthing läuft noch nicht auf Telefonen. Nehmen Sie einen Weg unten, oder öffnen Sie ' +
      'diese Seite an einem Computer.',
    newHere: 'Neu bei Farthing?',
    add: 'Kostenlos hinzufügen',
    minute: 'es dauert eine Minute.',
    otherWays: 'Andere Wege:',
  },
  es: {
    direction: 'ltr',
    or: ' o ',
    once: 'se abre una vez',
    keep: 'se puede reabrir durante {}',
    undo: 'se puede deshacer durante {}',
    noUndo: 'aquí no se puede deshacer',
    cap: 'aquí nunca más de {} en {}; después, gratis',
    until: 'se ofrece hasta el {}',
    over: 'Esta oferta ha terminado.',
    desk: 'Para seguir leyendo, pulse el botón de Farthing en la barra de su navegador.',
    touch: 'Farthing aún no funciona en teléfonos. Abra esta página en un ordenador.',
    touchOrBelow:
      'Farthing aún no funciona en teléfonos. Use una de las opciones de abajo o abra esta ' +
      'página en un ordenador.',
    newHere: '¿No conoce Farthing?',
    add: 'Añádalo gratis',
    minute: 'solo lleva un minuto.',
    otherWays: 'Otras opciones:',
  },
  ar: {
    direction: 'rtl',
    or: ' أو ',
    once: 'يُفتح مرة واحدة',
    keep: 'يمكن فتحه مجددًا لمدة {}',
    undo: 'يمكن التراجع خلال {}',
    noUndo: 'لا يمكن التراجع هنا',
    cap: 'لا تدفع هنا أكثر من {} خلال {}، ثم مجانًا',
    until: 'معروض حتى {}',
    over: 'انتهى هذا العرض.',
    desk: 'لمتابعة القراءة اضغط زر Farthing في شريط أدوات المتصفح.',
    touch: 'لا يعمل Farthing على الهواتف بعد. افتح هذه الصفحة على حاسوب.',
    touchOrBelow:
      'لا يعمل Farthing على الهواتف بعد. استخدم إحدى الطرق أدناه أو افتح الصفحة على حاسوب.',
    newHere: 'لا تعرف Farthing؟',
    add: 'أضفه مجانًا',
    minute: 'لا يستغرق سوى دقيقة.',
    otherWays: 'طرق أخرى:',
  },
} as const satisfies Record<string, Words>;

/** A language that the page has. */
export type Language = keyof typeof WORDS;

/** The languages of the page; the first one is for whoever likes none of them. */
export const LANGUAGES = Object.keys(WORDS) as [Language, ...Language[]];

/** The words of a language. */
export function wordsIn(language: Language): Words {
  return WORDS[language];
}

/** Puts things in where `{}` stands. */
export function filled(text: string, ...things: readonly string[]): string {
  const [first = '', ...rest] = text.split('{}');
  return first + rest.map((part, index) => `${things[index] ?? ''}${part}`).join('');
}

/** The best liked language that the page has, of an `Accept-Language`. */
export function languageFor(accepted: string | null): Language {
  return likedLanguage(accepted, LANGUAGES);
}
