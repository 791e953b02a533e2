/**
 * Passes: once bought, an item opens by its cookie; with no look at any state when its time to undo
 * is over (SPEC 7.2).
 */
import { openPass, type Pass, passName } from '../../protocol/pass.ts';
import { getPurse, refundOf } from '../charges/purses.ts';
import { nowSec, type SellerContext } from '../context.ts';
import { cookieFor, isUndoOver, lapsedPass } from './cookies.ts';
import type { Produce } from './delivery.ts';
import { isRead, type Visit } from './visit.ts';

/** A name stands once for each path that it was set on; more is somebody's doing. */
const COOKIES_OF_A_NAME_MAX = 4;

function cookiesNamed(header: string, name: string): string[] {
  return header
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie.startsWith(`${name}=`))
    .slice(0, COOKIES_OF_A_NAME_MAX)
    .map((cookie) => cookie.slice(name.length + 1));
}

/** Whether what the pass was for still holds: it was not undone, or is still free under its cap. */
async function isStillGood(seller: SellerContext, visit: Visit, pass: Pass): Promise<boolean> {
  const { pur, seq, exp: endSec, cap } = pass;
  if (cap === undefined) return !refundOf(await getPurse(seller.store, pur), seq);
  const { isStillFree } = await import('../charges/caps.ts');
  const capMicros = visit.route.capRead?.amountMicros;
  return capMicros !== undefined && isStillFree(seller, cap, { capMicros, endSec });
}

/** Those of a visit's cookies that are passes for it. */
async function findPasses(seller: SellerContext, visit: Visit): Promise<Pass[]> {
  const found: Pass[] = [];
  const header = visit.request.headers.get('Cookie') ?? '';
  const { origin } = visit.url;
  const atSec = nowSec(seller);
  for (const token of cookiesNamed(header, await passName(origin, visit.item)))
    for (const { pass: key } of await seller.keys()) {
      const pass = await openPass(token, key);
      const isFor = pass?.origin === origin && pass.item === visit.item && pass.exp > atSec;
      if (isFor) found.push(pass);
    }
  return found;
}

/** What a pass opens a visit with. */
export interface Opening {
  /** A pass for the time after the undo window, which needs no look at any state. */
  readonly cookie: string | undefined;
  /** Its handler runs once (SPEC 7.9). */
  readonly once?: ((produce: Produce) => Produce) | undefined;
}

/** What a pass opens; undefined where it opens nothing any more. */
async function use(seller: SellerContext, visit: Visit, pass: Pass): Promise<Opening | undefined> {
  if (pass.once) {
    const once = await (await import('../charges/tickets.ts')).useTicket(seller, visit, pass);
    return once && { cookie: undefined, once };
  }
  const { und, cap, ...lasting } = pass;
  // What was bought at this address is its page, and not the answers to bodies (SPEC 7.2).
  if (cap === undefined && !isRead(visit)) return undefined;
  if (und === undefined && cap === undefined) return { cookie: undefined };
  if (!(await isStillGood(seller, visit, pass))) return undefined;
  const isLasting = cap === undefined && und !== undefined && isUndoOver(und, nowSec(seller));
  return { cookie: isLasting ? await cookieFor(seller, visit, lasting) : undefined };
}

/** What opens the visit: the first of its passes that still holds (SPEC 7.2). */
export async function usePass(seller: SellerContext, visit: Visit): Promise<Opening | undefined> {
  for (const pass of await findPasses(seller, visit)) {
    const opening = await use(seller, visit, pass);
    if (opening) return opening;
  }
  return undefined;
}

/** Of the passes of one path; many servers allow 8 kB for one header, and a shop has its own. */
const PASSES_LENGTH_MAX = 3_072;

/**
 * Takes back what has no room beside the pass that `headers` set, the oldest first, as browsers
 * send them: where many items share one path, every request there brings all of their passes. A
 * wallet shows their receipts when they are wanted again.
 */
export async function makeRoom(visit: Visit, { headers }: Response): Promise<void> {
  const held: string[] = visit.request.headers.get('Cookie')?.match(/__Secure-fee-[^;]+/g) ?? [];
  while (held.join().length > PASSES_LENGTH_MAX) {
    const [name = ''] = held.shift()?.split('=') ?? [];
    if (!headers.get('Set-Cookie')?.includes(name))
      headers.append('Set-Cookie', await lapsedPass(visit, name));
  }
}
