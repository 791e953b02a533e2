/** What a wallet is told that asked for something that opens nothing (SPEC 4.6). */
import { setReadable } from './cors.ts';

/** A note, a statement, how a purse stands. */
export interface Told {
  readonly kind: 'told';
  readonly body: object;
  readonly cookie?: string | undefined;
}

/** The answer that says it. */
export function toldAnswer({ body, cookie }: Told): Response {
  const headers = new Headers({ 'Cache-Control': 'no-store', Vary: 'Authorization, Cookie' });
  if (cookie !== undefined) headers.set('Set-Cookie', cookie);
  setReadable(headers);
  return Response.json(body, { headers });
}
