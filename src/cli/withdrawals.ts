/** `farthing withdrawals`: what readers want back and cards have not got, and giving it up. */
import { parseArgs } from 'node:util';
import { FarthingError } from '../protocol/errors.ts';
import { openWithdrawalDesk, type WithdrawalDesk } from '../provider/funding/desk.ts';
import type { GivenUp, Waiting } from '../provider/funding/giveup.ts';
import { createSandboxCard } from '../provider/funding/sandboxcard.ts';
import { createStripe } from '../provider/funding/stripe.ts';
import { checkThere, findBooks } from './books.ts';
import type { Command } from './main.ts';
import { readStripe } from './stripe.ts';
import { units } from './units.ts';

const HELP = `Usage: farthing withdrawals --books FILE|FOLDER|postgres://USER@HOST/NAME COMMAND

May be run while the wallet service runs.

  list               what is on its way back to readers' cards, the oldest first: its name, for how
                     many days, how much, whether the card's side has it (sent) or not (made), and
                     why not, as that side said last
  give-up NAME...    these are sent no more: the money is its reader's again, or pays what the
                     reader owes. The card's side is asked first whether it has them, with the
                     service's own STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET in the environment.
                     Nothing more goes back to that payment. A name that begins with a dash comes
                     after --
  --looked           of a payment that the card's side does not know: you have seen there, under
                     the account that took it, that no such refund was made

Exit 0: it is so. Exit 1: something could not be given up. Exit 2: misuse.`;

const DAY_SEC = 86_400;

/** Says what became of a name; whether it is as it was told. */
const SAYINGS: Record<GivenUp, { readonly text: string; readonly isSo: boolean }> = {
  'given up': { text: 'is given up; its reader has the money', isSo: true },
  known: { text: 'was given up before', isSo: true },
  failed: { text: 'has failed by itself; its reader has the money', isSo: true },
  unknown: { text: 'is no part of a withdrawal in these books', isSo: false },
  withdrawn: { text: 'has gone back to its card', isSo: false },
  there: { text: 'is at the card’s side and on its way', isSo: false },
  'being sent': {
    text: 'may be on its way there just now. It is held back: say it again in five minutes',
    isSo: false,
  },
  'another way': {
    text: 'is sent by another card’s side than this: set the keys of the service, or none',
    isSo: false,
  },
  'no payment': {
    text: 'goes back to a payment that the card’s side does not know under this key: see --looked',
    isSo: false,
  },
};

function misuse(detail: string): never {
  throw new FarthingError('option_invalid', detail);
}

function line({ name, state, amountMicros, sinceSec, method, refusal }: Waiting): string {
  const days = Math.floor((Date.now() / 1000 - sinceSec) / DAY_SEC);
  const age = `${days} d`.padStart(6);
  return [name, age, units(amountMicros).padStart(12), state, method, refusal ?? ''].join('  ');
}

async function list(desk: WithdrawalDesk): Promise<number> {
  const waiting = await desk.list();
  for (const it of waiting) console.log(line(it).trimEnd());
  if (waiting.length === 0) console.log('Nothing waits.');
  return 0;
}

async function giveUp(desk: WithdrawalDesk, names: readonly string[], hasLooked?: 'has looked') {
  let isAllSo = true;
  for (const name of names) {
    const { text, isSo } = SAYINGS[await desk.giveUp(name, hasLooked)];
    (isSo ? console.log : console.error)(`${name} ${text}`);
    isAllSo &&= isSo;
  }
  return isAllSo ? 0 : 1;
}

/** The way that the service has by the same environment. */
async function fund(issuer: string) {
  const keys = readStripe(process.env);
  if (!keys) return createSandboxCard();
  return createStripe({ ...keys, issuer, name: issuer, clock: Date.now });
}

/** Exit 0, 1 where something could not be given up, 2 for misuse. */
export const withdrawals: Command = async (args) => {
  const options = {
    books: { type: 'string' },
    looked: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const [command, ...names] = positionals;
  const isList = command === 'list' && names.length === 0;
  if (values.books === undefined || !(isList || (command === 'give-up' && names.length > 0)))
    return misuse('say --books, and list or give-up NAME: see --help');
  const place = findBooks(values.books);
  checkThere(place);
  const desk = await openWithdrawalDesk(place, { fund, log: console.error, clock: Date.now });
  try {
    if (isList) return await list(desk);
    return await giveUp(desk, names, values.looked ? 'has looked' : undefined);
  } finally {
    await desk.close();
  }
};
