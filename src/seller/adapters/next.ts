/** Route handlers of Next.js (app router), by shape: Next itself is the shop's. */
import type { Verdict } from '../visits/check.ts';

/** What a `route.ts` exports as `GET`: `context` has the address's `params`. */
export type NextHandler<R extends Request, C> = (
  request: R,
  context: C,
) => Response | Promise<Response>;

/**
 * Puts `decide` in front of a route handler. Next serves a handler's first answer to everybody if
 * it believes that nothing depends on the request: export `dynamic = 'force-dynamic'` beside it.
 */
export function nextAdapter<R extends Request, C>(
  decide: (request: Request) => Promise<Verdict>,
  handler: NextHandler<R, C>,
): (request: R, context: C) => Promise<Response> {
  return async (request, context) => {
    const verdict = await decide(request);
    return verdict.open ? verdict.deliver(() => handler(request, context)) : verdict.answer;
  };
}
