/** The account at the wallet service, its files and its end, in Spanish. */
export const account = {
  account: 'Su cuenta en {host}',
  statement: 'Extracto',
  statementNote: [
    'Lo que se anotó allí: entradas y salidas de dinero, compras',
    'y lo que usted tenía después de cada una.',
  ],
  held: 'Guardar todo lo que allí se sabe de usted',
  noNetwork: 'Este ordenador no tiene conexión.',
  leave: 'Cerrar su cuenta',
  leaveFirst: 'Antes tiene que terminar esto:',
  leaveSpent: 'Lo que gastó en {seller} se liquida a más tardar el {day}.',
  leaveEnds: [
    'El monedero termina en todos sus navegadores. Ni palabras, ni llave de acceso',
    'ni copia lo traen de vuelta.',
  ],
  leaveStays: 'Lo anotado se queda allí, sin decir de quién era.',
  leaveRest: 'Se pierden {amount}: un regalo, o menos de un céntimo.',
  leaveKeep: 'Guardarlo para el próximo monedero de este navegador',
};
