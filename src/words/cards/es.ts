/** Money that comes from cards and goes back to them, in Spanish. */
export const cards = {
  cardWaits: 'A la espera de la tarjeta: {amount}',
  cardWaitsNote: 'En cuanto la tarjeta haya pagado, el dinero estará aquí.',
  cardPage: 'Seguir con el pago',
  cardFailed: 'La tarjeta no ha pagado. No se ha cobrado nada.',
  moneyBack: 'Su dinero de vuelta',
  moneyBackNote: [
    'Vuelve a las tarjetas de las que vino, lo que tarda unos días.',
    'Lo que fue un regalo se queda aquí.',
  ],
  moneyBackSend: 'Devolver {amount}',
  moneyBackAsked: 'Está pedido. Si su servicio no responde, se vuelve a pedir por sí solo.',
  moneyBack_coming: '{amount} van de camino a su tarjeta.',
  moneyBack_there: '{amount} están de nuevo en su tarjeta.',
  moneyBack_failed: 'Una tarjeta no ha aceptado {amount}: están de nuevo en su monedero.',
};
