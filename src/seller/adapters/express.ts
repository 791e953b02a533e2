/** Middleware for Express 4 and 5, by shape: Express itself is the shop's. */
import type { Verdict } from '../visits/check.ts';
import { holdResponse } from './held.ts';
import type { NodeBody } from './incoming.ts';
import { headersOf } from './layers.ts';
import { badRequest, type NodeRequest, type NodeResponse, requestOf, sendAnswer } from './node.ts';

/** Fits `app.use` and `app.get` of Express. */
export type ExpressMiddleware = (
  request: NodeRequest & NodeBody,
  response: NodeResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Puts `decide` in front of the handlers that follow. Express answers what one of them throws with
 * a status of 500, which counts as failed; an error handler of the shop must answer so too. What
 * parses bodies comes after it.
 */
export function expressAdapter(
  decide: (request: Request) => Promise<Verdict>,
  onError: (error: unknown) => void,
): ExpressMiddleware {
  const handle = async (...[request, response, next]: Parameters<ExpressMiddleware>) => {
    const outer = headersOf(response.getHeaders());
    const asked = requestOf(request, request);
    if (!asked) return sendAnswer(response, badRequest(), { outer });
    const verdict = await decide(asked);
    if (!verdict.open) return sendAnswer(response, verdict.answer, { outer });
    return holdResponse(response, { ...verdict, outer, onError, run: next });
  };
  return (request, response, next) => {
    handle(request, response, next).catch(next);
  };
}
