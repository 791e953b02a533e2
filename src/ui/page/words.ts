/**
 * Every word of the page of history, sellers and settings, by typed keys: another language is
 * another object of this type. What other screens say as well is in `../words.ts`.
 */
import type { EntryState } from '../../wallet/entries.ts';

const LOCALE = 'en-US';

function dateText(day: string, how: Intl.DateTimeFormatOptions): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date).toLocaleDateString(LOCALE, how);
}

const states: Record<EntryState, string> = {
  paid: 'Paid',
  undone: 'Undone',
  waiting: 'Waiting to hear back',
  refused: 'Nothing was charged',
};

export const words = {
  views: { history: 'History', sellers: 'Sellers', settings: 'Settings' },
  viewsLabel: 'Parts of your wallet',
  yours: 'yours to spend',
  moment: 'One moment…',
  again: 'Try again',
  offline: (host: string) => `${host} does not answer. This is what was known last.`,
  noWallet: 'There is no wallet in this browser.',
  setUp: 'Set up my wallet',

  empty: 'Nothing bought yet',
  emptyNote: (yours: string) =>
    `Each thing you buy will be listed here with its price and a receipt. You have ${yours} to ` +
    'try it with.',
  noneFound: 'Nothing like that was bought.',
  showAll: 'Show everything',
  more: 'Show more',
  looking: 'Looking further back…',

  search: 'Search',
  searchHint: 'A word of the title, the seller or the site',
  seller: 'Seller',
  anySeller: 'Every seller',
  month: 'Month',
  anyMonth: 'Every month',
  state: 'What became of it',
  anyState: 'Everything',
  states,

  takeAway: 'Save all of it as',
  formats: { csv: 'CSV', json: 'JSON', journal: 'hledger journal' },

  where: 'Where it went',
  chart: 'Spent each month',
  spentInYear: 'in the last 12 months',
  spentIn: (month: string) => `in ${month}`,
  monthSum: (month: string, amount: string) => `${month}: ${amount}`,
  others: 'Others',
  payments: 'Payments',
  spent: 'Spent',
  inAll: 'In all',
  figures: 'The same by month',

  monthName: (month: string) => dateText(`${month}-01`, { month: 'long', year: 'numeric' }),
  monthShort: (month: string) => dateText(`${month}-01`, { month: 'short' }),
  dayName: (day: string, today: string) => {
    if (day === today) return 'Today';
    const isNear = day.slice(0, 4) === today.slice(0, 4);
    const how = { weekday: 'long', month: 'long', day: 'numeric' } as const;
    return dateText(day, isNear ? how : { ...how, year: 'numeric' });
  },
  timeOfDay: (atMs: number) =>
    new Date(atMs).toLocaleTimeString(LOCALE, { hour: 'numeric', minute: '2-digit' }),
  fullTime: (atMs: number) =>
    new Date(atMs).toLocaleString(LOCALE, { dateStyle: 'long', timeStyle: 'short' }),

  open: 'Open',
  about: (action: string, title: string) => `${action}: ${title}`,
  undoing: 'Taking it back…',
  site: 'Site',
  price: 'Price',
  when: 'When',
  yoursUntil: 'Yours until',
  undoUntil: 'Undo until',
  reference: 'Reference',
  download: 'Download the receipt',
  noReceipt: 'There is no receipt of this.',
  close: 'Close',

  noSellers: 'No seller yet',
  noSellersNote:
    'Where you buy something is listed here, with what is set aside and what it may do.',
  asideHere: 'Set aside',
  atRisk: (amount: string) => `of it, the seller could still take ${amount}`,
  spentHere: 'Spent',
  todayHere: 'Today',
  elsewhere: 'What is set aside here was spent from somewhere else too. The next payment asks.',
  itsPayments: 'What I bought there',
  ruleAt: (host: string) => `On ${host}`,
  ask: 'Ask me each time',
  oneClick: 'One click pays',
  oneClickIs: (item: string, day: string) => `One click pays, up to ${item} each, ${day} a day`,
  block: 'Block',
  blockNote: 'Nothing is paid there. What you bought stays open.',
  each: 'Up to, each',
  aDay: 'Up to, a day',
  save: 'Save',
  change: 'Change',
  cancel: 'Not now',
  browserAsks: (host: string) => `Your browser asks about ${host}.`,
  notLetIn: 'Your browser did not let Farthing in there, so it still asks.',
  amountWrong: 'Write an amount such as 0.50',
  takeBack: 'Take the rest back',
  takingBack: 'Taking it back…',
  isBack: (amount: string) => `${amount} is back.`,
  stays: (amount: string, day: string) => `${amount} stays set aside, and is back by ${day}.`,
  nothingBack: 'Nothing is set aside here any more.',

  limit: 'Limit for a day',
  limitNote: 'Over all sellers. Past it you are asked, whatever you allowed.',
  limitSaved: 'Saved.',
  spentToday: (spent: string, limit: string) => `${spent} of ${limit} today`,
  prices: 'Prices',
  pricesNote: 'Your browser asks first. Without it Farthing runs only where you let it in.',
  safety: 'Browsers and recovery',
  safetyNote: 'A passkey or twelve words bring this wallet back on another computer.',
  safetyOpen: 'Open browsers and recovery',
  service: 'Wallet service',
  serviceNote: (host: string) => `Your money is at ${host}.`,
} as const;

/** What another language has to say. */
export type Words = typeof words;
