/** Money that comes from cards and goes back to them, in German. */
export const cards = {
  cardWaits: 'Warten auf die Karte: {amount}',
  cardWaitsNote: 'Sobald die Karte gezahlt hat, ist das Geld hier.',
  cardPage: 'Weiter zur Zahlung',
  cardFailed: 'Die Karte hat nicht gezahlt. Es wurde nichts abgebucht.',
  moneyBack: 'Ihr Geld zurück',
  moneyBackNote: [
    'Es geht auf die Karten zurück, von denen es kam; das dauert einige Tage.',
    'Was geschenkt war, bleibt hier.',
  ],
  moneyBackSend: '{amount} zurücksenden',
  moneyBackAsked:
    'Es ist angefragt. Antwortet Ihr Dienst nicht, wird von selbst noch einmal gefragt.',
  moneyBack_coming: '{amount} sind auf dem Weg zu Ihrer Karte.',
  moneyBack_there: '{amount} sind wieder auf Ihrer Karte.',
  moneyBack_failed: 'Eine Karte hat {amount} nicht angenommen. Sie sind wieder in Ihrer Geldbörse.',
};
