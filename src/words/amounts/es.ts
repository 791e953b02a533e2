/** Amounts below a unit as they are read out, in Spanish. */
export const amounts = {
  inCents: { one: '{count} centavo', many: '{count} de centavos', other: '{count} centavos' },
  inPence: { one: '{count} penique', many: '{count} de peniques', other: '{count} peniques' },
  cent_2500: 'un cuarto de centavo',
  cent_5000: 'medio centavo',
  cent_7500: 'tres cuartos de centavo',
  cents_2500: '{whole} centavos y cuarto',
  cents_5000: '{whole} centavos y medio',
  cents_7500: '{whole} centavos y tres cuartos',
  penny_2500: 'un cuarto de penique',
  penny_5000: 'medio penique',
  penny_7500: 'tres cuartos de penique',
  pence_2500: '{whole} peniques y cuarto',
  pence_5000: '{whole} peniques y medio',
  pence_7500: '{whole} peniques y tres cuartos',
};
