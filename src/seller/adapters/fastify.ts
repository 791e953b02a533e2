/** A hook for Fastify 4 and 5, by shape: Fastify itself is the shop's. */
import type { Verdict } from '../visits/check.ts';
import { holdResponse } from './held.ts';
import type { NodeBody } from './incoming.ts';
import { fieldsOf, type HeaderFields, headersOf, layHeaders } from './layers.ts';
import { badRequest, type NodeRequest, type NodeResponse, requestOf } from './node.ts';

/** What is used of Fastify's `Reply`. */
export interface FastifyReply {
  readonly raw: NodeResponse;
  getHeaders(): HeaderFields;
  removeHeader(name: string): unknown;
  header(name: string, value: string | string[]): unknown;
  code(status: number): unknown;
  send(payload?: unknown): unknown;
}

/** What is used of Fastify's `Request`. */
export type FastifyRequest = NodeRequest & { readonly raw: NodeBody };

/** Fits the options of a route, `app.get(path, options, handler)`. */
export interface FastifyRoute {
  /** Also for `app.addHook('onRequest', …)`, which puts a price on everything in its scope. */
  readonly onRequest: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
}

/** Through Fastify's own reply, so that the shop's hooks see it. */
function replyWith(reply: FastifyReply, answer: Response): unknown {
  const outer = reply.getHeaders();
  for (const name of Object.keys(outer)) reply.removeHeader(name);
  for (const [name, value] of fieldsOf(layHeaders(answer.headers, headersOf(outer))))
    reply.header(name, value);
  reply.code(answer.status);
  reply.send(answer.body ?? undefined);
  return reply;
}

/**
 * Puts `decide` in front of a route. Fastify answers what its handler throws with a status of 500,
 * which counts as failed; an error handler of the shop must answer so too.
 */
export function fastifyAdapter(
  decide: (request: Request) => Promise<Verdict>,
  onError: (error: unknown) => void,
): FastifyRoute {
  return {
    onRequest: async (request, reply) => {
      const asked = requestOf(request, request.raw);
      if (!asked) return replyWith(reply, badRequest());
      const verdict = await decide(asked);
      if (!verdict.open) return replyWith(reply, verdict.answer);
      const outer = headersOf(reply.getHeaders());
      // Fastify goes on when this is resolved: never, where no handler is wanted.
      return new Promise<void>((run) => {
        holdResponse(reply.raw, { ...verdict, outer, onError, run });
      });
    },
  };
}
