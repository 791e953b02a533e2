/**
 * Requests that do not say which browser they come from. What Firefox sends for the wallet to a
 * site where it is not let in has the number of this installation for its `Origin` (Chromium: one
 * name for all): two sellers could tell by it that they have the same reader. A sandboxed frame is
 * of no origin, and what it sends says `null`.
 */

/** Longer than a busy shop takes. */
const TIMEOUT_MS = 15_000;

/** What is sent, always by GET. */
export interface NamelessRequest {
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** What came back; a redirect that was not followed has status 0. */
export interface NamelessAnswer {
  readonly status: number;
  readonly headers: [string, string][];
  readonly body: ReadableStream | null;
}

type Reply = NamelessAnswer | { readonly why: string };

function fetchNameless({ url, headers }: NamelessRequest): Promise<Response> {
  return fetch(url, {
    headers,
    credentials: 'omit',
    redirect: 'manual',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

/** Runs in the frame, and does what the wallet's background says, which alone has framed it. */
export function answerBackground(): void {
  addEventListener('message', async ({ source, data, ports: [port] }: MessageEvent) => {
    if (source !== parent || !port) return;
    try {
      const { status, headers, body } = await fetchNameless(data as NamelessRequest);
      const reply: Reply = { status, headers: [...headers], body };
      port.postMessage(reply, body ? [body] : []);
    } catch (error) {
      const reply: Reply = { why: error instanceof Error ? error.message : 'no answer' };
      port.postMessage(reply);
    }
  });
}

async function openFrame(): Promise<Window> {
  const frame = document.createElement('iframe');
  frame.sandbox.add('allow-scripts');
  frame.src = '/nameless.html';
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
  document.documentElement.append(frame);
  await loaded;
  if (!frame.contentWindow) throw new TypeError('a frame that is shown has a window');
  return frame.contentWindow;
}

/** One for as long as the background is there. */
let opened: Promise<Window> | undefined;

/** Whether the wallet's own requests would name this installation. */
export function isNamedByOrigin(): boolean {
  return location.protocol === 'moz-extension:';
}

/** @throws TypeError where no answer came */
export async function sendNameless(request: NamelessRequest): Promise<NamelessAnswer> {
  opened ??= openFrame();
  const frame = await opened;
  const { port1, port2 } = new MessageChannel();
  const replied = new Promise<Reply>((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<Reply>) => resolve(data);
  });
  // No origin can be named for it, since it has none; it shows our own file and goes nowhere.
  frame.postMessage(request, '*', [port2]);
  const reply = await replied;
  if ('why' in reply) throw new TypeError(reply.why);
  return reply;
}
