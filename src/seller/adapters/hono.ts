/** Middleware for Hono 4, by shape: Hono itself is the shop's. */
import type { Verdict } from '../visits/check.ts';
import { layHeaders } from './layers.ts';

/** What is used of Hono's `Context`. */
export interface HonoContext {
  readonly req: { readonly raw: Request };
  /** What a handler threw: Hono has turned it into an answer by then. */
  readonly error: Error | undefined;
  /** Whether there is an answer: `res` makes an empty one where there is none. */
  readonly finalized: boolean;
  get res(): Response;
  set res(response: Response | undefined);
}

/** Fits `app.use` and `app.get` of Hono. */
export type HonoMiddleware = (
  context: HonoContext,
  next: () => Promise<void>,
) => Promise<undefined>;

/** An answer of ours in place of the handler's, over what other layers had set before. */
function overlaid({ body, status, headers }: Response, outer: Headers): Response {
  return new Response(body, { status, headers: layHeaders(headers, outer) });
}

/**
 * Puts `decide` in front of the handlers that follow. What one of them throws is answered by the
 * app's own `onError` and counts as failed, whatever status it was given.
 */
export function honoAdapter(decide: (request: Request) => Promise<Verdict>): HonoMiddleware {
  return async (context, next) => {
    const verdict = await decide(context.req.raw);
    const outer = new Headers(context.res.headers);
    // Hono would lay the headers of the former answer over those of the new one.
    const answerWith = (answer: Response) => {
      context.res = undefined;
      context.res = answer;
      return undefined;
    };
    if (!verdict.open) return answerWith(overlaid(verdict.answer, outer));
    let status: number | undefined;
    const answer = await verdict.deliver(async () => {
      await next();
      if (!context.finalized) throw new TypeError('the handler of a paid route answered nothing');
      // What the app answers as an error goes back in any case.
      const hasFailed = context.error !== undefined && context.res.ok && verdict.by === 'charge';
      const produced = hasFailed ? new Response(null, { status: 500 }) : context.res;
      status = produced.status;
      return produced;
    });
    return answerWith(answer.status === status ? answer : overlaid(answer, outer));
  };
}
