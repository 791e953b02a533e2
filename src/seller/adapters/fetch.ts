/** The plain form: a handler from Request to Response, with the payment in front of it. */
import type { Verdict } from '../visits/check.ts';

/** Answers a request. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** Puts `decide` in front of `handler`. */
export function fetchAdapter(
  decide: (request: Request) => Promise<Verdict>,
  handler: Handler,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const verdict = await decide(request);
    return verdict.open ? verdict.deliver(() => handler(request)) : verdict.answer;
  };
}
