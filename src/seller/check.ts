/** One visit of a paid route, decided: opened or not. Adapters only translate the answer. */
import type { Credential } from '../protocol/credential.ts';
import { type ErrorCode, FarthingError } from '../protocol/errors.ts';
import { decodeTerms } from '../protocol/request.ts';
import type { SellerContext } from './context.ts';
import { asPrivate, deliver, type Produce } from './delivery.ts';
import type { Route } from './options.ts';
import { usePass } from './passes.ts';
import { type Refusal, type Sale, sell } from './sale.ts';
import { paymentHeader, readCredential } from './verify.ts';
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

/** What a charge that is accepted does without is loaded when it is needed. */
const refusals = () => import('./refusal.ts');

/** What a wallet asked for that opens nothing: a note, a statement, how a purse stands. */
interface Told {
  readonly kind: 'told';
  readonly body: object;
  readonly cookie?: string | undefined;
}

async function act(
  seller: SellerContext,
  visit: Visit,
  { challenge, payload }: Credential,
): Promise<Sale | Refusal | Told> {
  switch (payload.action) {
    case 'charge':
      return sell(seller, visit, { challenge, payload });
    case 'show':
      return (await import('./show.ts')).show(seller, visit, { challenge, payload });
    case 'undo':
      return (await import('./undo.ts')).undo(seller, visit, { challenge, payload });
    case 'close': {
      const { close } = await import('./close.ts');
      return { kind: 'told', body: await close(seller, visit, { challenge, payload }) };
    }
    case 'sync': {
      const { sync } = await import('./sync.ts');
      return { kind: 'told', body: await sync(seller, visit, { challenge, payload }) };
    }
  }
}

/**
 * Where the challenge that is answered was to be paid; undefined where it says nothing readable.
 */
function paidByOf({ challenge }: Credential): Refusal['paidBy'] {
  try {
    return decodeTerms(challenge.request);
  } catch (error) {
    if (error instanceof FarthingError) return undefined;
    throw error;
  }
}

/** Does what the payment header of a visit asks for, or says why not. */
async function answerTo(
  seller: SellerContext,
  visit: Visit,
  header: string,
): Promise<Sale | Refusal | Told> {
  let credential: Credential | undefined;
  try {
    credential = readCredential(header);
    const result = await act(seller, visit, credential);
    return result.kind === 'refusal' ? { ...result, paidBy: paidByOf(credential) } : result;
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    return { kind: 'refusal', error, paidBy: credential && paidByOf(credential) };
  }
}

function toldAnswer({ body, cookie }: Told): Response {
  const headers = new Headers({ 'Cache-Control': 'no-store', Vary: 'Authorization, Cookie' });
  if (cookie !== undefined) headers.set('Set-Cookie', cookie);
  return Response.json(body, { headers });
}

async function decidePaid(seller: SellerContext, visit: Visit, header: string): Promise<Verdict> {
  const result = await answerTo(seller, visit, header);
  if (result.kind === 'told') return { open: false, answer: toldAnswer(result) };
  if (result.kind === 'refusal')
    return { open: false, answer: await (await refusals()).refusalAnswer(seller, visit, result) };
  const deliverSale = (produce: Produce) => deliver(seller, visit, { sale: result, produce });
  return { open: true, by: 'charge', deliver: deliverSale };
}

/** Opens without a payment; `cookie` goes along. */
function opened(visit: Visit, by: 'pass' | 'free', cookie?: string): Verdict {
  const deliverOpen = async (produce: Produce) => {
    const answer = asPrivate(visit, await produce());
    if (cookie !== undefined) answer.headers.append('Set-Cookie', cookie);
    return answer;
  };
  return { open: true, by, deliver: deliverOpen };
}

async function decide(seller: SellerContext, visit: Visit): Promise<Verdict> {
  // A charge comes first: left unanswered beside a pass, it would stay unresolved for ever.
  const header = paymentHeader(visit.request.headers);
  if (header !== undefined) return decidePaid(seller, visit, header);
  const pass = await usePass(seller, visit);
  if (pass) return opened(visit, 'pass', pass.cookie);
  const prices = await visit.prices();
  if (prices.length === 0) return opened(visit, 'free');
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
