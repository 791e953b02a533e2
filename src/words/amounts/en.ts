/** Amounts below a unit as they are read out, in English. */
export const amounts = {
  inCents: { one: '{count} cent', other: '{count} cents' },
  inPence: { one: '{count} penny', other: '{count} pence' },
  cent_2500: 'a quarter of a cent',
  cent_5000: 'half a cent',
  cent_7500: 'three quarters of a cent',
  cents_2500: '{whole} and a quarter cents',
  cents_5000: '{whole} and a half cents',
  cents_7500: '{whole} and three quarters cents',
  penny_2500: 'a quarter of a penny',
  penny_5000: 'half a penny',
  penny_7500: 'three quarters of a penny',
  pence_2500: '{whole} and a quarter pence',
  pence_5000: '{whole} and a half pence',
  pence_7500: '{whole} and three quarters pence',
} as const;
