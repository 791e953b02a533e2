/**
 * The body of Node's request, which has one reader: it is read before its handler, as far as
 * anything is sold, and put back into the stream, where the handler finds it unread.
 */
import { FarthingError } from '../../protocol/errors.ts';
import { BODY_BYTES_MAX, tooLarge } from '../visits/digest.ts';

/** What is used of `http.IncomingMessage`, and of its sister in HTTP/2. */
export interface NodeBody {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Whether all of it has come; in HTTP/2, whether nothing more will. */
  readonly complete?: boolean;
  /** HTTP/2: what the request is made of. */
  readonly stream?: { readonly readableEnded: boolean };
  /** Where a host has read the body before anybody (Cloud Functions), it is left here. */
  readonly rawBody?: unknown;
  readonly readableDidRead: boolean;
  listenerCount(event: string): number;
  read(): unknown;
  resume(): unknown;
  unshift(chunk: Uint8Array): void;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

function refuse(detail: string): never {
  throw new FarthingError('method_not_bound', detail);
}

interface Reading {
  readonly chunks: Uint8Array[];
  byteCount: number;
}

/** Takes what is there. */
function take(source: NodeBody, reading: Reading): void {
  for (let chunk = source.read(); chunk !== null; chunk = source.read()) {
    if (!(chunk instanceof Uint8Array)) refuse('the body was given an encoding before its price');
    reading.chunks.push(chunk);
    reading.byteCount += chunk.length;
    if (reading.byteCount > BODY_BYTES_MAX) tooLarge();
  }
}

/** A length that is known is the better word: some hosts say `complete` before anything came. */
function isWhole({ headers, complete, stream }: NodeBody, { byteCount }: Reading): boolean {
  const length = headers['content-length'];
  if (length !== undefined) return byteCount >= Number(length);
  return complete === true || stream?.readableEnded === true;
}

/** Reads all and puts it back. */
function readAll(source: NodeBody): Promise<Uint8Array<ArrayBuffer>> {
  const reading: Reading = { chunks: [], byteCount: 0 };
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  const hear = {
    readable: () => {
      take(source, reading);
      return reading.byteCount > 0 && isWhole(source, reading);
    },
    end: () => reading.byteCount === 0 || refuse('the body ended before its length'),
    close: () => refuse('the request broke off'),
  };
  const listeners = Object.entries(hear).map(([event, isAll]) => {
    const listener = () => {
      try {
        if (!isAll()) return;
        const bytes = Buffer.concat(reading.chunks);
        stop();
        // At once: a stream that has found itself empty ends in the next tick.
        if (bytes.length > 0) source.unshift(bytes);
        resolve(bytes);
      } catch (error) {
        stop();
        // Nobody reads the rest, which would stand in front of the connection's next request.
        source.resume();
        reject(error);
      }
    };
    return [event, listener] as const;
  });
  const stop = () => {
    for (const [event, listener] of listeners) source.off(event, listener);
  };
  for (const [event, listener] of listeners) source.on(event, listener);
  return promise;
}

/** Whether the body came as it is sent, and was left where it can be found. */
function keptBody({ rawBody, headers }: NodeBody): Uint8Array<ArrayBuffer> | undefined {
  const isKept = rawBody instanceof Uint8Array && headers['content-encoding'] === undefined;
  return isKept ? new Uint8Array(rawBody) : undefined;
}

async function bodyOf(source: NodeBody): Promise<Uint8Array<ArrayBuffer>> {
  const kept = keptBody(source);
  if (kept) return kept;
  if (source.readableDidRead || source.listenerCount('data') > 0)
    refuse('the body was read before its price: put fee in front of express.json()');
  return readAll(source);
}

/** The body as a stream of the web, which reads nothing before it is asked. */
export function webBody(source: NodeBody): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pull = async (controller: ReadableStreamDefaultController) => {
    controller.enqueue(await bodyOf(source));
    controller.close();
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}
