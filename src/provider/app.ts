/**
 * The provider's addresses (SPEC 9): which request goes where, and what stands around each answer.
 */
import type { IncomingMessage } from 'node:http';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { utf8Text } from '../protocol/base64url.ts';
import { ERROR_STATUSES } from '../protocol/codes.ts';
import { FarthingError, refuseAs } from '../protocol/errors.ts';
import { problemOf } from '../protocol/problem.ts';
import { CALLS } from './api/calls.ts';
import { goodbyePage, homePage, toppedUpPage } from './api/home.ts';
import { RefusedForNow } from './api/limits.ts';
import { openApiOf } from './api/openapi.ts';
import { answer, type Call, type Sent } from './api/writes.ts';
import { type Context, nowSec } from './context.ts';
import { TOPPED_UP } from './funding/funding.ts';
import { bookNotices } from './funding/notices.ts';
import { hear } from './funding/settle.ts';
import { requireAccount } from './readers/devices.ts';
import { networkOf } from './sellers/addresses.ts';
import { readSellerRecord } from './sellers/sellers.ts';
import { signProviderRecord } from './signing/documents.ts';
import { readJwks } from './signing/keys.ts';
import { answerByPublicKeys } from './signing/resigned.ts';

/** Keys, records: fetched by many, changed seldom. */
const PUBLIC_CACHE = 'public, max-age=300';
/** An event with all that its object has. */
const HOOK_BYTES_MAX = 1_000_000;
const PREFLIGHT_MAX_AGE_SEC = 86_400;

async function readText(request: Request, bytesMax: number): Promise<string | undefined> {
  if (!request.body) return undefined;
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for await (const chunk of request.body) {
    byteCount += chunk.length;
    if (byteCount > bytesMax)
      throw new FarthingError('body_too_large', `at most ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length === 0) return undefined;
  return refuseAs('body_malformed', () => utf8Text(bytes));
}

function parseBody(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    throw new FarthingError('body_malformed', 'the body is not JSON');
  }
}

/** Checks the proof of a request; answers its key and body. Only who has an account reads. */
async function readCall(context: Context, request: Request, bytesMax: number): Promise<Call> {
  const url = new URL(request.url);
  const body = await readText(request, bytesMax);
  const proven = await context.proofs.check({
    proof: request.headers.get('DPoP') ?? undefined,
    method: request.method,
    target: url.pathname + url.search,
    body,
  });
  const { kid } = proven;
  context.limits.key(kid);
  if (request.method !== 'GET') return { kid, body: parseBody(body) };
  await requireAccount(context.database, kid);
  await context.proofs.use(proven);
  return { kid, body: undefined };
}

function respond({ status, body }: Sent, cacheControl = 'no-store'): Response {
  const kind = status < 400 ? 'application/json' : 'application/problem+json';
  return new Response(body, {
    status,
    headers: { 'Content-Type': kind, 'Cache-Control': cacheControl },
  });
}

function challengeOf(error: FarthingError): string {
  if (error.code === 'proof_nonce') return 'DPoP error="use_dpop_nonce", algs="ES256"';
  if (error.code === 'proof_missing') return 'DPoP algs="ES256"';
  return 'DPoP error="invalid_dpop_proof", algs="ES256"';
}

/** A refusal, or our own failure: told to the operator in full and to the caller in one word. */
function respondRefused(context: Context, error: Error): Response {
  if (!(error instanceof FarthingError)) context.log(`internal: ${error.stack ?? error.message}`);
  const refusal =
    error instanceof FarthingError
      ? error
      : // A commit may be done whose answer did not come.
        new FarthingError('internal', 'it may be done or not; try again with the same id');
  const status = ERROR_STATUSES[refusal.code];
  const response = respond({ status, body: JSON.stringify(problemOf(refusal)) });
  if (refusal instanceof RefusedForNow)
    response.headers.set('Retry-After', `${refusal.retryAfterSec}`);
  if (status === 401) response.headers.set('WWW-Authenticate', challengeOf(refusal));
  return response;
}

function addDocuments(app: Hono, context: Context): void {
  app.get('/', (c) => homePage(context, c.req.raw));
  app.get('/goodbye', (c) => goodbyePage(context, c.req.raw));
  if (context.funding.hook) app.get(TOPPED_UP, (c) => toppedUpPage(context, c.req.raw));
  app.get('/.well-known/jwks.json', async () =>
    respond(answer(await readJwks(context.database, nowSec(context))), PUBLIC_CACHE),
  );
  app.get('/.well-known/farthing-provider.json', async () =>
    respond(answer({ record: await signProviderRecord(context) }), PUBLIC_CACHE),
  );
  app.get('/openapi.json', () => respond(answer(openApiOf(context)), PUBLIC_CACHE));
  app.get('/v1/sellers/:handle', async (c) =>
    respond(await readSellerRecord(context, c.req.param('handle')), PUBLIC_CACHE),
  );
}

/** Each row of the table answers at its address. */
function addCalls(app: Hono, context: Context): void {
  for (const { method, path, bytesMax, work } of CALLS)
    app.on(method, path.replace(/\{\w+\}/, ':named'), async (c) => {
      const call = await readCall(context, c.req.raw, bytesMax);
      const { searchParams: query } = new URL(c.req.url);
      const sent = await work(context, { ...call, named: c.req.param('named') ?? '', query });
      return respond(await answerByPublicKeys(context.keys, sent));
    });
}

/** Whose address is counted; undefined on this machine. */
function askerOf(env: unknown): string | undefined {
  const { incoming } = (env ?? {}) as { incoming?: IncomingMessage };
  return networkOf(incoming?.socket.remoteAddress ?? '');
}

/**
 * Where the card's side calls us: what it says is booked before it is answered. All of its calls
 * come from a few addresses, so those alone are counted that are none of its own.
 */
function addHook(app: Hono, context: Context): void {
  const { hook } = context.funding;
  const { address } = context.limits;
  if (!hook) return;
  const read = (body: string, { headers }: Request, asker: string | undefined) =>
    hook.read(body, headers).catch((error) => {
      const isStranger = error instanceof FarthingError && error.code === 'proof_mismatch';
      if (isStranger && asker !== undefined) address(asker);
      throw error;
    });
  app.post(hook.path, async (c) => {
    const asker = askerOf(c.env);
    if (asker !== undefined) address.check(asker);
    const body = (await readText(c.req.raw, HOOK_BYTES_MAX)) ?? '';
    const notices = await read(body, c.req.raw, asker);
    await bookNotices(context, notices);
    if (notices.some((notice) => 'dispute' in notice)) await hear(context);
    return respond(answer({}));
  });
}

/** Whoever asks is counted before anything is read; nobody has to be known for that. */
function limitAddress(context: Context, env: unknown): void {
  const asker = askerOf(env);
  if (asker !== undefined) context.limits.address(asker);
}

/** The provider as a Hono app: `app.fetch` answers a Request. */
export function createApp(context: Context): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header('DPoP-Nonce', context.proofs.nonce());
  });
  app.use(
    cors({
      origin: '*',
      allowMethods: ['GET', 'POST'],
      allowHeaders: ['Content-Type', 'DPoP'],
      exposeHeaders: ['DPoP-Nonce', 'Retry-After', 'WWW-Authenticate'],
      maxAge: PREFLIGHT_MAX_AGE_SEC,
    }),
  );
  addHook(app, context);
  app.use(async (c, next) => {
    limitAddress(context, c.env);
    await next();
  });
  addDocuments(app, context);
  addCalls(app, context);
  app.notFound(() =>
    respondRefused(context, new FarthingError('not_found', 'the API is under /v1')),
  );
  app.onError((error) => respondRefused(context, error));
  return app;
}
