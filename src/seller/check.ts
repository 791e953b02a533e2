/** One visit of a paid route, decided: opened or not. Adapters only translate the answer. */
import { FarthingError } from '../protocol/errors.ts';
import { problemOf } from '../protocol/problem.ts';
import type { SellerContext } from './context.ts';
import { asPrivate, deliver, type Produce } from './delivery.ts';
import type { Route } from './options.ts';
import { hasPass } from './passes.ts';
import { offerAnswer, refusalAnswer } from './refusal.ts';
import { sell } from './sale.ts';
import { paymentHeader } from './verify.ts';
import { type Visit, visitOf } from './visit.ts';

/**
 * What to do with a request. Where it is open, `deliver` runs the handler and answers with
 * everything that belongs to it; what `by` a charge was opened and then fails is taken back there.
 */
export type Verdict =
  | {
      readonly open: true;
      readonly by: 'charge' | 'pass' | 'free';
      readonly deliver: (produce: Produce) => Promise<Response>;
    }
  | { readonly open: false; readonly answer: Response };

function opened(visit: Visit, by: 'pass' | 'free'): Verdict {
  return { open: true, by, deliver: async (produce) => asPrivate(visit, await produce()) };
}

async function decide(seller: SellerContext, visit: Visit): Promise<Verdict> {
  // A charge comes first: left unanswered beside a pass, it would stay unresolved for ever.
  const header = paymentHeader(visit.request.headers);
  if (header !== undefined) {
    const sale = await sell(seller, visit, header);
    if (sale.kind === 'refusal')
      return { open: false, answer: await refusalAnswer(seller, visit, sale) };
    const deliverSale = (produce: Produce) => deliver(seller, visit, { sale, produce });
    return { open: true, by: 'charge', deliver: deliverSale };
  }
  if (await hasPass(seller, visit)) return opened(visit, 'pass');
  const price = await visit.price();
  if (!price) return opened(visit, 'free');
  return { open: false, answer: await offerAnswer(seller, visit, price) };
}

function unpayable(error: FarthingError): Response {
  const problem = problemOf(error);
  const headers = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' };
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

/** Decides one request. Nothing is handed out and nothing is stored but an accepted charge. */
export async function check(
  seller: SellerContext,
  route: Route,
  request: Request,
): Promise<Verdict> {
  let visit: Visit;
  try {
    visit = await visitOf(route, request, seller.origin);
  } catch (error) {
    if (error instanceof FarthingError) return { open: false, answer: unpayable(error) };
    throw error;
  }
  return decide(seller, visit);
}
