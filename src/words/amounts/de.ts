/** Amounts below a unit as they are read out, in German. */
export const amounts = {
  inCents: { one: '{count} Cent', other: '{count} Cent' },
  inPence: { one: '{count} Penny', other: '{count} Pence' },
  cent_2500: 'ein viertel Cent',
  cent_5000: 'ein halber Cent',
  cent_7500: 'drei viertel Cent',
  cents_2500: '{whole} einviertel Cent',
  cents_5000: '{whole} einhalb Cent',
  cents_7500: '{whole} dreiviertel Cent',
  penny_2500: 'ein viertel Penny',
  penny_5000: 'ein halber Penny',
  penny_7500: 'drei viertel Penny',
  pence_2500: '{whole} einviertel Pence',
  pence_5000: '{whole} einhalb Pence',
  pence_7500: '{whole} dreiviertel Pence',
};
