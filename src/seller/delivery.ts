/**
 * Hands out what was opened: runs the shop's handler and adds what an answer of a paid route has.
 */
import { FarthingError } from '../protocol/errors.ts';
import { problemOf } from '../protocol/problem.ts';
import { formatReceiptHeader } from '../protocol/receipt.ts';
import type { SellerContext } from './context.ts';
import { mergeCacheControl, mergeVary, prefersMinimal } from './headers.ts';
import { passFor } from './passes.ts';
import { refusalAnswer } from './refusal.ts';
import type { Sale } from './sale.ts';
import type { Visit } from './visit.ts';

/** Runs the shop's handler. */
export type Produce = () => Response | Promise<Response>;

/** SPEC 4.9: however it was opened, no shared cache keeps it. */
export function asPrivate({ request }: Visit, response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set('Cache-Control', mergeCacheControl(headers.get('Cache-Control')));
  headers.set('Vary', mergeVary(headers.get('Vary'), ['Authorization', 'Cookie']));
  const { status, statusText } = response;
  const body = request.method === 'HEAD' ? null : response.body;
  return new Response(body, { status, statusText, headers });
}

function internalAnswer(): Response {
  const error = new FarthingError('internal', 'the page failed; try again');
  const headers = { 'Content-Type': 'application/problem+json' };
  return new Response(JSON.stringify(problemOf(error)), { status: 500, headers });
}

/** SPEC 6.7: answers that leave the reader with nothing that was bought. */
function isFailure({ ok, status }: Response): boolean {
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
    return internalAnswer();
  }
}

async function notDelivered(seller: SellerContext, visit: Visit, status: number) {
  const error = new FarthingError('not_delivered', `the page answered ${status}`);
  return refusalAnswer(seller, visit, { error });
}

/**
 * What is used up at once is never left out, since it cannot be fetched again (RFC 7240 lets a
 * server pass over a preference).
 */
async function withoutBody(visit: Visit, response: Response): Promise<Response> {
  if (!prefersMinimal(visit.request.headers) || visit.route.durationSec === 0) return response;
  await response.body?.cancel();
  const headers = new Headers({ 'Preference-Applied': 'return=minimal' });
  for (const cookie of response.headers.getSetCookie()) headers.append('Set-Cookie', cookie);
  return new Response(null, { status: 204, headers });
}

/** Runs the handler of a sale and answers with receipt and pass, or takes the charge back. */
export async function deliver(
  seller: SellerContext,
  visit: Visit,
  { sale, produce }: { sale: Sale; produce: Produce },
): Promise<Response> {
  const produced = await run(seller, visit, produce);
  if (isFailure(produced) && (await sale.takeBack())) {
    await produced.body?.cancel();
    return notDelivered(seller, visit, produced.status);
  }
  const answer = asPrivate(visit, await withoutBody(visit, produced));
  answer.headers.set('Payment-Receipt', formatReceiptHeader(sale.receipt));
  const cookie = await passFor(seller, visit, sale.receipt.claims);
  if (cookie !== undefined) answer.headers.append('Set-Cookie', cookie);
  return answer;
}
