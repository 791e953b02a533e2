/** `farthing payouts`: what sellers were paid, and what their banks did with it. */
import { parseArgs } from 'node:util';
import { FarthingError } from '../protocol/errors.ts';
import type { Micros } from '../protocol/money.ts';
import { CURRENCY } from '../provider/context.ts';
import { readBankAccount } from '../provider/payouts/bankaccount.ts';
import { openDesk, type PayoutDesk } from '../provider/payouts/desk.ts';
import { METHODS } from '../provider/payouts/method.ts';
import type { OutcomeResult, Payout } from '../provider/payouts/payout.ts';
import { checkThere, findBooks } from './books.ts';
import type { Command } from './main.ts';
import { units } from './units.ts';

const HELP = `Usage: farthing payouts --books FILE|FOLDER|postgres://USER@HOST/NAME COMMAND

May be run while the wallet service runs.

  list [STATE]            the newest payouts: all, or made, sent, paid, bounced
  paid ID...              the bank has paid these
  bounced ID...           these came back, before or after they were paid; the seller has it again
  hold HANDLE             pay this seller, and all others of its account, nothing for now
  release HANDLE          pay it again
  fund AMOUNT REFERENCE   50.00 of your own are in the float, for what the card's side has kept for
                          itself, and then for starter credit that sellers are paid; booked once
                          for each REFERENCE, as on the bank's statement
  method sandbox|pain.001 sellers are paid by this way from now on; only as long as nothing was
                          ever paid out. Then start the service again, with
                          --payout-dir and --payout-iban, or without

Exit 0: it is so. Exit 1: of paid and bounced, something could not be booked. Exit 2: misuse.`;

const STATES: readonly string[] = ['made', 'sent', 'paid', 'bounced'] satisfies Payout['state'][];

/** Says what became of an id; whether it is as it was told. */
const SAYINGS: Record<OutcomeResult, { readonly text: string; readonly isSo: boolean }> = {
  booked: { text: 'booked', isSo: true },
  known: { text: 'was booked before', isSo: true },
  unknown: { text: 'is no payout of these books', isSo: false },
  'not sent': { text: 'was not handed to the bank yet', isSo: false },
  'bounced before': { text: 'bounced before; the seller has the money again', isSo: false },
};

function misuse(detail: string): never {
  throw new FarthingError('option_invalid', detail);
}

function line({ id, made_at_sec: at, handle, state, bank, amount_micros: amount }: Payout): string {
  const { name, iban, account } = readBankAccount(bank);
  const day = new Date(Number(at) * 1000).toISOString().slice(0, 10);
  return [id, day, state.padEnd(7), units(amount).padStart(16), handle, name, iban ?? account].join(
    '  ',
  );
}

async function list(desk: PayoutDesk, [state, ...more]: readonly string[]): Promise<number> {
  if (more.length > 0 || (state !== undefined && !STATES.includes(state)))
    misuse(`list one state: ${STATES.join(', ')}`);
  const payouts = await desk.list(state as Payout['state'] | undefined);
  for (const payout of payouts) console.log(line(payout));
  if (payouts.length === 0) console.log('No payouts.');
  return 0;
}

function booker(outcome: 'paid' | 'bounced') {
  return async (desk: PayoutDesk, ids: readonly string[]): Promise<number> => {
    if (ids.length === 0) misuse('name the ids, as list shows them');
    let isAllSo = true;
    for (const id of ids) {
      const { text, isSo } = SAYINGS[await desk.book(id, outcome)];
      (isSo ? console.log : console.error)(`${id} ${text}`);
      isAllSo &&= isSo;
    }
    return isAllSo ? 0 : 1;
  };
}

function holder(act: 'hold' | 'release') {
  return async (desk: PayoutDesk, [handle, ...more]: readonly string[]): Promise<number> => {
    if (handle === undefined || more.length > 0) misuse('name one seller by its handle');
    if (!(await desk[act](handle))) misuse(`no seller here is called ${handle}`);
    console.log(`${handle} is ${act === 'hold' ? 'paid nothing for now' : 'paid again'}.`);
    return 0;
  };
}

async function fund(desk: PayoutDesk, [amount, reference, ...more]: readonly string[]) {
  const [, whole, part = ''] = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(amount ?? '') ?? [];
  if (whole === undefined || more.length > 0 || !/^[\w.-]{1,64}$/.test(reference ?? ''))
    misuse('fund AMOUNT REFERENCE: 50.00 2027-01-15.1');
  const micros = BigInt(whole) * 1_000_000n + BigInt(part.padEnd(2, '0')) * 10_000n;
  if (micros === 0n) misuse('an amount is more than nothing');
  const result = await desk.fund(micros as Micros, reference ?? '');
  const said = result === 'booked' ? 'booked' : 'was booked before';
  console.log(`${units(micros)} ${CURRENCY} ${said}.`);
  return 0;
}

async function changeMethod(desk: PayoutDesk, [method = '', ...more]: readonly string[]) {
  if (more.length > 0 || !METHODS.includes(method)) misuse(`name one way: ${METHODS.join(', ')}`);
  await desk.method(method);
  const way = method === 'sandbox' ? 'without --payout-dir' : 'with --payout-dir and --payout-iban';
  console.log(`Sellers are paid by ${method} from now on: start the service again, ${way}.`);
  return 0;
}

const COMMANDS: Readonly<
  Record<string, (desk: PayoutDesk, rest: readonly string[]) => Promise<number>>
> = {
  list,
  paid: booker('paid'),
  bounced: booker('bounced'),
  hold: holder('hold'),
  release: holder('release'),
  fund,
  method: changeMethod,
};

/** Exit 0, 1 where an outcome could not be booked, 2 for misuse. */
export const payouts: Command = async (args) => {
  const options = { books: { type: 'string' }, help: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const [name = '', ...rest] = positionals;
  const run = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!run || values.books === undefined) return misuse('say --books and what to do: see --help');
  const place = findBooks(values.books);
  checkThere(place);
  const desk = await openDesk(place);
  try {
    return await run(desk, rest);
  } finally {
    await desk.close();
  }
};
