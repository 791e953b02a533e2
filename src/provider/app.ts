/**
 * The provider's addresses (SPEC 9): which request goes where, and what stands around each answer.
 */
import type { IncomingMessage } from 'node:http';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { utf8Text } from '../protocol/base64url.ts';
import { ERROR_KINDS } from '../protocol/codes.ts';
import { FarthingError, refuseAs } from '../protocol/errors.ts';
import { problemOf } from '../protocol/problem.ts';
import { openAccount, readAccount } from './accounts.ts';
import { networkOf } from './addresses.ts';
import { closePurse } from './closings.ts';
import { collect } from './collections.ts';
import type { Context } from './context.ts';
import { requireAccount } from './devices.ts';
import { signProviderRecord } from './documents.ts';
import { enrol, nameDevice, readDevices, revokeDevice, setRecovery } from './enrolment.ts';
import { closePurses } from './finals.ts';
import { addChunk, eraseHistory, readHistory } from './history.ts';
import { homePage } from './home.ts';
import { jwksOf } from './keys.ts';
import { RefusedForNow } from './limits.ts';
import { issuePurse, raisePurse } from './purses.ts';
import { refund } from './refunds.ts';
import { readSellerRecord, registerSeller } from './sellers.ts';
import { readPurseStatement } from './statements.ts';
import { topUp } from './topups.ts';
import { judgeUndo } from './undos.ts';
import { type Answer, answer, type Call } from './writes.ts';

/** SPEC 9.1. */
const BODY_BYTES_MAX = 16_384;
const COLLECTION_BYTES_MAX = 2_000_000;
/** A chunk of the history copy, and what stands around it. */
const CHUNK_BYTES_MAX = 66_560;
/** Keys, records: fetched by many, changed seldom. */
const PUBLIC_CACHE = 'public, max-age=300';
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

function respond({ status, body }: Answer, cacheControl = 'no-store'): Response {
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
      : new FarthingError('internal', 'nothing was done; try again with the same id');
  const { status } = ERROR_KINDS[refusal.code];
  const response = respond({ status, body: JSON.stringify(problemOf(refusal)) });
  if (refusal instanceof RefusedForNow)
    response.headers.set('Retry-After', `${refusal.retryAfterSec}`);
  if (status === 401) response.headers.set('WWW-Authenticate', challengeOf(refusal));
  return response;
}

function addDocuments(app: Hono, context: Context): void {
  app.get('/', () => homePage(context));
  app.get('/.well-known/jwks.json', () => respond(answer(jwksOf(context.signer)), PUBLIC_CACHE));
  app.get('/.well-known/farthing-provider.json', async () =>
    respond(answer({ record: await signProviderRecord(context) }), PUBLIC_CACHE),
  );
  app.get('/v1/sellers/:handle', async (c) =>
    respond(await readSellerRecord(context, c.req.param('handle')), PUBLIC_CACHE),
  );
}

function addCalls(app: Hono, context: Context): void {
  const post = (
    path: string,
    work: (call: Call, parameter: string) => Promise<Answer>,
    bytesMax = BODY_BYTES_MAX,
  ) =>
    app.post(path, async (c) => {
      const call = await readCall(context, c.req.raw, bytesMax);
      return respond(await work(call, c.req.param('named') ?? ''));
    });
  const get = (path: string, work: (kid: string, url: URL) => Promise<Answer>) =>
    app.get(path, async (c) => {
      const { kid } = await readCall(context, c.req.raw, BODY_BYTES_MAX);
      return respond(await work(kid, new URL(c.req.url)));
    });
  post('/v1/accounts', (call) => openAccount(context, call));
  get('/v1/account', (kid) => readAccount(context, kid));
  app.get('/v1/purses/:purse', async (c) => {
    const { kid } = await readCall(context, c.req.raw, BODY_BYTES_MAX);
    return respond(await readPurseStatement(context, c.req.param('purse'), kid));
  });
  post('/v1/topups', (call) => topUp(context, call));
  post('/v1/purses', (call) => issuePurse(context, call));
  post('/v1/purses/:named/raise', (call, purse) => raisePurse(context, purse, call));
  post('/v1/purses/:named/close', (call, purse) => closePurse(context, purse, call));
  post('/v1/devices', (call) => enrol(context, call));
  get('/v1/devices', (kid) => readDevices(context, kid));
  post('/v1/devices/:named/name', (call, device) => nameDevice(context, device, call));
  post('/v1/devices/:named/revoke', (call, device) => revokeDevice(context, device, call));
  post('/v1/recovery', (call) => setRecovery(context, call));
  post('/v1/history', (call) => addChunk(context, call), CHUNK_BYTES_MAX);
  get('/v1/history', (kid, url) => readHistory(context, kid, url.searchParams.get('after') ?? '0'));
  post('/v1/history/erase', (call) => eraseHistory(context, call));
  post('/v1/refunds', (call) => refund(context, call), COLLECTION_BYTES_MAX);
  post('/v1/undos', (call) => judgeUndo(context, call));
  post('/v1/sellers', (call) => registerSeller(context, call));
  post('/v1/collections', (call) => collect(context, call), COLLECTION_BYTES_MAX);
  post('/v1/closings', (call) => closePurses(context, call), COLLECTION_BYTES_MAX);
}

/** Whoever asks is counted before anything is read; nobody has to be known for that. */
function limitAddress(context: Context, env: unknown): void {
  const { incoming } = (env ?? {}) as { incoming?: IncomingMessage };
  const network = networkOf(incoming?.socket.remoteAddress ?? '');
  if (network !== undefined) context.limits.address(network);
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
