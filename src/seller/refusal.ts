/** What is answered where nothing is opened: 402 with a fresh challenge (SPEC 4.1, 4.7). */
import {
  type Challenge,
  encodeOpaque,
  formatChallenge,
  sealChallenge,
} from '../protocol/challenge.ts';
import { formatAmount } from '../protocol/display.ts';
import { FarthingError } from '../protocol/errors.ts';
import { formatPrice, type Price } from '../protocol/money.ts';
import { problemOf } from '../protocol/problem.ts';
import { formatReceiptHeader } from '../protocol/receipt.ts';
import type { SellerContext } from './context.ts';
import { mergeCacheControl, mergeVary } from './headers.ts';
import { contentSecurityPolicy, pageFor } from './page.ts';
import type { Refusal } from './sale.ts';
import { descriptionFor, isRead, requestFor, titleFor, type Visit } from './visit.ts';

/** SPEC 4.3: a page left open longer is asked anew. */
const CHALLENGE_LIFE_MS = 600_000;

async function challengeFor(
  seller: SellerContext,
  visit: Visit,
  { price, last }: { price: Price; last?: string | undefined },
): Promise<Challenge> {
  const parameters = {
    realm: visit.url.hostname,
    method: 'farthing',
    intent: 'charge',
    request: requestFor(visit, price, seller.payto.text),
    description: await titleFor(visit),
    expires: new Date(seller.now() + CHALLENGE_LIFE_MS).toISOString(),
    opaque: last === undefined ? undefined : encodeOpaque({ last }),
  } as const;
  return sealChallenge(parameters, (await seller.keys()).challenge);
}

/** Whether a browser asks, by an `Accept` that names `text/html`; a program's wildcard does not. */
function acceptsPage({ headers }: Request): boolean {
  return (headers.get('Accept') ?? '')
    .split(',')
    .some((range) => /^\s*text\/html\s*(;|$)/i.test(range) && !/;\s*q=0(\.0*)?\s*$/i.test(range));
}

function answer(visit: Visit, body: string, headers: Headers): Response {
  headers.set('Cache-Control', 'no-store');
  headers.set('Vary', 'Authorization, Cookie, Accept');
  return new Response(visit.request.method === 'HEAD' ? null : body, { status: 402, headers });
}

function problem(visit: Visit, error: FarthingError, headers: Headers): Response {
  headers.set('Content-Type', 'application/problem+json');
  return answer(visit, JSON.stringify(problemOf(error)), headers);
}

/** The answer to a payment that was not taken: problem details, whoever asks. */
export async function refusalAnswer(
  seller: SellerContext,
  visit: Visit,
  { error, last, receipt }: Omit<Refusal, 'kind'>,
): Promise<Response> {
  const headers = new Headers();
  const price = await visit.price();
  if (price) {
    const challenge = await challengeFor(seller, visit, { price, last });
    headers.set('WWW-Authenticate', formatChallenge(challenge));
  }
  if (receipt) headers.set('Payment-Receipt', formatReceiptHeader(receipt));
  return problem(visit, error, headers);
}

async function previewAnswer(
  preview: NonNullable<Visit['route']['preview']>,
  { request }: Visit,
  challenge: string,
): Promise<Response> {
  const shown = await preview(request);
  const headers = new Headers(shown.headers);
  headers.append('WWW-Authenticate', challenge);
  headers.set('Cache-Control', mergeCacheControl(headers.get('Cache-Control')));
  headers.set('Vary', mergeVary(headers.get('Vary'), ['Authorization', 'Cookie', 'Accept']));
  const { status, statusText } = shown;
  const body = request.method === 'HEAD' ? null : shown.body;
  return new Response(body, { status, statusText, headers });
}

/** The answer to a visit that brings no payment: the offer, to people as a page. */
export async function offerAnswer(
  seller: SellerContext,
  visit: Visit,
  price: Price,
): Promise<Response> {
  const challenge = formatChallenge(await challengeFor(seller, visit, { price }));
  const { preview } = visit.route;
  const wantsPage = acceptsPage(visit.request);
  if (wantsPage && preview && isRead(visit)) return previewAnswer(preview, visit, challenge);
  const headers = new Headers({ 'WWW-Authenticate': challenge });
  if (!wantsPage) {
    const detail = `${formatAmount(price)} (${formatPrice(price)}): answer with a payment`;
    return problem(visit, new FarthingError('payment_required', detail), headers);
  }
  headers.set('Content-Type', 'text/html; charset=utf-8');
  headers.set('Content-Security-Policy', await contentSecurityPolicy());
  headers.set('Referrer-Policy', 'no-referrer');
  headers.set('X-Content-Type-Options', 'nosniff');
  const title = await titleFor(visit);
  const description = await descriptionFor(visit);
  return answer(visit, pageFor(seller, visit, { price, title, description }), headers);
}
