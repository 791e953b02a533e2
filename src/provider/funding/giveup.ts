/**
 * Parts of withdrawals that wait, and giving one up (SPEC 10.11): the card's side is asked first
 * whether it has it. Meanwhile nobody sends it; what was being sent has ended by then, or is found.
 */

import type { ChangeBooks } from '../database/commits.ts';
import { indexed, type Reading } from '../database/database.ts';
import type { Funding, Notice, Return } from './funding.ts';
import { bookNotice, findTopUp } from './notices.ts';
import {
  findPart,
  forgetReference,
  markSent,
  markStopped,
  type Part,
  partNameOf,
  SENDING_SEC,
  STOPPED_SEC,
} from './parts.ts';
import { returnOf } from './sendback.ts';

/** A row for people is a page of them. */
const LIST_COUNT_MAX = 200;

/** A part that waits, as an operator sees it. */
export interface Waiting {
  readonly name: string;
  readonly state: 'made' | 'sent';
  readonly amountMicros: bigint;
  /** When its reader asked for it. */
  readonly sinceSec: number;
  /** Which funding sends it. */
  readonly method: string;
  readonly refusal: string | undefined;
}

/** The parts that wait, the oldest first. */
export async function listWaiting(reading: Reading): Promise<Waiting[]> {
  const rows = [];
  for (const state of ['made', 'sent'] as const)
    rows.push(
      ...(await reading
        .selectFrom('withdrawal_part as part')
        .innerJoin('withdrawal', (join) =>
          join
            .onRef('withdrawal.account', '=', 'part.account')
            .onRef('withdrawal.id', '=', 'part.withdrawal'),
        )
        .innerJoin('topup', (join) =>
          join.onRef('topup.account', '=', 'part.account').onRef('topup.id', '=', 'part.topup'),
        )
        .selectAll('part')
        .select(['withdrawal.at_sec', 'topup.method'])
        .where('part.state', '=', indexed(state))
        .orderBy('withdrawal.at_sec')
        .limit(LIST_COUNT_MAX)
        .execute()),
    );
  return rows
    .map((row) => ({
      name: partNameOf(row),
      state: row.state === 'made' ? ('made' as const) : ('sent' as const),
      amountMicros: row.amount_micros,
      sinceSec: Number(row.at_sec),
      method: row.method,
      refusal: row.refusal ?? undefined,
    }))
    .sort((a, b) => a.sinceSec - b.sinceSec);
}

/** What became of giving a part up. */
export type GivenUp =
  | 'given up'
  | 'known'
  | 'unknown'
  | 'withdrawn'
  | 'failed'
  | 'another way'
  | 'being sent'
  | 'there'
  | 'no payment';

export interface GivingUp {
  readonly database: Reading;
  readonly changeBooks: ChangeBooks;
  readonly funding: Funding;
  readonly atSec: number;
  readonly log: (line: string) => void;
}

/** What a part's row says without asking anybody; undefined: it waits. */
function endOf(part: Part): GivenUp | undefined {
  if (part.state === 'withdrawn') return 'withdrawn';
  if (part.state !== 'failed') return undefined;
  return part.refusal === GIVEN_UP ? 'known' : 'failed';
}

const GIVEN_UP = 'given up';

/** Has nobody send a part for a while; answers it, or why it is not to be given up now. */
async function stop(giving: GivingUp, name: string): Promise<Part | GivenUp> {
  const { changeBooks, funding, atSec } = giving;
  return changeBooks(async (books) => {
    const part = await findPart(books, name);
    if (!part) return 'unknown';
    const end = endOf(part);
    if (end) return end;
    const topUp = await findTopUp(books, { account: part.account, id: part.topup });
    if (topUp?.method !== funding.method) return 'another way';
    const stoppedAtSec = Number(part.stopped_at_sec ?? -STOPPED_SEC);
    // So late that it may go on by itself before the card's side has answered.
    const isStopped = atSec < stoppedAtSec + STOPPED_SEC - SENDING_SEC;
    if (!isStopped) await markStopped(books, part, atSec);
    return part.state === 'made' && Number(part.asked_at_sec) + SENDING_SEC > atSec
      ? 'being sent'
      : part;
  });
}

/** Books that it failed, unless something has happened to it meanwhile. */
async function conclude(giving: GivingUp, part: Part, it: Return): Promise<GivenUp> {
  const { changeBooks, atSec, log } = giving;
  const { payment, name, amountMicros } = it;
  const { account, id } = payment;
  return changeBooks(async (books) => {
    const now = await findPart(books, name);
    if (!now || now.state !== part.state || now.asked_at_sec !== part.asked_at_sec)
      return (now && endOf(now)) ?? 'being sent';
    const notice: Notice = {
      ...{ kind: 'withdrawal failed', account, id, name, amountMicros },
      refusal: GIVEN_UP,
    };
    await bookNotice(books, notice, { atSec, log });
    await forgetReference(books, part);
    return 'given up';
  });
}

/** Books what the card's side knows of a part that it has. */
async function bookFound(
  { changeBooks, atSec, log }: GivingUp,
  part: Part,
  { reference, notices }: { reference: string; notices: readonly Notice[] },
): Promise<GivenUp> {
  return changeBooks(async (books) => {
    await markSent(books, part, reference);
    await markStopped(books, part, null);
    for (const notice of notices) await bookNotice(books, notice, { atSec, log });
    const now = await findPart(books, partNameOf(part));
    return (now && endOf(now)) ?? 'there';
  });
}

/**
 * Gives a part up: its money is the reader's again, and nothing goes to that payment any more.
 * @param hasLooked the operator has seen at the card's side that a payment that we cannot see there
 *   has no such refund
 */
export async function giveUp(
  giving: GivingUp,
  name: string,
  hasLooked: 'has looked' | undefined,
): Promise<GivenUp> {
  const part = await stop(giving, name);
  if (typeof part === 'string') return part;
  const it = await returnOf(giving.database, part);
  const sought = await giving.funding.seek(it);
  if (typeof sought !== 'string') return bookFound(giving, part, sought);
  // What it has had, and does not find, is under another account's key.
  const isStrange = sought === 'no payment' || part.state === 'sent';
  if (isStrange && !hasLooked) {
    await giving.changeBooks((books) => markStopped(books, part, null));
    return 'no payment';
  }
  return conclude(giving, part, it);
}
