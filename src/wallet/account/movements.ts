/**
 * What the account's provider has booked, and what else it holds (SPEC 9.25): as it says it, for
 * files that the reader takes away.
 */
import type { AccountMovement } from '../../protocol/api.ts';
import { readBalance } from '../../protocol/documents.ts';
import { FarthingError, refuseAs } from '../../protocol/errors.ts';
import { microsMember } from '../../protocol/money.ts';
import { paytoMember } from '../../protocol/payto.ts';
import { count, flag, id, list, readMembers, refuse } from '../../protocol/shape.ts';
import { monthOf } from '../history/entries.ts';
import { csvOf } from '../history/exports.ts';
import type { WalletPorts } from '../ports.ts';
import type { Account } from '../rows.ts';
import { bookBalance, clientOf, requireAccount } from './accounts.ts';
import { createCaller } from './provider.ts';

type Kind = AccountMovement['kind'];

/** One movement. */
export interface Movement {
  /** Of its journal entry. */
  readonly number: number;
  readonly kind: Kind;
  readonly atMs: number;
  readonly amountMicros: bigint;
  readonly payto: string | undefined;
}

/**
 * What each does to what is the reader's: available and set aside together, less what a card took
 * back and is owed.
 */
const EFFECTS: Readonly<Record<Kind, -1n | 0n | 1n>> = {
  starter: 1n,
  'top-up': 1n,
  'set aside': 0n,
  captured: -1n,
  released: 0n,
  'given back': 1n,
  'charged back': -1n,
  'chargeback won': 1n,
  'debt paid': 0n,
  withdrawal: -1n,
  withdrawn: 0n,
  'withdrawal failed': 1n,
};
const KINDS = Object.keys(EFFECTS) as Kind[];

/** What the reader has more by it; below zero: less. */
export function changeBy({ kind, amountMicros }: Pick<Movement, 'kind' | 'amountMicros'>): bigint {
  return EFFECTS[kind] * amountMicros;
}

const MEMBERS = {
  number: count,
  kind: (value: unknown) => KINDS.find((kind) => kind === value) ?? refuse('not a movement'),
  at: count,
  amount: microsMember,
};

function readMovement(value: unknown): Movement {
  const read = readMembers(value, MEMBERS, { purse: id, payto: paytoMember });
  const { number, kind, at, amount: amountMicros, payto } = read;
  return { number, kind, atMs: at * 1000, amountMicros, payto };
}

const PAGE_LENGTH_MAX = 1000;

function readPage(answer: unknown) {
  const movements = list(readMovement, PAGE_LENGTH_MAX);
  return refuseAs('provider_unreachable', () => readMembers(answer, { movements, more: flag }));
}

function callerOf(ports: WalletPorts, { provider, device }: Account) {
  return createCaller(ports, provider, device);
}

/** All of them, the oldest first. @throws FarthingError the provider's codes */
async function readMovements(ports: WalletPorts, account: Account): Promise<Movement[]> {
  const { get } = callerOf(ports, account);
  const all: Movement[] = [];
  for (let query = ''; ; ) {
    const { movements, more } = readPage(await get(`/v1/account/statement${query}`));
    all.push(...movements);
    const last = movements.at(-1);
    if (!more || !last) return all.reverse();
    query = `?before=${last.number}`;
  }
}

/** What they come to, up to the journal's entry `rev`. */
function sumOf(movements: readonly Movement[], rev: number): bigint {
  const until = movements.filter(({ number }) => number <= rev);
  return until.reduce((sum, movement) => sum + changeBy(movement), 0n);
}

/**
 * Every movement, which come to what the provider signs that there is. What is owed to it is in no
 * balance: with a card that took a payment back there may be less.
 * @throws FarthingError `internal` where they come to something else; the provider's codes
 */
export async function checkedMovements(ports: WalletPorts): Promise<Movement[]> {
  const account = await requireAccount(ports);
  const { balance } = await clientOf(ports, account).account();
  await bookBalance(ports, balance);
  const { available, aside, rev } = readBalance(balance).claims;
  const movements = await readMovements(ports, account);
  const owed = available + aside - sumOf(movements, rev);
  const mayOwe = movements.some(({ kind }) => kind === 'charged back');
  if (owed < 0n || (owed > 0n && !mayOwe))
    throw new FarthingError('internal', 'what was booked does not come to the balance');
  return movements;
}

const COLUMNS = ['time', 'what', 'seller', 'amount', 'currency', 'change', 'balance'] as const;

/**
 * Pure: the movements of a month of the reader's own, or all, as a table: what there was before,
 * then each with what there was after it.
 * @param month `2026-11`
 */
export function statementOf(
  movements: readonly Movement[],
  { month, currency }: { readonly month: string | undefined; readonly currency: string },
): string {
  let balance = 0n;
  const rows = movements.map((movement) => {
    const { atMs, kind: what, payto: seller = '', amountMicros: amount } = movement;
    const change = changeBy(movement);
    balance += change;
    const time = new Date(atMs).toISOString();
    return { month: monthOf(atMs), time, what, seller, amount, currency, change, balance };
  });
  const isBefore = (row: { month: string }) => month !== undefined && row.month < month;
  const before = rows.findLast(isBefore)?.balance ?? 0n;
  const nothing = { time: '', seller: '', amount: 0n, currency, change: 0n };
  return csvOf(COLUMNS, [
    { ...nothing, what: 'balance before', balance: before },
    ...rows.filter((row) => month === undefined || row.month === month),
  ]);
}

/** The statement of a month, or of all months, as a table. @throws FarthingError as above */
export async function statement(ports: WalletPorts, month: string | undefined): Promise<string> {
  const { currency } = await requireAccount(ports);
  return statementOf(await checkedMovements(ports), { month, currency });
}

/** It comes from many tables, and may be long. */
const HELD_TIMEOUT_MS = 120_000;

/** All that is held about the account, as JSON. @throws FarthingError the provider's codes */
export async function held(ports: WalletPorts): Promise<string> {
  const { get } = callerOf(ports, await requireAccount(ports));
  return `${JSON.stringify(await get('/v1/account/export', HELD_TIMEOUT_MS), null, 2)}\n`;
}
