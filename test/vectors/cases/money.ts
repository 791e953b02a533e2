import { accepted, refusals, type VectorFile } from '../material.ts';

const usd = (micros: string) => ({ amountMicros: micros, currency: 'USD' });

const price: VectorFile = {
  operation: 'price',
  about: 'SPEC 1.3: one price as a seller writes it; the amount in micros',
  vectors: [
    accepted('two cents', '0.02 USD', usd('20000')),
    accepted('a whole number', '1 USD', usd('1000000')),
    accepted('the smallest price', '0.000001 USD', usd('1')),
    accepted('the largest price', '1000000000 USD', usd('1000000000000000')),
    accepted('zeros at the end', '0.100000 USD', usd('100000')),
    accepted('six decimals', '12.345678 EUR', { amountMicros: '12345678', currency: 'EUR' }),
    accepted('a tab between', '0.02\tUSD', usd('20000')),
    accepted('white space around', ' 0.02 USD ', usd('20000')),
    ...refusals('price_malformed', {
      nothing: '',
      'no currency': '0.02',
      'no amount': 'USD',
      'no space': '0.02USD',
      'the currency first': 'USD 0.02',
      'a currency sign': '$0.02',
      'a minus': '-0.02 USD',
      'a plus': '+0.02 USD',
      'no units': '.02 USD',
      'no decimals after the point': '0. USD',
      'a zero too many in front': '00.02 USD',
      'a zero in front': '01 USD',
      'a decimal comma': '0,02 USD',
      'a separator of thousands': '1,000 USD',
      'an underscore': '1_000 USD',
      'an exponent': '1e3 USD',
      hexadecimal: '0x10 USD',
      'seven decimals': '0.0000001 USD',
      zero: '0 USD',
      'zero with decimals': '0.000000 USD',
      'one micro too much': '1000000000.000001 USD',
      'eleven digits': '10000000000 USD',
      'Arabic digits': '٠.٠٢ USD',
      'full-width digits': '０.０２ USD',
      'not a number': 'NaN USD',
      infinity: 'Infinity USD',
      'a line break between': '0.02\nUSD',
      'a no-break space between': '0.02\u00a0USD',
      'a no-break space before': '\u00a00.02 USD',
      'a no-break space after': '0.02 USD\u00a0',
      'a thin space around': '\u20090.02 USD\u2009',
      'a line break after': '0.02 USD\n',
      'a byte order mark before': '\ufeff0.02 USD',
      'something behind': '0.02 USD each',
      'a currency of four letters': '0.02 USDC',
    }),
    ...refusals('currency_unknown', {
      'the currency in small letters': '0.02 usd',
      'a currency that ended': '0.02 DEM',
      'the code for testing': '0.02 XTS',
      gold: '0.02 XAU',
      'the code for no currency': '0.02 XXX',
    }),
  ],
};

const priceList: VectorFile = {
  operation: 'priceList',
  about: 'SPEC 1.3: a list of prices, at most 8, one a currency',
  vectors: [
    accepted('one', '0.02 USD', [usd('20000')]),
    accepted('two', '0.02 USD, 0.03 EUR', [
      usd('20000'),
      { amountMicros: '30000', currency: 'EUR' },
    ]),
    ...refusals('price_malformed', {
      nothing: '',
      'a comma behind': '0.02 USD,',
      'a comma before': ',0.02 USD',
      'two commas': '0.02 USD,,0.02 EUR',
      'a semicolon': '0.02 USD; 0.02 EUR',
      'a second price that is malformed': '0.02 USD, 0,02 EUR',
      'two prices in one currency': '0.02 USD, 0.03 USD',
      'nine prices': ['USD', 'EUR', 'GBP', 'CHF', 'SEK', 'NOK', 'DKK', 'PLN', 'CZK']
        .map((currency) => `1 ${currency}`)
        .join(', '),
    }),
    ...refusals('currency_unknown', { 'a second currency that is not known': '1 USD, 1 DEM' }),
  ],
};

const amount: VectorFile = {
  operation: 'amount',
  about: 'SPEC 1.2: an amount on the wire',
  vectors: [
    accepted('nothing', '0', '0'),
    accepted('one micro', '1', '1'),
    accepted('the largest amount', '1000000000000000', '1000000000000000'),
    ...refusals('payload_malformed', {
      'no digit': '',
      'two zeros': '00',
      'a zero in front': '01',
      'an exponent': '1e3',
      'a minus': '-1',
      'minus zero': '-0',
      'a plus': '+1',
      'a decimal point': '1.0',
      'a space before': ' 1',
      'a line break behind': '1\n',
      hexadecimal: '0x1',
      'as program text': '1n',
      'Arabic digits': '١',
      'one above the largest': '1000000000000001',
      'seventeen digits': '10000000000000000',
      'a JSON number': 20000,
      'a JSON number above 2^53': 1e21,
      null: null,
      true: true,
      'a list': ['1'],
      'an object': { amount: '1' },
    }),
  ],
};

export const moneyFiles = { price, 'price-list': priceList, amount };
