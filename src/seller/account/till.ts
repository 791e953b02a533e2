/** Where a seller is paid, and what it has earned (SPEC 9.21, 9.22): as its provider says. */
import type { EarningsAnswer, PayoutWait, SetBankAnswer } from '../../protocol/api.ts';
import { microsMember } from '../../protocol/money.ts';
import { count, flag, list, type Reader, readMembers, text } from '../../protocol/shape.ts';
import { type PaytoClient, randomId } from './account.ts';

/** A bank account: the holder's name in Latin letters, and an IBAN or what there is instead. */
export type BankAccount = { readonly name: string } & (
  | { readonly iban: string }
  | { readonly account: string }
);

/** More of each than a provider sends. */
const LENGTH_MAX = 400;

/** Of micros, as they came. */
const amount: Reader<string> = (value) => `${microsMember(value)}`;
const sums = { collected: amount, earned: amount };

const readBank: Reader<SetBankAnswer> = (value) =>
  readMembers(value, { name: text(200), number: text(40), from: count });

const readWait: Reader<PayoutWait> = (value) =>
  readMembers(value, { code: text(40) }, { until: count }) as PayoutWait;

const readDay = (value: unknown) =>
  readMembers(value, { day: text(10), ...sums, refunded: amount });

const readCountry = (value: unknown) => readMembers(value, sums, { country: text(2) });

const readPayout = (value: unknown) =>
  readMembers(
    value,
    {
      ...{ id: text(40), number: count, amount, state: text(10), made: count },
      ...{ name: text(200), account: text(40) },
    },
    { ended: count },
  );

function readEarnings(value: unknown): EarningsAnswer {
  const totals = { ...sums, refunded: amount, fees: amount, transit: amount, paid: amount };
  const lists = {
    waits: list(readWait, LENGTH_MAX),
    days: list(readDay, LENGTH_MAX),
    countries: list(readCountry, LENGTH_MAX),
    payouts: list(readPayout, LENGTH_MAX),
  };
  return readMembers(
    value,
    { currency: text(3), ...totals, pending: amount, payable: amount, ...lists, more: flag },
    { next: count, bank: readBank },
  ) as EarningsAnswer;
}

/** Says where one payto is paid from now on. */
export async function setBank(
  { client, payto }: PaytoClient,
  account: BankAccount,
): Promise<SetBankAnswer> {
  const body = { id: randomId(), ...account };
  return readBank(await client.post(`/v1/sellers/${payto.handle}/bank`, body));
}

/** What one payto has earned. */
export async function earnings({ client, payto }: PaytoClient): Promise<EarningsAnswer> {
  return readEarnings(await client.get(`/v1/sellers/${payto.handle}/earnings`));
}
