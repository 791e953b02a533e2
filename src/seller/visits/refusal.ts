/** What is answered where nothing is opened: 402 with a fresh challenge (SPEC 4.1, 4.7). */
import {
  CHALLENGE_HEADER_LENGTH_MAX,
  type Challenge,
  encodeOpaque,
  formatChallenge,
  sealChallenge,
} from '../../protocol/challenge.ts';
import type { Credential } from '../../protocol/credential.ts';
import { formatAmount } from '../../protocol/display.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { formatPrice, type Price } from '../../protocol/money.ts';
import { problemOf } from '../../protocol/problem.ts';
import { formatReceiptHeader } from '../../protocol/receipt.ts';
import { decodeTerms } from '../../protocol/request.ts';
import type { Refusal } from '../charges/sale.ts';
import type { SellerContext } from '../context.ts';
import { titleFor } from '../pages/title.ts';
import { setReadable } from './cors.ts';
import { setPrivate } from './headers.ts';
import { isPreflight, preflightAnswer } from './preflight.ts';
import { checkHolds, isRead, requestFor, type Visit } from './visit.ts';

/** SPEC 4.3: a page left open longer is asked anew. */
const CHALLENGE_LIFE_MS = 600_000;
const CHALLENGE_COUNT_MAX = 8;

/** What a challenge says to a wallet that is out of step, or under a cap. */
interface Hint {
  readonly last?: string | undefined;
  readonly due?: string | undefined;
}

/** The rest of what servers allow for all headers together. */
const OTHER_HEADERS_LENGTH = 4_096;

/** A price at a payto. */
interface Option {
  readonly payto: string;
  readonly price: Price;
}

/** SPEC 4.2: at most eight, in the seller's order but for what whoever is refused has paid by. */
function optionsOf(
  { accounts }: SellerContext,
  prices: readonly Price[],
  paidBy: Refusal['paidBy'],
): readonly Option[] {
  const options = accounts.flatMap(({ payto }) =>
    prices.map((price) => ({ payto: payto.text, price })),
  );
  const rank = ({ payto, price }: Option) =>
    Number(payto !== paidBy?.payto) + Number(price.currency !== paidBy?.currency);
  return options.toSorted((a, b) => rank(a) - rank(b)).slice(0, CHALLENGE_COUNT_MAX);
}

/** Within what headers hold: the title is said once, and the last ones are left out. */
function joined(challenges: readonly Challenge[]): string {
  const whole = challenges.map(formatChallenge);
  const bare = challenges.map((challenge, index) =>
    formatChallenge(index === 0 ? challenge : { ...challenge, description: undefined }),
  );
  const fits = (texts: readonly string[]) =>
    texts.join(', ').length <= CHALLENGE_HEADER_LENGTH_MAX - OTHER_HEADERS_LENGTH;
  const texts = fits(whole) ? whole : bare;
  while (texts.length > 1 && !fits(texts)) texts.pop();
  return texts.join(', ');
}

/** No later than the offer ends; when that is over, it is good for what was bought before. */
async function expiresFor({ now }: SellerContext, visit: Visit): Promise<string> {
  const nowMs = now();
  const latestMs = nowMs + CHALLENGE_LIFE_MS;
  const endMs = (await visit.endMs()) ?? latestMs;
  return new Date(endMs > nowMs ? Math.min(endMs, latestMs) : latestMs).toISOString();
}

async function challengeFor(
  seller: SellerContext,
  visit: Visit,
  { option, hint }: { option: Option; hint: Hint },
): Promise<Challenge> {
  const { last, due } = hint;
  const said = Object.entries({ last, due }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const parameters = {
    realm: visit.url.hostname,
    method: 'farthing',
    intent: 'charge',
    request: requestFor(visit, option.price, option.payto),
    description: await titleFor(visit),
    expires: await expiresFor(seller, visit),
    digest: await visit.digest(),
    opaque: said.length === 0 ? undefined : encodeOpaque(Object.fromEntries(said)),
  } as const;
  const [keys] = await seller.keys();
  return sealChallenge(parameters, keys.challenge);
}

/**
 * The value of `WWW-Authenticate`. A wallet that was refused reads the first challenge, so the one
 * of the kind that it paid by comes first; only that one needs the hint.
 */
async function challengesFor(
  seller: SellerContext,
  visit: Visit,
  { hint = {}, paidBy }: { hint?: Hint; paidBy?: Refusal['paidBy'] },
): Promise<string> {
  const options = optionsOf(seller, await visit.prices(), paidBy);
  const challenges = options.map((option, index) =>
    challengeFor(seller, visit, { option, hint: index === 0 ? hint : {} }),
  );
  return joined(await Promise.all(challenges));
}

/** Whether a browser asks, by an `Accept` that names `text/html`; a program's wildcard does not. */
function acceptsPage({ headers }: Request): boolean {
  return (headers.get('Accept') ?? '')
    .split(',')
    .some((range) => /^\s*text\/html\s*(;|$)/i.test(range) && !/;\s*q=0(\.0*)?\s*$/i.test(range));
}

function answer(visit: Visit, body: string, headers: Headers): Response {
  headers.set('Cache-Control', 'no-store');
  headers.set('Vary', 'Authorization, Cookie, Accept, Accept-Language');
  setReadable(headers);
  return new Response(visit.request.method === 'HEAD' ? null : body, { status: 402, headers });
}

function problem(visit: Visit, error: FarthingError, headers: Headers): Response {
  headers.set('Content-Type', 'application/problem+json');
  return answer(visit, JSON.stringify(problemOf(error)), headers);
}

/** An address or a request that cannot be bought: there is no offer to make. */
export function unpayableAnswer(error: FarthingError): Response {
  const problem = problemOf(error);
  const headers = new Headers({
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
  });
  setReadable(headers);
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

/** What is answered where the shop's own handler threw. */
export function internalAnswer(): Response {
  return unpayableAnswer(new FarthingError('internal', 'the page failed; try again'));
}

/**
 * Where and in what the challenge that is answered was to be paid; undefined where it says nothing
 * readable.
 */
export function paidBy(credential: Credential | undefined): Refusal['paidBy'] {
  try {
    return credential && decodeTerms(credential.challenge.request);
  } catch (error) {
    if (error instanceof FarthingError) return undefined;
    throw error;
  }
}

/** The answer to a payment that was not taken: problem details, whoever asks. */
export async function refusalAnswer(
  seller: SellerContext,
  visit: Visit,
  { error, last, dueMicros, receipt, paidBy }: Omit<Refusal, 'kind'>,
): Promise<Response> {
  const headers = new Headers();
  const hint = { last, due: dueMicros?.toString() };
  const challenges = await challengesFor(seller, visit, { hint, paidBy });
  if (challenges !== '') headers.set('WWW-Authenticate', challenges);
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
  setPrivate(headers, ['Accept']);
  const { status, statusText } = shown;
  const body = request.method === 'HEAD' ? null : shown.body;
  return new Response(body, { status, statusText, headers });
}

/** The answer to a visit that brings no payment: the offer, to people as a page. */
export async function offerAnswer(
  seller: SellerContext,
  visit: Visit,
  prices: readonly Price[],
): Promise<Response> {
  if (isPreflight(visit.request)) return preflightAnswer();
  const challenge = await challengesFor(seller, visit, {});
  const { preview } = visit.route;
  const wantsPage = acceptsPage(visit.request);
  if (wantsPage && preview && isRead(visit)) return previewAnswer(preview, visit, challenge);
  const headers = new Headers({ 'WWW-Authenticate': challenge });
  if (wantsPage) return pageAnswer(seller, visit, headers);
  return problem(visit, (await overError(seller, visit)) ?? unpaidError(prices), headers);
}

/** What a visit that brings no payment is told where the offer is over. */
async function overError(seller: SellerContext, visit: Visit): Promise<FarthingError | undefined> {
  try {
    await checkHolds(seller, visit);
    return undefined;
  } catch (error) {
    if (error instanceof FarthingError) return error;
    throw error;
  }
}

function unpaidError(prices: readonly Price[]): FarthingError {
  const amounts = prices.map((price) => `${formatAmount(price)} (${formatPrice(price)})`);
  const detail = `${amounts.join(' or ')}: answer with a payment`;
  return new FarthingError('payment_required', detail);
}

async function pageAnswer(
  seller: SellerContext,
  visit: Visit,
  headers: Headers,
): Promise<Response> {
  const { shownOffer } = await import('../pages/head.ts');
  const { contentSecurityPolicy, pageFor } = await import('../pages/page.ts');
  const { languageFor } = await import('../pages/words.ts');
  headers.set('Content-Type', 'text/html; charset=utf-8');
  headers.set('Content-Security-Policy', await contentSecurityPolicy());
  headers.set('Content-Language', languageFor(visit.request.headers.get('Accept-Language')));
  headers.set('Referrer-Policy', 'no-referrer');
  headers.set('X-Content-Type-Options', 'nosniff');
  const isOver = (await overError(seller, visit)) !== undefined;
  const page = pageFor(seller, visit, { ...(await shownOffer(visit)), isOver });
  return answer(visit, page, headers);
}
