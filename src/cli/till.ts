/** `farthing earnings` and `farthing bank`: what a seller has earned, and where it is paid. */
import { parseArgs } from 'node:util';
import { FarthingError } from '../protocol/errors.ts';
import {
  type BankAccount,
  createSeller,
  type EarningsAnswer,
  memoryStore,
  type Seller,
} from '../seller/index.ts';
import type { Command } from './main.ts';
import { units } from './units.ts';

const COMMON = `  --payto NAME                the account that is paid
  --allow-insecure-loopback   a wallet service on this machine, for development`;

const EARNINGS_HELP = `Usage: FEE_SECRET=… farthing earnings --payto HANDLE@HOST

Says what a shop has earned and was paid, and what its next payout waits for.

${COMMON}

Exit 0: it is said. Exit 2: misuse, or the wallet service refuses.`;

const BANK_HELP = `Usage: FEE_SECRET=… farthing bank --payto HANDLE@HOST --name HOLDER --iban IBAN

Says to which bank account a shop is paid from now on. Nothing is paid there for the first three
days, so that whoever has stolen the secret empties no till overnight.

${COMMON}
  --name HOLDER               in Latin letters, as the bank has it
  --iban IBAN                 or, where there is none, --account NUMBER

Exit 0: it is so. Exit 2: misuse, or the wallet service refuses.`;

const OPTIONS = {
  payto: { type: 'string' },
  'allow-insecure-loopback': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const BANK_OPTIONS = {
  ...OPTIONS,
  name: { type: 'string' },
  iban: { type: 'string' },
  account: { type: 'string' },
} as const;

function readBankOptions(args: readonly string[]) {
  return parseArgs({ args: [...args], options: BANK_OPTIONS }).values;
}
type BankValues = ReturnType<typeof readBankOptions>;
type Values = Pick<BankValues, keyof typeof OPTIONS>;

/** The seller of the secret, which sells nothing here. */
function sellerOf({ payto, 'allow-insecure-loopback': allowInsecureLoopback }: Values): Seller {
  if (payto === undefined) throw new FarthingError('option_invalid', '--payto says whose');
  const secret = process.env.FEE_SECRET;
  return createSeller({ payto, secret, store: memoryStore(), allowInsecureLoopback });
}

/** SPEC 9.22. */
const WAITS: Record<EarningsAnswer['waits'][number]['code'], string> = {
  bank_missing: 'a bank account: see farthing bank --help',
  bank_new: 'the bank account, which is new',
  bank_bounced: 'the bank account again, or another: the last payout came back',
  seller_new: 'the first payout, which takes longer',
  held: 'the wallet service, which holds it back: ask there',
  period: 'a week since the last payout',
  young: 'what was sold lately and can be undone',
  starter: 'starter credit, which the wallet service pays out of its own money',
  threshold: 'more: it is less than the least payout',
};

const dayOf = (atSec: number) => new Date(atSec * 1000).toISOString().slice(0, 10);

/** As it is printed. */
function linesOf(it: EarningsAnswer): string[] {
  const sums = [
    ['Collected', it.collected],
    ['Given back', it.refunded],
    ['Fees', it.fees],
    ['Paid', it.paid],
    ['On its way to the bank', it.transit],
    ['Here', it.earned],
    ['Promised back to readers', it.pending],
    ['Payable now', it.payable],
  ] as const;
  const lines = sums.map(
    ([name, micros]) => `${name.padEnd(26)}${units(BigInt(micros)).padStart(14)} ${it.currency}`,
  );
  for (const { code, until } of it.waits)
    lines.push(
      `Waits for ${WAITS[code] ?? code}${until === undefined ? '' : `, until ${dayOf(until)}`}.`,
    );
  if (it.next !== undefined) lines.push(`The next payout is made on ${dayOf(it.next)} or later.`);
  if (it.bank) lines.push(`It goes to ${it.bank.name}, account ${it.bank.number}.`);
  return lines;
}

export const earnings: Command = async (args) => {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) {
    console.log(EARNINGS_HELP);
    return 0;
  }
  const [it] = await sellerOf(values).earnings();
  for (const line of it ? linesOf(it) : []) console.log(line);
  return 0;
};

function readAccount({ name, iban, account }: BankValues): BankAccount {
  if (name !== undefined && iban !== undefined && account === undefined) return { name, iban };
  if (name !== undefined && account !== undefined && iban === undefined) return { name, account };
  throw new FarthingError('option_invalid', '--name, and --iban or --account, say where');
}

export const bank: Command = async (args) => {
  const values = readBankOptions(args);
  if (values.help) {
    console.log(BANK_HELP);
    return 0;
  }
  const seller = sellerOf(values);
  const [it] = await seller.setBank(readAccount(values));
  if (it) console.log(`Paid to ${it.name}, account ${it.number}, from ${dayOf(it.from)} on.`);
  return 0;
};
