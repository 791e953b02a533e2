/**
 * A stand-in for Stripe: the part of its HTTP that we use, on loopback, with the state behind it.
 * It knows ids of requests, pages, refunds, disputes and signs its webhooks, by its documents:
 * https://docs.stripe.com/api
 */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { Account, type Acts, actsOn, Refused, type Thing } from './stripeaccount.ts';

export const SECRET_KEY = 'sk_test_standin';
export const WEBHOOK_SECRET = 'whsec_standin';

export interface StandIn extends Acts {
  /** Its clock, whether it keeps fees, and in what currency. */
  readonly account: Pick<Account, 'atSec' | 'takesFees' | 'settlesIn'>;
  readonly api: { readonly host: string; readonly port: number; readonly protocol: 'http' };
  /** What was asked, as `POST /v1/refunds`. */
  readonly asked: string[];
  /** What is asked next by this line is done, and its answer never arrives. */
  lose(line: string): void;
  /** Something else happens just before what is asked next by this line is done. */
  before(line: string, happens: () => unknown): void;
  /** Ids of requests are forgotten, as after a day. */
  forgetIds(): void;
  /** Nothing is answered. */
  down: boolean;
  /** What refunds are refused with; undefined: they are made. */
  refusal: string | undefined;
  /** Where it sends what was paid on a page that a browser shows; nowhere without it. */
  hook: string | undefined;
  /** An event as it is sent, signed at `atSec`. */
  signed(event: Thing, atSec: number): { readonly body: string; readonly signature: string };
}

/** `a[b][c]=d` as `{a: {b: {c: d}}}`. */
function readForm(text: string): Record<string, unknown> {
  const form: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const path = name.split(/[[\]]+/).filter(Boolean);
    const last = path.pop() ?? '';
    let place = form;
    for (const part of path) {
      place[part] ??= {};
      place = place[part] as Record<string, unknown>;
    }
    place[last] = value;
  }
  return form;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** With its payment in the place of the name of that. */
function expanded(account: Account, thing: Thing, { expand }: Record<string, unknown>): Thing {
  const payment = account.intents.get(String(thing.payment_intent));
  return expand && payment ? { ...thing, payment_intent: payment } : thing;
}

type Work = (account: Account, id: string, form: Record<string, unknown>) => unknown;

function list(things: Iterable<Thing>) {
  return { object: 'list', has_more: false, data: [...things] };
}

/** What is answered where. */
const ROUTES: readonly (readonly [route: RegExp, work: Work])[] = [
  [/^POST \/v1\/checkout\/sessions$/, (account, _, form) => account.makeSession(form)],
  [/^GET \/v1\/checkout\/sessions\/(\w+)$/, (account, id) => account.found(account.sessions, id)],
  [/^GET \/v1\/payment_intents\/(\w+)$/, (account, id) => account.found(account.intents, id)],
  [/^POST \/v1\/refunds$/, (account, _, form) => account.makeRefund(form)],
  [
    /^GET \/v1\/refunds\/(\w+)$/,
    (account, id, form) => expanded(account, account.found(account.refunds, id), form),
  ],
  [
    /^GET \/v1\/refunds$/,
    (account, _, form) => {
      const { payment_intent: payment } = form;
      const refunds = payment ? account.refundsOf(payment) : account.refunds.values();
      return list([...refunds].map((it) => expanded(account, it, form)));
    },
  ],
  [
    /^GET \/v1\/disputes\/(\w+)$/,
    (account, id, form) => expanded(account, account.found(account.disputes, id), form),
  ],
  [
    /^GET \/v1\/events$/,
    (account, _, { type }) => list(account.events.filter((it) => it.type === type)),
  ],
  [/^GET \/v1\/balance_transactions$/, (account, _, form) => account.movementsSince(form)],
  [
    /^GET \/v1\/disputes$/,
    (account, _, form) =>
      list(
        [...account.disputes.values()]
          .filter((it) => !form.payment_intent || it.payment_intent === form.payment_intent)
          .map((it) => expanded(account, it, form)),
      ),
  ],
];

interface Answered {
  readonly status: number;
  readonly body: object;
}

function refusedWith(code: string, status = 400): Answered {
  const said = { message: code || 'not now', ...(code && { code }) };
  return { status, body: { error: { type: 'invalid_request_error', ...said } } };
}

function answerTo(account: Account, line: string, form: Record<string, unknown>): Answered {
  try {
    for (const [route, work] of ROUTES) {
      const found = route.exec(line);
      if (found) return { status: 200, body: work(account, found[1] ?? '', form) as object };
    }
    throw new Refused('url_unknown', 404);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return refusedWith(error.code, error.status);
  }
}

const PAY_PAGE = /^(GET|POST) \/pay\/(\w+)$/;

/** An event as it is sent, signed at `atSec`. */
function signedEvent(event: Thing, atSec: number) {
  const body = JSON.stringify(event);
  const mac = createHmac('sha256', WEBHOOK_SECRET).update(`${atSec}.${body}`).digest('hex');
  return { body, signature: `t=${atSec},v1=${mac}` };
}

/** The page on which a reader pays: one button, and back to where they came from. */
async function showPage(
  { method, id }: { readonly method: string | undefined; readonly id: string },
  response: ServerResponse,
  { account, standIn }: { readonly account: Account; readonly standIn: StandIn },
): Promise<void> {
  const session = account.found(account.sessions, id);
  if (method === 'GET') {
    const button = `<form method="post"><button>Pay ${session.amount_total}</button></form>`;
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><html lang="en"><title>Pay</title><h1>Pay</h1>${button}`);
    return;
  }
  const event = standIn.pay(id);
  if (standIn.hook !== undefined) {
    const { body, signature } = signedEvent(event, Math.floor(Date.now() / 1000));
    const headers = { 'Stripe-Signature': signature };
    await fetch(standIn.hook, { method: 'POST', headers, body });
  }
  response.writeHead(303, { Location: String(session.success_url) }).end();
}

/** Starts it; it ends with the test. */
export async function useStripe(): Promise<StandIn> {
  const account = new Account();
  const known = new Map<string, { text: string; answered: Answered }>();
  const asked: string[] = [];
  const losing = { line: '', count: 0 };
  const sooner = { line: '', happens: (): unknown => undefined };
  const server = createServer(async (request, response) => {
    const { pathname, search } = new URL(request.url ?? '', 'http://stripe.localhost');
    const text = request.method === 'GET' ? search.slice(1) : await readBody(request);
    const line = `${request.method} ${pathname}`;
    const [, method, id = ''] = PAY_PAGE.exec(line) ?? [];
    if (method) return void (await showPage({ method, id }, response, { account, standIn }));
    asked.push(line);
    if (sooner.line === line) {
      sooner.line = '';
      sooner.happens();
    }
    if (standIn.down) return void request.socket.destroy();
    if (request.headers.authorization !== `Bearer ${SECRET_KEY}`)
      return void response.writeHead(401).end('{"error":{"type":"invalid_request_error"}}');
    const key = request.headers['idempotency-key'];
    const before = key === undefined ? undefined : known.get(String(key));
    if (before && before.text !== text)
      return void response.writeHead(400).end('{"error":{"type":"idempotency_error"}}');
    const isRefused = line === 'POST /v1/refunds' && standIn.refusal !== undefined;
    const answered =
      before?.answered ??
      (isRefused ? refusedWith(standIn.refusal ?? '') : answerTo(account, line, readForm(text)));
    if (key !== undefined) known.set(String(key), { text, answered });
    if (losing.count > 0 && losing.line === line) {
      losing.count -= 1;
      return void request.socket.destroy();
    }
    response.writeHead(answered.status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answered.body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  account.origin += `:${port}`;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const standIn: StandIn = {
    api: { host: '127.0.0.1', port, protocol: 'http' },
    ...{ account, asked },
    // The library asks twice more by itself.
    lose: (line) => Object.assign(losing, { line, count: 3 }),
    before: (line, happens) => void Object.assign(sooner, { line, happens }),
    forgetIds: () => known.clear(),
    down: false,
    hook: undefined,
    refusal: undefined,
    ...actsOn(account),
    signed: signedEvent,
  };
  return standIn;
}
