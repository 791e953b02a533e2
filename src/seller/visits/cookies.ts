/** The cookies that carry passes (SPEC 7.2), as they are set. */
import { type Pass, passCookie, passName, sealPass } from '../../protocol/pass.ts';
import type { Sale } from '../charges/sale.ts';
import { nowSec, type SellerContext } from '../context.ts';
import type { Visit } from './visit.ts';

/**
 * What a provider has undone it tells with the next hand-in (SPEC 7.8), twelve hours later at most;
 * or another server, whose clock is behind, may be at it.
 */
const UNDO_MARGIN_SEC = 86_400;

/** Whether a charge can be undone no more, whichever server is asked. */
export function isUndoOver(undoSec: number, atSec: number): boolean {
  return undoSec + UNDO_MARGIN_SEC <= atSec;
}

/** The `Set-Cookie` of a pass. */
export async function cookieFor(seller: SellerContext, visit: Visit, pass: Pass): Promise<string> {
  const [keys] = await seller.keys();
  const [name, token, path] = await Promise.all([
    passName(pass.origin, pass.item),
    sealPass(pass, keys.pass),
    visit.path(),
  ]);
  return passCookie({ name, token, path, ageSec: pass.exp - nowSec(seller) });
}

/**
 * The `Set-Cookie` of a sale; undefined for what is used up by this answer, and for the answer to a
 * body: a cookie would open the answers to all others.
 */
export async function passFor(
  seller: SellerContext,
  visit: Visit,
  { receipt, free, ticketUntilSec }: Sale,
): Promise<string | undefined> {
  const { pur, seq, at, until, undo } = receipt.claims;
  const { item, url } = visit;
  const what = { origin: url.origin, item, pur, seq };
  if (ticketUntilSec !== undefined)
    return cookieFor(seller, visit, { ...what, exp: ticketUntilSec, once: true });
  const exp = free?.untilSec ?? until;
  const atSec = nowSec(seller);
  if (exp <= atSec || (!free && (await visit.digest()) !== undefined)) return undefined;
  const isSure = free || undo === at || isUndoOver(undo, atSec);
  const und = isSure ? undefined : undo;
  return cookieFor(seller, visit, { ...what, exp, und, cap: free?.key });
}

/** The `Set-Cookie` that takes a pass back, by its `passName`. */
export async function lapsedPass({ path }: Visit, name: string): Promise<string> {
  return passCookie({ name, token: '', path: await path(), ageSec: 0 });
}
