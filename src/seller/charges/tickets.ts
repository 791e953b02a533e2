/**
 * Tickets (SPEC 7.9): what is used up at once, for a browser. It is paid by one request and opened
 * by the navigation that follows, once, whatever dies in between.
 */
import { type Pass, passName } from '../../protocol/pass.ts';
import { nowSec, type SellerContext } from '../context.ts';
import { isFailure, type Produce } from '../visits/delivery.ts';
import { prefersMinimal } from '../visits/minimal.ts';
import type { Visit } from '../visits/visit.ts';
import { getPurse, type PurseRow, putPurse, refundOf, type Ticket } from './purses.ts';

/** Longer than a browser takes to follow, also over a bad line; then it is lost, and undone. */
const TICKET_LIFE_SEC = 600;
/** A row stays within some kilobytes. */
const TICKET_COUNT_MAX = 16;

/** Whether a payment of this visit is for a navigation to come. */
function isForLater({ request, route }: Visit): boolean {
  return route.durationSec === 0 && request.method === 'GET' && prefersMinimal(request);
}

function placeOf({ url, item }: Visit): Promise<string> {
  return passName(url.origin, item);
}

/**
 * The tickets of a row with one for its next charge; undefined where the answer comes at once.
 */
export async function ticketsWith(
  row: PurseRow | undefined,
  visit: Visit,
  { seq, atSec }: { readonly seq: number; readonly atSec: number },
): Promise<readonly Ticket[] | undefined> {
  const live = row?.tickets.filter(({ untilSec }) => untilSec > atSec) ?? [];
  if (!isForLater(visit) || live.length >= TICKET_COUNT_MAX) return undefined;
  return [...live, { seq, untilSec: atSec + TICKET_LIFE_SEC, place: await placeOf(visit) }];
}

/** The end of the ticket that an accepted charge still has, for whoever wants it again. */
export function ticketEnd(
  { tickets }: PurseRow,
  visit: Visit,
  { seq, atSec }: { readonly seq: number; readonly atSec: number },
): number | undefined {
  const ticket = tickets.find((it) => it.seq === seq && it.untilSec > atSec);
  return isForLater(visit) ? ticket?.untilSec : undefined;
}

/** Takes a ticket for `place` out of the row; undefined where there is none. */
async function take(
  seller: SellerContext,
  purse: string,
  place: string,
): Promise<Ticket | undefined> {
  for (;;) {
    const row = await getPurse(seller.store, purse);
    const atSec = nowSec(seller);
    const ticket = row?.tickets.find(
      (it) => it.place === place && it.untilSec > atSec && !refundOf(row, it.seq),
    );
    if (!row || !ticket) return undefined;
    const tickets = row.tickets.filter((it) => it !== ticket);
    if (await putPurse(seller.store, { ...row, tickets, rev: row.rev + 1 })) return ticket;
  }
}

/** Its page failed: the reader may try again. */
async function giveBack({ store }: SellerContext, purse: string, ticket: Ticket): Promise<void> {
  for (;;) {
    const row = await getPurse(store, purse);
    if (!row) return;
    const tickets = [...row.tickets, ticket];
    if (await putPurse(store, { ...row, tickets, rev: row.rev + 1 })) return;
  }
}

/** Where what was bought is to be had would be told as often as the ticket is given back. */
async function checkStays({ status, body }: Response): Promise<void> {
  if (status >= 400) return;
  await body?.cancel();
  throw new TypeError('what is used up at once was sent elsewhere');
}

/**
 * Uses one of the reader's tickets for a visit: the handler that it is given runs once. Any ticket
 * of the purse for the same item will do: of two cookies of one name a browser keeps the later one.
 */
export async function useTicket(
  seller: SellerContext,
  visit: Visit,
  { pur }: Pass,
): Promise<((produce: Produce) => Produce) | undefined> {
  if (visit.request.method !== 'GET') return undefined;
  const ticket = await take(seller, pur, await placeOf(visit));
  if (!ticket) return undefined;
  return (produce) => async () => {
    let isDelivered = false;
    try {
      const produced = await produce();
      isDelivered = !isFailure(produced);
      if (!isDelivered) await checkStays(produced);
      return produced;
    } finally {
      if (!isDelivered) await giveBack(seller, pur, ticket);
    }
  };
}
