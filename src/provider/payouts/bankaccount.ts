/** Where a seller is paid (SPEC 9.21): the holder's name, and an IBAN or what there is instead. */
import { electronicFormatIBAN, isValidIBAN } from 'ibantools';
import { refuseAs } from '../../protocol/errors.ts';
import { id, type Reader, readMembers, refuse, text } from '../../protocol/shape.ts';
import { cleanText } from '../../protocol/text.ts';
import { type Body, bodyOf, described } from '../api/schema.ts';
import { inLatin } from './latin.ts';

/** Exactly one of the two numbers. */
export interface BankAccount {
  readonly name: string;
  /** Without spaces. */
  readonly iban?: string;
  readonly account?: string;
}

/** Of `pain.001` in SEPA: longer names are cut by banks, longer numbers there are none. */
const NAME_LENGTH_MAX = 70;
const NUMBER_LENGTH_MAX = 34;
/** Characters of an IBAN that people leave readable on a screen. */
const SHOWN_COUNT = 4;

/** A name that is left as a name when a bank gets it in its own letters. */
const readHolder: Reader<string> = (value) => {
  const name = cleanText(text(NAME_LENGTH_MAX)(value));
  if (inLatin(name).length > NAME_LENGTH_MAX) return refuse('too long in Latin letters');
  return /[A-Za-z]/.test(inLatin(name)) ? name : refuse('not in Latin letters, as the bank has it');
};
const holder = described(readHolder, {
  type: 'string',
  maxLength: NAME_LENGTH_MAX,
  description: 'of the account’s holder, in Latin letters',
});

const readIban: Reader<string> = (value) => {
  const iban = electronicFormatIBAN(text(2 * NUMBER_LENGTH_MAX)(value)) ?? '';
  return isValidIBAN(iban) ? iban : refuse('not an IBAN: look at its digits again');
};
const iban = described(readIban, { type: 'string', description: 'spaces may stand in it' });

const ACCOUNT = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,32}[A-Za-z0-9])?$/;
const readAccount: Reader<string> = (value) =>
  typeof value === 'string' && ACCOUNT.test(value)
    ? value
    : refuse('not an account number: letters, digits and hyphens');
const account = described(readAccount, { type: 'string', pattern: ACCOUNT.source });

const NAME = { name: holder } as const;
const NUMBERS = { iban, account } as const;

/** Of these members. @throws FarthingError `payload_malformed` */
function bankAccountOf({ name, iban, account }: BankAccount): BankAccount {
  if ((iban === undefined) === (account === undefined))
    return refuse('give either "iban" or "account"');
  return iban === undefined ? { name, account: account ?? '' } : { name, iban };
}

/** An account as it is kept. @throws FarthingError `payload_malformed` */
export function readBankAccount(kept: string): BankAccount {
  return bankAccountOf(readMembers(JSON.parse(kept), NAME, NUMBERS));
}

const members = bodyOf({ id, ...NAME }, NUMBERS);

/** `POST /v1/sellers/HANDLE/bank`. */
export const SET_BANK: Body<{ readonly id: string; readonly bank: BankAccount }> = {
  read: (value) => {
    const { id: writeId, ...given } = members.read(value);
    return { id: writeId, bank: refuseAs('body_malformed', () => bankAccountOf(given)) };
  },
  schema: { ...members.schema, oneOf: [{ required: ['iban'] }, { required: ['account'] }] },
};

/** For people who know it: `…3000`. */
export function shortNumber({ iban, account = '' }: BankAccount): string {
  return `…${(iban ?? account).slice(-SHOWN_COUNT)}`;
}
