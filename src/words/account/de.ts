/** The account at the wallet service, its files and its end, in German. */
export const account = {
  account: 'Ihr Konto bei {host}',
  statement: 'Kontoauszug',
  statementNote:
    'Was dort gebucht wurde: Ein- und Auszahlungen, Käufe, und was Sie danach jeweils hatten.',
  held: 'Alles speichern, was dort über Sie bekannt ist',
  noNetwork: 'Dieser Computer ist offline.',
  leave: 'Ihr Konto auflösen',
  leaveFirst: 'Das muss vorher zu Ende sein:',
  leaveSpent: 'Was Sie bei {seller} ausgegeben haben, wird bis {day} abgerechnet.',
  leaveEnds: [
    'Die Geldbörse endet in all Ihren Browsern. Keine Wörter, kein Passkey und keine',
    'Kopie bringen sie zurück.',
  ],
  leaveStays: 'Was gebucht wurde, bleibt dort, ohne ein Wort darüber, wem es gehörte.',
  leaveRest: '{amount} gehen verloren: ein Geschenk oder weniger als ein Cent.',
  leaveKeep: 'Für die nächste Geldbörse in diesem Browser behalten',
};
