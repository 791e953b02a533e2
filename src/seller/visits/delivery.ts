/**
 * Hands out what was opened: runs the shop's handler and adds what an answer of a paid route has.
 */
import { FarthingError } from '../../protocol/errors.ts';
import { formatReceiptHeader } from '../../protocol/receipt.ts';
import type { Sale } from '../charges/sale.ts';
import { type SellerContext, tell } from '../context.ts';
import { once } from '../once.ts';
import { passFor } from './cookies.ts';
import { setReadable } from './cors.ts';
import { setPrivate } from './headers.ts';
import type { Visit } from './visit.ts';

/** What was delivered does without it. */
export const refusals = once(() => import('./refusal.ts'));
const minimal = once(() => import('./minimal.ts'));

/** Runs the shop's handler. */
export type Produce = () => Response | Promise<Response>;

/** However it was opened, no shared cache keeps it (SPEC 4.9). */
export function asPrivate({ request }: Visit, response: Response): Response {
  const isHead = request.method === 'HEAD';
  try {
    setPrivate(response.headers);
    if (!isHead) return response;
  } catch (error) {
    // What `fetch` answered cannot be changed.
    if (!(error instanceof TypeError)) throw error;
  }
  const { status, statusText, headers } = response;
  const answer = new Response(isHead ? null : response.body, { status, statusText, headers });
  setPrivate(answer.headers);
  return answer;
}

/** SPEC 6.7: answers that leave the reader with nothing that was bought. */
export function isFailure({ ok, status }: Response): boolean {
  return !ok && status !== 304;
}

/** Whatever throws on the way to an answer that can be sent is a page that failed. */
async function run(seller: SellerContext, visit: Visit, produce: Produce): Promise<Response> {
  try {
    const produced = await produce();
    if (produced.bodyUsed) throw new TypeError('the answer of a paid route was read before');
    return asPrivate(visit, produced);
  } catch (error) {
    seller.onError(error);
    return (await refusals()).internalAnswer();
  }
}

async function notDelivered(
  seller: SellerContext,
  visit: Visit,
  { status, event: paidBy }: { status: number; event: Sale['event'] },
) {
  const error = new FarthingError('not_delivered', `the page answered ${status}`);
  const { refusalAnswer } = await refusals();
  return refusalAnswer(seller, visit, { error, paidBy });
}

/** Runs the handler of a sale and answers with receipt and pass, or takes the charge back. */
export async function deliver(
  seller: SellerContext,
  visit: Visit,
  { sale, produce }: { sale: Sale; produce: Produce },
): Promise<Response> {
  const isLater = sale.ticketUntilSec !== undefined;
  const produced = isLater ? new Response() : await run(seller, visit, produce);
  if (isFailure(produced) && (await sale.takeBack())) {
    await produced.body?.cancel();
    const { status } = produced;
    return notDelivered(seller, visit, { status, event: sale.event });
  }
  await sale.keep?.();
  const cookie = await passFor(seller, visit, sale);
  // What no pass opens is never left out, nor is a failure (RFC 7240 allows that).
  const isWhole =
    cookie === undefined || isFailure(produced) || !visit.request.headers.has('Prefer');
  const answer = isWhole ? produced : await (await minimal()).withoutBody(visit, produced);
  if (sale.event) tell(seller, seller.onSale, sale.event);
  answer.headers.set('Payment-Receipt', formatReceiptHeader(sale.receipt));
  setReadable(answer.headers);
  if (cookie !== undefined) answer.headers.append('Set-Cookie', cookie);
  return answer;
}
