/** What browsers ask before a page of another origin may send a payment (SPEC 4.11). */
import { setReadable } from './cors.ts';

/** What nobody need ask again for so long; browsers shorten it. */
const MAX_AGE_SEC = 86_400;

/** Whether a request only asks what may be sent. */
export function isPreflight({ method, headers }: Request): boolean {
  const isAsking = headers.has('Origin') && headers.has('Access-Control-Request-Method');
  return method === 'OPTIONS' && isAsking;
}

/** Everything that a wallet sends, from everywhere; what a body's kind would need is the shop's. */
export function preflightAnswer(): Response {
  const headers = new Headers({
    'Access-Control-Allow-Methods': 'GET, HEAD, POST',
    'Access-Control-Allow-Headers': 'Authorization, Payment-Authorization, Prefer',
    'Access-Control-Max-Age': String(MAX_AGE_SEC),
    'Cache-Control': 'no-store',
  });
  setReadable(headers);
  return new Response(null, { status: 204, headers });
}
