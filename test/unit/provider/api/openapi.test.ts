import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { CALLS, type CallKind } from '../../../../src/provider/api/calls.ts';
import { openApiOf } from '../../../../src/provider/api/openapi.ts';
import {
  askForPurse,
  chargeOf,
  closePurse,
  finalOf,
  noteOf,
  raisePurse,
  type TestAccount,
} from '../../../support/account.ts';
import { useMarket } from '../../../support/market.ts';
import { makeKey, randomId } from '../../../support/payer.ts';
import { ISSUER } from '../../../support/sandbox.ts';
import { setBank } from '../../../support/till.ts';

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: { readonly 'application/json': { schema: object } } };
  readonly responses: Record<string, { readonly content: Record<string, { schema: object }> }>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: object;
}

const ajv = new Ajv2020({ strict: false });
const DOCUMENT = openApiOf({ issuer: ISSUER, name: 'Test money' }) as Document;

/** A schema of the document, with what it refers to in the document. */
function compile(schema: object): ValidateFunction {
  return ajv.compile({ ...schema, components: DOCUMENT.components });
}

function operationOf({ path, method }: CallKind): Operation {
  const operation = DOCUMENT.paths[path]?.[method.toLowerCase()];
  if (!operation) throw new Error(`${method} ${path} is not in the document`);
  return operation;
}

function callAt(method: string, target: string): CallKind {
  const { pathname } = new URL(target, ISSUER);
  const at = ({ path }: CallKind) => new RegExp(`^${path.replace(/\{\w+\}/, '[^/]+')}$`);
  const call = CALLS.find((kind) => kind.method === method && at(kind).test(pathname));
  if (!call) throw new Error(`no call answers ${method} ${target}`);
  return call;
}

interface Exchange {
  readonly call: CallKind;
  readonly target: string;
  readonly body: object | undefined;
  readonly status: number;
  readonly answer: object;
  readonly account: TestAccount;
}

/** Notes what an account asks and is answered. */
function listenTo(account: TestAccount, heard: Exchange[]): void {
  const { call } = account;
  account.call = async (method, target, body, crooked) => {
    const reply = await call(method, target, body, crooked);
    const { status, body: answer } = reply;
    heard.push({ call: callAt(method, target), target, body, status, answer, account });
    return reply;
  };
}

/** What may be left out of a body that has it. */
const OPTIONAL = ['charge', 'starter', 'card', '/v1/withdrawals amount'];

/** A day in which each call is made. */
async function liveADay(): Promise<Exchange[]> {
  const heard: Exchange[] = [];
  const { sandbox, reader, seller, payto, purse, handIn, undo } = await useMarket();
  for (const account of [reader, seller]) listenTo(account, heard);
  const get = (path: string) => reader.call('GET', path);
  const post = (path: string, body: object) => reader.call('POST', path, body);
  await handIn(1, 20_000n);
  await undo(await noteOf(seller, purse, { seq: 1, amt: 20_000n }));
  await raisePurse(reader, { purse: purse.id, amountMicros: 150_000n });
  await askForPurse(reader, { payto, amountMicros: 50_000n });
  const charge = await chargeOf(purse, { seq: 2, tot: 40_000n });
  const final = await finalOf(seller, purse, { seq: 2, tot: 40_000n });
  await seller.call('POST', '/v1/closings', { id: randomId(), payto, closings: [{ final }] });
  await closePurse(reader, { purse: purse.id, final, charge });
  await post('/v1/undos', { id: randomId(), payto, receipt: charge, undo: charge });
  const topUp = { id: randomId(), amount: '1000000', currency: 'USD' };
  await post('/v1/topups', { ...topUp, card: 'success' });
  await get(`/v1/topups/${topUp.id}`);
  const withdrawal = { id: randomId(), currency: 'USD', amount: '500000' };
  await post('/v1/withdrawals', withdrawal);
  await get(`/v1/withdrawals/${withdrawal.id}`);
  const sealed = 'A'.repeat(80);
  await post('/v1/recovery', { id: randomId(), kind: 'words', kid: randomId(32), sealed });
  const other = await makeKey();
  await post('/v1/devices', { id: randomId(), key: other.jwk, name: 'Old laptop' });
  await post(`/v1/devices/${other.kid}/name`, { id: randomId(), name: 'Newer laptop' });
  await post(`/v1/devices/${other.kid}/revoke`, { id: randomId() });
  await post('/v1/history', { id: randomId(), place: 1, chunk: 'A'.repeat(64) });
  for (const path of [
    '/v1/account',
    '/v1/account/statement',
    '/v1/account/export',
    '/v1/devices',
    '/v1/history',
    '/v1/history?after=0',
  ])
    await get(path);
  await get(`/v1/purses/${purse.id}`);
  await post('/v1/history/erase', { id: randomId() });
  await setBank(seller);
  await seller.call('GET', '/v1/sellers/news/earnings?before=9');
  await post('/v1/account/close', { id: randomId() });
  const stranger = await sandbox.reader();
  listenTo(stranger, heard);
  await stranger.call('POST', '/v1/accounts', { id: randomId(), starter: 'none' });
  await seller.call('POST', '/v1/sellers', {
    ...{ id: randomId(), handle: 'news', name: 'News', keys: [seller.device.jwk] },
    origins: ['http://news.localhost:8080'],
  });
  return heard;
}

test('the document is valid OpenAPI 3.1, and is served', async () => {
  const { sandbox } = await useMarket();
  const served = await sandbox.send(`${ISSUER}/openapi.json`, {});
  expect(await served.json()).toEqual(JSON.parse(JSON.stringify(DOCUMENT)));
  const { valid, errors } = await new Validator().validate({ ...DOCUMENT });
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  const names = CALLS.map((call) => operationOf(call).operationId);
  expect(new Set(names).size).toBe(CALLS.length);
});

test('what is asked and answered is as the document says, call by call', async () => {
  const heard = await liveADay();
  const missing = CALLS.filter((call) => heard.every((exchange) => exchange.call !== call));
  expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  for (const { call, target, body, status, answer } of heard) {
    const { requestBody, responses } = operationOf(call);
    const response = responses[status];
    if (!response) throw new Error(`${target} is answered ${status}, which is not said`);
    const [content] = Object.values(response.content);
    const isAsSaid = compile(content?.schema ?? {});
    expect(isAsSaid(answer), `${target} ${status} ${ajv.errorsText(isAsSaid.errors)}`).toBe(true);
    if (!requestBody || status === 400) continue;
    const isAsked = compile(requestBody.content['application/json'].schema);
    expect(isAsked(body), `${target} ${ajv.errorsText(isAsked.errors)}`).toBe(true);
  }
});

test('what the document does not allow is refused, member by member', async () => {
  const heard = await liveADay();
  // What is asked below is heard as well.
  for (const { call, target, body, account } of [...heard]) {
    const { requestBody } = operationOf(call);
    if (!requestBody || !body) continue;
    const isAsked = compile(requestBody.content['application/json'].schema);
    const names = Object.keys(body);
    const crooked = [
      { ...body, more: 1 },
      ...names.map((name) => ({ ...body, [name]: { not: 'this' } })),
      ...names
        .filter((name) => !OPTIONAL.includes(name) && !OPTIONAL.includes(`${target} ${name}`))
        .map((name) => Object.fromEntries(Object.entries(body).filter(([key]) => key !== name))),
    ];
    for (const wrong of crooked) {
      expect(isAsked(wrong), JSON.stringify(wrong)).toBe(false);
      expect((await account.call('POST', target, wrong)).code, `${target}`).toBe('body_malformed');
    }
  }
});
