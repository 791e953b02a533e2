import { expect, test } from 'vitest';
import { readCertificate } from '../../../../src/protocol/certificate.ts';
import { readBalance, readJwks } from '../../../../src/protocol/documents.ts';
import { checkJwsByKid, type KeySet, signingInputOf } from '../../../../src/protocol/jws.ts';
import { importPublicKey, thumbprint } from '../../../../src/protocol/key.ts';
import { type Receipt, signReceipt } from '../../../../src/protocol/receipt.ts';
import { readRefundNote, signUndo } from '../../../../src/protocol/undo.ts';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import { nowSec } from '../../../../src/provider/context.ts';
import { rotateKey } from '../../../../src/provider/signing/keys.ts';
import { revokeKey } from '../../../../src/provider/signing/revocation.ts';
import {
  type AskedPurse,
  askForPurse,
  chargeOf,
  collect,
  readReply,
  type TestAccount,
  topUp,
} from '../../../support/account.ts';
import { addDevice, revoke as revokeDevice } from '../../../support/devices.ts';
import { randomId, START_MS } from '../../../support/payer.ts';
import { ISSUER, type Sandbox, useSandbox } from '../../../support/sandbox.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

async function rotate({ context }: Sandbox): Promise<string> {
  const { kid } = await rotateKey(context.database, nowSec(context));
  await context.keys.refresh();
  return kid;
}

/** Takes a key back, and has the process look. */
async function revoke({ context }: Sandbox, kid: string, isReplaced = false) {
  const states = await revokeKey(context.database, kid, { atSec: nowSec(context), isReplaced });
  await context.keys.refresh();
  return states;
}

async function keySet({ send }: Sandbox): Promise<KeySet> {
  const { body } = await readReply(await send(`${ISSUER}/.well-known/jwks.json`, {}));
  const entries = readJwks(body).map(
    async (jwk) => [await thumbprint(jwk), await importPublicKey(jwk)] as const,
  );
  return new Map(await Promise.all(entries));
}

const kids = async (sandbox: Sandbox) => [...(await keySet(sandbox)).keys()];

/** What a token says, header apart. */
const saidBy = (token: string) => signingInputOf(token).split('.')[1];

test('the key that signs is taken back only with another one in its place', async () => {
  const sandbox = await useSandbox();
  const [first = ''] = await kids(sandbox);
  await expect(revoke(sandbox, first)).rejects.toThrow(/--replace/);
  await expect(revoke(sandbox, 'nobody', true)).rejects.toThrow(/no key of these books/);
  expect(await kids(sandbox)).toEqual([first]);
  const [made, gone] = await revoke(sandbox, first, true);
  expect(gone).toMatchObject({ kid: first, revokedAtSec: START_MS / 1000 });
  expect(await kids(sandbox)).toEqual([made?.kid]);
  expect(sandbox.context.keys.signer().kid).toBe(made?.kid);
  // Once more is no second one.
  expect(await revoke(sandbox, first, true)).toHaveLength(2);
});

test('one that waits to sign takes the place at once', async () => {
  const sandbox = await useSandbox();
  const [first = ''] = await kids(sandbox);
  const waiting = await rotate(sandbox);
  expect(await revoke(sandbox, first)).toHaveLength(2);
  expect(sandbox.context.keys.signer().kid).toBe(waiting);
  expect(await kids(sandbox)).toEqual([waiting]);
});

test('one that is made by a clock ahead of ours signs at once', async () => {
  const sandbox = await useSandbox();
  const { database, keys } = sandbox.context;
  const [first = ''] = await kids(sandbox);
  const second = await rotate(sandbox);
  // The first one leaves the set.
  sandbox.time.nowMs += 376 * DAY_MS;
  const atSec = nowSec(sandbox.context) + 30;
  const [made] = await revokeKey(database, second, { atSec, isReplaced: true });
  await keys.refresh();
  expect([first, second]).not.toContain(made?.kid);
  expect(keys.signer().kid).toBe(made?.kid);
});

test('of one that waits to sign nothing is left, and the one before it stays', async () => {
  const sandbox = await useSandbox();
  const [first = ''] = await kids(sandbox);
  const waiting = await rotate(sandbox);
  const states = await revoke(sandbox, waiting);
  expect(states.find(({ kid }) => kid === first)).toMatchObject({ leavesAtSec: undefined });
  sandbox.time.nowMs += 400 * DAY_MS;
  expect(sandbox.context.keys.signer().kid).toBe(first);
  expect(await kids(sandbox)).toEqual([first]);
  // And another one can be made.
  await rotate(sandbox);
});

test('a former one leaves the set, and the one that signs goes on', async () => {
  const sandbox = await useSandbox();
  const [first = ''] = await kids(sandbox);
  const second = await rotate(sandbox);
  sandbox.time.nowMs += 10 * MINUTE_MS;
  await revoke(sandbox, first);
  expect(await kids(sandbox)).toEqual([second]);
  expect(sandbox.context.keys.signer().kid).toBe(second);
});

interface Scene {
  readonly sandbox: Sandbox;
  readonly seller: TestAccount;
  readonly payto: string;
  readonly reader: TestAccount;
  readonly purse: AskedPurse;
  readonly wish: Parameters<typeof askForPurse>[1];
}

/** A purse that the first key has signed; that key is taken back. */
async function openScene(before: (scene: Scene) => Promise<unknown> = async () => undefined) {
  const sandbox = await useSandbox();
  const { account: seller, payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  await topUp(reader, 1_000_000n);
  const wish = { payto, amountMicros: 100_000n, id: randomId() };
  const purse = await askForPurse(reader, wish);
  const scene = { sandbox, seller, payto, reader, purse, wish: { ...wish, key: purse.key } };
  await before(scene);
  const [first = ''] = await kids(sandbox);
  await revoke(sandbox, first, true);
  return { ...scene, known: await keySet(sandbox) };
}

test('a purse’s certificate is answered by the key that signs now, and says the same', async () => {
  const { sandbox, reader, purse, known } = await openScene();
  const { certificate: before } = purse.reply.body;
  const { body } = await reader.call('GET', `/v1/purses/${purse.id}`);
  const certificate = String(body.certificate);
  await checkJwsByKid(readCertificate(certificate).jws, known);
  expect(saidBy(certificate)).toBe(saidBy(String(before)));
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});

test('so is what a write was answered before: all of it, and nothing happens again', async () => {
  const { sandbox, reader, purse, wish, known } = await openScene();
  const { reply } = await askForPurse(reader, wish);
  const [now, before] = [reply.body, purse.reply.body].map((body) => Object.entries(body));
  expect(now?.map(([name, token]) => [name, saidBy(String(token))])).toEqual(
    before?.map(([name, token]) => [name, saidBy(String(token))]),
  );
  await checkJwsByKid(readCertificate(String(reply.body.certificate)).jws, known);
  await checkJwsByKid(readBalance(String(reply.body.balance)).jws, known);
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});

test('and what a seller is asked to close', async () => {
  const { seller, payto, known } = await openScene(async (scene) => {
    const { device: lost } = await addDevice(scene.sandbox, scene.reader);
    await askForPurse(lost, { payto: scene.payto, amountMicros: 50_000n });
    await revokeDevice(scene.reader, lost);
  });
  const { body } = await collect(seller, { payto, charges: [] });
  const asked = body.asked as string[];
  expect(asked).toHaveLength(1);
  for (const token of asked) await checkJwsByKid(readCertificate(token).jws, known);
});

test('and the note of an undo that the provider has granted', async () => {
  let ask = () => Promise.resolve({ body: {} as Record<string, unknown> });
  const { known, sandbox } = await openScene(async ({ seller, reader, purse, payto }) => {
    const bnd = randomId(32);
    const charge = await chargeOf(purse, { seq: 1, tot: 20_000n, bnd });
    await collect(seller, { payto, charges: [charge] });
    const atSec = START_MS / 1000;
    const times = { at: atSec, until: atSec + 86_400, undo: atSec + 600 };
    const claims = { pur: purse.id, seq: 1, tot: 20_000n, bnd, amt: 20_000n, ...times };
    const receipt = await signReceipt(claims as Receipt, seller.device);
    const undo = await signUndo({ aud: payto, pur: purse.id, seq: 1, bnd }, purse.key.key);
    ask = () => reader.call('POST', '/v1/undos', { id: randomId(), payto, receipt, undo });
    await ask();
  });
  const { refund } = (await ask()).body;
  await checkJwsByKid(readRefundNote(String(refund)).jws, known);
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});

test('a key that has left the set by itself is like one that was taken back', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const purse = await askForPurse(reader, { payto, amountMicros: 50_000n });
  await rotate(sandbox);
  const certificate = async () =>
    String((await reader.call('GET', `/v1/purses/${purse.id}`)).body.certificate);
  sandbox.time.nowMs += 10 * MINUTE_MS + 375 * DAY_MS - 1000;
  expect(await certificate()).toBe(purse.reply.body.certificate);
  sandbox.time.nowMs += 1000;
  const { jws, claims } = readCertificate(await certificate());
  await checkJwsByKid(jws, await keySet(sandbox));
  expect(claims).toEqual(readCertificate(String(purse.reply.body.certificate)).claims);
});
