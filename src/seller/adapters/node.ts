/**
 * What Express and Fastify share: Node's own request and response, by shape. A handler there writes
 * its answer instead of returning it, so the answer is held back at its head, before the first byte
 * leaves, until it is decided what becomes of it.
 */
import { type NodeBody, webBody } from './incoming.ts';
import { fieldsOf, type HeaderFields, headersOf, layHeaders } from './layers.ts';

/** What is used of `http.ServerResponse`. */
export interface NodeResponse {
  statusCode: number;
  statusMessage: string;
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  readonly destroyed: boolean;
  getHeaders(): HeaderFields;
  setHeader(name: string, value: string | string[]): unknown;
  removeHeader(name: string): void;
  writeHead(...parts: unknown[]): unknown;
  flushHeaders(): void;
  write(...parts: unknown[]): boolean;
  end(...parts: unknown[]): unknown;
  destroy(error?: unknown): unknown;
  once(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
  emit(event: string): boolean;
}

/** A request as frameworks on Node tell it. */
export interface NodeRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** `https` where a proxy that the framework trusts says so. */
  readonly protocol: string;
  /** As it was sent, whatever routers have cut off it since. */
  readonly originalUrl: string;
}

/**
 * Routers take such a path as it is spelt and `URL` does not, and behind a fragment, which no item
 * has, Fastify reads a query: one price, another page.
 */
const AMBIGUOUS = /#|^[^?]*(?:\\|\/(?:\.|%2e){1,2}(?:[/?]|$))/i;

/** The address that was asked for; undefined for one that no honest client sends. */
function urlOf({ headers, protocol, originalUrl }: NodeRequest): string | undefined {
  const target = originalUrl.replace(/^https?:\/\/[^/?#]*/i, '');
  if (!target.startsWith('/') || AMBIGUOUS.test(target)) return undefined;
  const host = String(headers.host ?? headers[':authority'] ?? '');
  const origin = URL.parse(`${protocol}://${host}`)?.origin;
  return origin && URL.parse(origin + target)?.href;
}

/** Methods for which there is no `Request`. */
const UNSPEAKABLE_METHOD = /^(?:CONNECT|TRACE|TRACK)$/;

/** RFC 9112 section 6.3; with HTTP/2 there is a body unless its length says otherwise. */
function hasBody({ method, headers }: NodeRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  const isFramed = headers['transfer-encoding'] !== undefined || ':method' in headers;
  return (headers['content-length'] ?? (isFramed ? '?' : '0')) !== '0';
}

/** The request, whose body is read from `source` if anybody asks; undefined where it is none. */
export function requestOf(request: NodeRequest, source: NodeBody): Request | undefined {
  const url = urlOf(request);
  if (url === undefined || UNSPEAKABLE_METHOD.test(request.method)) return undefined;
  const fields = Object.entries(request.headers).filter(([name]) => !name.startsWith(':'));
  return new Request(url, {
    method: request.method,
    headers: headersOf(Object.fromEntries(fields)),
    ...(hasBody(request) ? { body: webBody(source), duplex: 'half' } : {}),
  });
}

/** The answer to what is no request. */
export function badRequest(): Response {
  return new Response('The request is malformed.', {
    status: 400,
    headers: { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' },
  });
}

/** The methods by which an answer is written. */
export type Voice = Pick<NodeResponse, 'writeHead' | 'flushHeaders' | 'write' | 'end'>;

/** A response's methods as they are now. */
export function voiceOf(response: NodeResponse): Voice {
  return {
    writeHead: response.writeHead.bind(response),
    flushHeaders: response.flushHeaders.bind(response),
    write: response.write.bind(response),
    end: response.end.bind(response),
  };
}

/** Status and headers, instead of those that are there. */
export function setHead(response: NodeResponse, status: number, headers: Headers): void {
  for (const name of Object.keys(response.getHeaders())) response.removeHeader(name);
  for (const [name, value] of fieldsOf(headers)) response.setHeader(name, value);
  response.statusCode = status;
}

/** Until the reader takes more, or is gone. */
function drained(response: NodeResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}

/**
 * Sends an answer of ours, over headers that other layers had set before.
 * @param voice where the response's own methods are held
 */
export async function sendAnswer(
  response: NodeResponse,
  answer: Response,
  { outer, voice = voiceOf(response) }: { readonly outer: Headers; readonly voice?: Voice },
): Promise<void> {
  setHead(response, answer.status, layHeaders(answer.headers, outer));
  response.statusMessage = answer.statusText;
  voice.writeHead(answer.status);
  for await (const chunk of answer.body ?? []) {
    if (response.destroyed) break;
    if (!voice.write(chunk)) await drained(response);
  }
  voice.end();
}
