/**
 * The words of the service's own pages, in the languages that the wallet has. Names of buttons are
 * the wallet's.
 */

/** What the pages say; `{host}` is the service's own address. */
interface Words {
  readonly direction: 'ltr' | 'rtl';
  readonly playMoney: string;
  readonly sandbox: string;

  // The page at its address.
  readonly lead: string;
  readonly byHand: string;
  readonly goBack: string;

  // The page after a card's own.
  readonly backFromCard: string;
  readonly walletKnows: string;
  readonly closeThis: string;

  // The page for whoever has removed the extension.
  readonly goodbye: string;
  readonly removed: string;
  readonly money: string;
  readonly aside: string;
  readonly rest: string;
  readonly noCard: string;
  readonly comeBack: string;
  readonly addAgain: string;
  readonly howToAdd: string;
  readonly bought: string;
  readonly without: string;
}

export const WORDS = {
  en: {
    direction: 'ltr',
    playMoney: 'play money',
    sandbox: 'This is a sandbox: its money is pretend money, for trying things out.',
    lead: 'A wallet service for things on the web that cost a few cents.',
    byHand:
      'Farthing is not in the browsers’ stores yet. Add it by hand, as its README says, and ' +
      'start your wallet on its first page; the wallet service to name there is {host}.',
    goBack: 'Then go back to the page that you wanted to read.',
    backFromCard: 'Back to your wallet',
    walletKnows:
      'What you paid is in your wallet as soon as the card has said yes, most often at ' +
      'once. If you did not pay, nothing was taken.',
    closeThis: 'Open Farthing to see it. You can close this page.',
    goodbye: 'Farthing is gone from this browser',
    removed: 'What you have waits at your wallet service; nothing else has changed.',
    money: 'Your money',
    aside: 'What was set aside at sellers comes back by itself, within ten days.',
    rest: 'All of it waits in your wallet here. Waiting costs nothing.',
    noCard: 'None of it came from a card, so none goes back to one.',
    comeBack: 'If you come back',
    addAgain:
      'Add Farthing again and choose “I have used Farthing before”. Your passkey or your twelve ' +
      'words bring the wallet back; the wallet service to name is {host}.',
    howToAdd: 'How to add Farthing',
    bought: 'What you bought comes along, if a locked copy of your receipts was kept here.',
    without:
      'With neither of the two, and with no other browser of yours, nobody can open the wallet ' +
      'any more: it carries no name.',
  },
  de: {
    direction: 'ltr',
    playMoney: 'Spielgeld',
    sandbox: 'Dies ist eine Spielwiese mit Spielgeld, zum Ausprobieren.',
    lead: 'Ein Geldbörsendienst für Dinge im Netz, die ein paar Cent kosten.',
    byHand:
      'Farthing gibt es noch nicht in den Stores der Browser. Fügen Sie es von Hand hinzu, wie ' +
      'seine README sagt, und beginnen Sie auf seiner ersten Seite; der Geldbörsendienst, der ' +
      'dort zu nennen ist, heißt {host}.',
    goBack: 'Gehen Sie dann zurück zu der Seite, die Sie lesen wollten.',
    backFromCard: 'Zurück zu Ihrer Geldbörse',
    walletKnows:
      'Was Sie gezahlt haben, ist in Ihrer Geldbörse, sobald die Karte Ja gesagt hat, meist ' +
      'sofort. Wenn Sie nicht gezahlt haben, wurde nichts genommen.',
    closeThis: 'Öffnen Sie Farthing, um es zu sehen. Diese Seite können Sie schließen.',
    goodbye: 'Farthing ist aus diesem Browser entfernt',
    removed: 'Was Sie haben, wartet bei Ihrem Geldbörsendienst; sonst hat sich nichts geändert.',
    money: 'Ihr Geld',
    aside:
      'Was bei Anbietern beiseitegelegt war, kommt von selbst zurück, in zehn Tagen spätestens.',
    rest: 'Alles wartet hier in Ihrer Geldbörse. Das Warten kostet nichts.',
    noCard: 'Nichts davon kam von einer Karte, also geht nichts auf eine zurück.',
    comeBack: 'Wenn Sie wiederkommen',
    addAgain:
      'Fügen Sie Farthing wieder hinzu und wählen Sie „Ich habe Farthing schon benutzt“. Ihr ' +
      'Passkey oder Ihre zwölf Wörter bringen die Geldbörse zurück; der Geldbörsendienst heißt ' +
      '{host}.',
    howToAdd: 'So wird Farthing hinzugefügt',
    bought:
      'Was Sie gekauft haben, kommt mit, wenn hier eine verschlossene Kopie Ihrer Belege lag.',
    without:
      'Ohne eines von beiden und ohne einen anderen Browser von Ihnen kann niemand die Geldbörse ' +
      'mehr öffnen: Sie trägt keinen Namen.',
  },
  es: {
    direction: 'ltr',
    playMoney: 'dinero de prueba',
    sandbox: 'Este es un entorno de prueba: su dinero es ficticio, para probar.',
    lead: 'Un servicio de monedero para cosas de la web que cuestan unos centavos.',
    byHand:
      'Farthing aún no está en las tiendas de los navegadores. Añádalo a mano, como dice su ' +
      'README, y cree su monedero en la primera página; el servicio de monedero que debe indicar ' +
      'allí es {host}.',
    goBack: 'Después, vuelva a la página que quería leer.',
    backFromCard: 'De vuelta a su monedero',
    walletKnows:
      'Lo que ha pagado está en su monedero en cuanto la tarjeta lo acepta, casi siempre al ' +
      'momento. Si no ha pagado, no se ha cobrado nada.',
    closeThis: 'Abra Farthing para verlo. Puede cerrar esta página.',
    goodbye: 'Farthing ya no está en este navegador',
    removed: 'Lo que tiene espera en su servicio de monedero; nada más ha cambiado.',
    money: 'Su dinero',
    aside: 'Lo que estaba apartado en los vendedores vuelve por sí solo en menos de diez días.',
    rest: 'Todo espera aquí, en su monedero. Esperar no cuesta nada.',
    noCard: 'Nada de ello vino de una tarjeta, así que nada vuelve a una.',
    comeBack: 'Si vuelve',
    addAgain:
      'Añada Farthing de nuevo y elija «Ya he usado Farthing». Su llave de acceso o sus doce ' +
      'palabras recuperan el monedero; el servicio de monedero que debe indicar es {host}.',
    howToAdd: 'Cómo añadir Farthing',
    bought:
      'Lo que ha comprado viene con él, si aquí se guardaba una copia cerrada de sus recibos.',
    without:
      'Sin ninguna de las dos cosas, y sin otro navegador suyo, nadie puede abrir ya el ' +
      'monedero: no lleva ningún nombre.',
  },
  ar: {
    direction: 'rtl',
    playMoney: 'نقود تجريبية',
    sandbox: 'هذه بيئة تجريبية: نقودها غير حقيقية، وهي للتجربة.',
    lead: 'خدمة محفظة لأشياء على الويب ثمنها بضعة سنتات.',
    byHand:
      'لا يوجد Farthing في متاجر المتصفحات بعد. أضفه يدويًا كما يشرح ملف README، وأنشئ محفظتك في ' +
      'صفحته الأولى؛ وخدمة المحفظة التي تكتبها هناك هي {host}.',
    goBack: 'ثم عد إلى الصفحة التي أردت قراءتها.',
    backFromCard: 'عودة إلى محفظتك',
    walletKnows: 'ما دفعته يصل إلى محفظتك فور موافقة البطاقة. وإن لم تدفع فلم يُؤخذ شيء.',
    closeThis: 'افتح Farthing لتراه. ويمكنك إغلاق هذه الصفحة.',
    goodbye: 'أُزيل Farthing من هذا المتصفح',
    removed: 'ما لديك ينتظر لدى خدمة محفظتك، ولم يتغير شيء آخر.',
    money: 'نقودك',
    aside: 'ما خُصص لدى البائعين يعود من تلقاء نفسه خلال عشرة أيام.',
    rest: 'كلها تنتظر هنا في محفظتك. والانتظار لا يكلف شيئًا.',
    noCard: 'لم يأتِ شيء منها من بطاقة، فلا يعود شيء إلى بطاقة.',
    comeBack: 'إذا عدت',
    addAgain:
      'أضف Farthing مجددًا واختر «استخدمت Farthing من قبل». مفتاح المرور أو الكلمات الاثنتا عشرة ' +
      'تعيد المحفظة؛ وخدمة المحفظة التي تكتبها هي {host}.',
    howToAdd: 'كيف تضيف Farthing',
    bought: 'وما اشتريته يعود معها، إن كانت هنا نسخة مقفلة من إيصالاتك.',
    without:
      'ومن دون أيٍّ منهما، ومن دون متصفح آخر لك، لا يستطيع أحد فتح المحفظة بعد ' +
      'الآن: فهي لا تحمل اسمًا.',
  },
} as const satisfies Record<string, Words>;

/** A language that the pages have. */
export type Language = keyof typeof WORDS;

/** The languages of the pages; the first one is for whoever likes none of them. */
export const LANGUAGES = Object.keys(WORDS) as [Language, ...Language[]];
