/**
 * Holds a response back at its head: status and headers are known then, and nothing has left. What
 * the handler writes meanwhile waits, as it would for a slow reader.
 */
import type { Verdict } from '../visits/check.ts';
import { headersOf } from './layers.ts';
import { type NodeResponse, sendAnswer, setHead, type Voice, voiceOf } from './node.ts';

/** What decides about a response, and what is said if that fails. */
export interface Holding {
  readonly deliver: Extract<Verdict, { open: true }>['deliver'];
  /** Headers that other layers had set before the handler ran. */
  readonly outer: Headers;
  readonly onError: (error: unknown) => void;
  /** Lets the handler run, if its answer is wanted now (SPEC 7.9). */
  readonly run: () => void;
}

/** `[name, value, name, value]`, or pairs; a name may come twice. */
function pairsOf(fields: readonly unknown[]): Map<string, string[]> {
  const flat = Array.isArray(fields[0]) ? fields.flat() : fields;
  const values = new Map<string, string[]>();
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const name = String(flat[index]).toLowerCase();
    values.set(name, [...(values.get(name) ?? []), ...[flat[index + 1]].flat().map(String)]);
  }
  return values;
}

/** `writeHead(status, [reason], [headers])`; the headers are set, as Node does it itself. */
function applyHead(response: NodeResponse, [status, ...rest]: readonly unknown[]): void {
  if (status !== undefined) response.statusCode = Number(status);
  const [reason, fields] = typeof rest[0] === 'string' ? rest : [undefined, rest[1] ?? rest[0]];
  if (typeof reason === 'string') response.statusMessage = reason;
  for (const [name, value] of Array.isArray(fields)
    ? pairsOf(fields)
    : Object.entries(fields ?? {}))
    if (value !== undefined) response.setHeader(name, value);
}

/** Statuses whose `Response` has no body. */
const BODILESS = [204, 205, 304];

/** What the handler has said, as a `Response`; `onCancel` hears that nobody wants its body. */
function producedBy(response: NodeResponse, onCancel: () => void): Response {
  const { statusCode: status, statusMessage: statusText } = response;
  const body = BODILESS.includes(status) ? null : new ReadableStream({ cancel: onCancel });
  return new Response(body, {
    status,
    statusText: statusText ?? '',
    headers: headersOf(response.getHeaders()),
  });
}

/** The methods of a response while it is held. */
interface Hold {
  /** Settled when the handler has said its head; rejected where it breaks off before that. */
  readonly head: Promise<void>;
  /** Lets everything through that was held, under the head that is set by now. */
  release(): void;
  /** From here on the handler speaks to nobody, as if its reader had hung up. */
  drop(): void;
}

/** Calls back whoever waits for the end of a write that nobody hears. */
function endUnheard(response: NodeResponse, parts: readonly unknown[]): void {
  const done = parts.at(-1);
  if (typeof done !== 'function') return;
  if (response.destroyed) queueMicrotask(() => done());
  else response.once('close', () => done());
}

/** Refused at once, as Node does it: later there would be no handler left to fail. */
function checkChunk(chunk: unknown): void {
  if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array))
    throw new TypeError('write a string or a Uint8Array');
}

function hold(response: NodeResponse, voice: Voice): Hold {
  const { writeHead, flushHeaders, write, end, destroy } = response;
  const head = Promise.withResolvers<void>();
  let hasBegun = false;
  const waiting: { readonly what: () => unknown; readonly parts: readonly unknown[] }[] = [];
  let isDropped = false;
  const say = (what: () => unknown, parts: readonly unknown[] = []) => {
    if (isDropped) endUnheard(response, parts);
    else waiting.push({ what, parts });
  };
  const begin = (parts: readonly unknown[] = []) => {
    if (response.headersSent) return;
    applyHead(response, parts);
    hasBegun = true;
    Object.defineProperty(response, 'headersSent', { value: true, configurable: true });
    head.resolve();
  };
  Object.assign(response, {
    // As `pipeline` does where its source fails. A reader who hung up has destroyed it before.
    destroy: (error?: unknown) => {
      if (hasBegun || response.destroyed) return Reflect.apply(destroy, response, [error]);
      head.reject(error ?? new Error('the page broke off'));
      return response;
    },
    writeHead: (...parts: unknown[]) => {
      begin(parts);
      return response;
    },
    flushHeaders: () => {
      begin();
      say(() => voice.flushHeaders());
    },
    write: (...parts: unknown[]) => {
      checkChunk(parts[0]);
      begin();
      say(() => voice.write(...parts), parts);
      return false;
    },
    end: (...parts: unknown[]) => {
      if (typeof parts[0] !== 'function') checkChunk(parts[0] ?? '');
      begin();
      Object.defineProperty(response, 'writableEnded', { value: true, configurable: true });
      say(() => voice.end(...parts), parts);
      return response;
    },
  });
  const release = () => {
    Object.assign(response, { writeHead, flushHeaders, write, end, destroy });
    Reflect.deleteProperty(response, 'headersSent');
    Reflect.deleteProperty(response, 'writableEnded');
    let wantsMore = false;
    for (const { what } of waiting) wantsMore = what() === true;
    if (wantsMore) response.emit('drain');
  };
  const drop = () => {
    isDropped = true;
    Object.assign(response, { destroy });
    for (const { parts } of waiting.splice(0)) endUnheard(response, parts);
  };
  return { head: head.promise, release, drop };
}

async function settle(response: NodeResponse, holding: Holding): Promise<void> {
  const voice = voiceOf(response);
  const { head, release, drop } = hold(response, voice);
  let isCancelled = false;
  let status: number | undefined;
  const produce = async () => {
    holding.run();
    await head;
    status = response.statusCode;
    return producedBy(response, () => {
      isCancelled = true;
    });
  };
  try {
    const answer = await holding.deliver(produce);
    if (isCancelled || answer.status !== status) {
      drop();
      await sendAnswer(response, answer, { outer: holding.outer, voice });
      return;
    }
    setHead(response, answer.status, answer.headers);
    release();
  } catch (error) {
    holding.onError(error);
    drop();
    const answer = new Response(null, { status: 500, headers: { 'Cache-Control': 'no-store' } });
    await sendAnswer(response, answer, { outer: holding.outer, voice });
  }
}

/** Holds `response`, and lets out what `deliver` makes of it; resolves when that has left. */
export function holdResponse(response: NodeResponse, holding: Holding): Promise<void> {
  return settle(response, holding).catch((error) => {
    // Half of an answer has left: its reader must not take it for the whole.
    holding.onError(error);
    response.destroy();
  });
}
