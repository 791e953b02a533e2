/** Money that comes from cards and goes back to them, in English. */
export const cards = {
  cardWaits: 'Waiting for the card: {amount}',
  cardWaitsNote: 'The money is here as soon as the card has paid.',
  cardPage: 'Continue paying',
  cardFailed: 'The card did not pay. Nothing was taken.',
  moneyBack: 'Your money back',
  moneyBackNote:
    'It goes back to the cards it came from, which takes some days. What was a gift stays here.',
  moneyBackSend: 'Send {amount} back',
  moneyBackAsked: 'Asked for. If your wallet service is silent, it is asked again by itself.',
  moneyBack_coming: '{amount} is on its way to your card.',
  moneyBack_there: '{amount} is back on your card.',
  moneyBack_failed: 'A card did not take {amount}, so it is in your wallet again.',
} as const;
