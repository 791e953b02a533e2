/** One visit of a paid route, decided: opened or not. Adapters only translate the answer. */
import type { Credential } from '../../protocol/credential.ts';
import { type ErrorCode, FarthingError } from '../../protocol/errors.ts';
import { type Refusal, type Sale, sell } from '../charges/sale.ts';
import { paymentHeader, readCredential, wishes } from '../charges/verify.ts';
import type { SellerContext } from '../context.ts';
import { once } from '../once.ts';
import type { Route } from '../options.ts';
import type { Told } from '../wishes/wishes.ts';
import { asPrivate, deliver, type Produce, refusals } from './delivery.ts';
import type { Opening } from './passes.ts';
import { type Visit, visitOf } from './visit.ts';

/**
 * What to do with a request. Where it is open, `deliver` runs the handler and answers with
 * everything that belongs to it; what `by` a charge was opened and then fails is taken back there,
 * as is the pass of what is used up at once, which counts as one.
 */
export type Verdict =
  | {
      readonly open: true;
      readonly by: 'charge' | 'pass' | 'free';
      readonly deliver: (produce: Produce) => Promise<Response>;
    }
  | { readonly open: false; readonly answer: Response };

/** What a charge that is accepted does without is loaded when it is needed. */
const passes = once(() => import('./passes.ts'));

async function act(
  seller: SellerContext,
  visit: Visit,
  { challenge, payload }: Credential,
): Promise<Sale | Refusal | Told> {
  if (payload.action === 'charge') return sell(seller, visit, { challenge, payload });
  return (await wishes()).grant(seller, visit, { challenge, payload });
}

/** Does what the payment header of a visit asks for, or says why not. */
async function decidePaid(seller: SellerContext, visit: Visit, header: string): Promise<Verdict> {
  let credential: Credential | undefined;
  let result: Sale | Refusal | Told;
  try {
    credential = await readCredential(header);
    result = await act(seller, visit, credential);
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    result = { kind: 'refusal', error };
  }
  if (result.kind === 'told') return { open: false, answer: result.answer };
  if (result.kind === 'refusal') {
    const { paidBy, refusalAnswer } = await refusals();
    const refusal = { ...result, paidBy: paidBy(credential) };
    return { open: false, answer: await refusalAnswer(seller, visit, refusal) };
  }
  const sale = result;
  const deliverSale = async (produce: Produce) => {
    const answer = await deliver(seller, visit, { sale, produce });
    if (mayHavePass(visit)) await (await passes()).makeRoom(visit, answer);
    return answer;
  };
  return { open: true, by: 'charge', deliver: deliverSale };
}

/** Opens without a payment; `cookie` goes along. */
function opened(
  visit: Visit,
  by: 'charge' | 'pass' | 'free',
  { cookie, once }: Partial<Opening>,
): Verdict {
  const deliverOpen = async (produce: Produce) => {
    const answer = asPrivate(visit, await (once ? once(produce) : produce)());
    if (cookie !== undefined) answer.headers.append('Set-Cookie', cookie);
    return answer;
  };
  return { open: true, by, deliver: deliverOpen };
}

/** Whether one of the cookies is a pass, for whatever it is. */
function mayHavePass({ request }: Visit): boolean {
  return request.headers.get('Cookie')?.includes('__Secure-fee-') === true;
}

async function decide(seller: SellerContext, visit: Visit): Promise<Verdict> {
  // A charge comes first: left unanswered beside a pass, it would stay unresolved for ever.
  const header = paymentHeader(visit.request.headers);
  if (header !== undefined) return decidePaid(seller, visit, header);
  const pass = mayHavePass(visit) && (await (await passes()).usePass(seller, visit));
  if (pass) return opened(visit, pass.once ? 'charge' : 'pass', pass);
  const prices = await visit.prices();
  if (prices.length === 0) return opened(visit, 'free', {});
  return { open: false, answer: await (await refusals()).offerAnswer(seller, visit, prices) };
}

/** What makes an address or a request one that cannot be bought: there is no offer to make. */
const UNPAYABLE: readonly ErrorCode[] = ['item_malformed', 'body_too_large', 'method_not_bound'];

/** Decides one request. Nothing is handed out and nothing is stored but an accepted charge. */
export async function check(
  seller: SellerContext,
  route: Route,
  request: Request,
): Promise<Verdict> {
  try {
    const visit = await visitOf(route, request, seller.origin);
    return await decide(seller, visit);
  } catch (error) {
    if (!(error instanceof FarthingError) || !UNPAYABLE.includes(error.code)) throw error;
    return { open: false, answer: (await refusals()).unpayableAnswer(error) };
  }
}
