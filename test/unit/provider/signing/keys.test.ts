import { expect, onTestFinished, test, vi } from 'vitest';
import { readCertificate } from '../../../../src/protocol/certificate.ts';
import { readBalance, readJwks } from '../../../../src/protocol/documents.ts';
import { checkJwsByKid, type KeySet, type UncheckedJws } from '../../../../src/protocol/jws.ts';
import { importPublicKey, thumbprint } from '../../../../src/protocol/key.ts';
import { createApp } from '../../../../src/provider/app.ts';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import { nowSec, openContext } from '../../../../src/provider/context.ts';
import { openDatabase, readSetting } from '../../../../src/provider/database/database.ts';
import { readHead } from '../../../../src/provider/ledger/head.ts';
import { startProvider } from '../../../../src/provider/main.ts';
import { rotateKey } from '../../../../src/provider/signing/keys.ts';
import { askForPurse, readReply, type TestAccount, topUp } from '../../../support/account.ts';
import { ISSUER, type Sandbox, temporaryFolder, useSandbox } from '../../../support/sandbox.ts';
import { startShop } from '../../../support/shop.ts';
import { makeReader, pressOn } from '../../../support/wallet.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const rotate = ({ context }: Sandbox) => rotateKey(context.database, nowSec(context));

/** What everybody is told. */
async function keySet(send: Sandbox['send']): Promise<KeySet> {
  const { body } = await readReply(await send(`${ISSUER}/.well-known/jwks.json`, {}));
  const entries = readJwks(body).map(
    async (jwk) => [await thumbprint(jwk), await importPublicKey(jwk)] as const,
  );
  return new Map(await Promise.all(entries));
}

async function kids(sandbox: Sandbox): Promise<string[]> {
  return [...(await keySet(sandbox.send)).keys()];
}

async function balanceJws(account: TestAccount): Promise<UncheckedJws> {
  const { body } = await account.call('GET', '/v1/account');
  return readBalance(String(body.balance)).jws;
}

const auditOf = async ({ file }: Sandbox) => (await auditDatabase(file)).findings;

test('a new key is published at once and signs ten minutes later', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const [first] = await kids(sandbox);
  const { kid } = await rotate(sandbox);
  await sandbox.context.keys.refresh();
  expect(await kids(sandbox)).toEqual([kid, first]);
  sandbox.time.nowMs += 10 * MINUTE_MS - 1000;
  expect((await balanceJws(reader)).kid).toBe(first);
  sandbox.time.nowMs += 1000;
  expect((await balanceJws(reader)).kid).toBe(kid);
  await checkJwsByKid(await balanceJws(reader), await keySet(sandbox.send));
});

test('what was signed before verifies after, until the former key leaves the set', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const { reply } = await askForPurse(await sandbox.reader(), { payto, amountMicros: 50_000n });
  const { jws } = readCertificate(String(reply.body.certificate));
  const { kid } = await rotate(sandbox);
  sandbox.time.nowMs += 10 * MINUTE_MS + 375 * DAY_MS - 1000;
  await checkJwsByKid(jws, await keySet(sandbox.send));
  sandbox.time.nowMs += 1000;
  expect(await kids(sandbox)).toEqual([kid]);
  await expect(checkJwsByKid(jws, await keySet(sandbox.send))).rejects.toMatchObject({
    code: 'jws_key_unknown',
  });
});

test('the audit knows every key that ever signed', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  await topUp(reader, 5_000_000n);
  await askForPurse(reader, { payto, amountMicros: 50_000n });
  const headKid = async () =>
    readHead((await readSetting(sandbox.context.database, 'journal_head')) ?? '').jws.kid;
  const before = await headKid();
  const { kid } = await rotate(sandbox);
  await sandbox.context.keys.refresh();
  sandbox.time.nowMs += 400 * DAY_MS;
  expect([await headKid(), await auditOf(sandbox)]).toEqual([before, []]);
  await topUp(reader, 1_000_000n);
  expect([await headKid(), await auditOf(sandbox)]).toEqual([kid, []]);
});

test('another process tells of it at once, and signs by it once it has looked', async () => {
  const sandbox = await useSandbox();
  const { context } = sandbox;
  const database = await openDatabase(sandbox.file, 'write');
  onTestFinished(() => database.destroy());
  const other = await openContext({ ...context, database });
  const { kid } = await rotate(sandbox);
  const { fetch } = createApp(other);
  const told = await keySet(async (url, init) => fetch(new Request(url, init)));
  expect([...told.keys()]).toContain(kid);
  sandbox.time.nowMs += 10 * MINUTE_MS;
  expect(other.keys.signer().kid).not.toBe(kid);
  await other.keys.refresh();
  expect(other.keys.signer().kid).toBe(kid);
});

test('one at a time, and eight in the set', async () => {
  const sandbox = await useSandbox();
  for (let n = 1; n < 8; n++) {
    await rotate(sandbox);
    await expect(rotate(sandbox)).rejects.toMatchObject({ code: 'option_invalid' });
    sandbox.time.nowMs += 10 * MINUTE_MS;
  }
  await expect(rotate(sandbox)).rejects.toThrow(/8 keys are in the set/);
  expect(await kids(sandbox)).toHaveLength(8);
  sandbox.time.nowMs += 375 * DAY_MS;
  const { kid } = await rotate(sandbox);
  expect((await kids(sandbox))[0]).toBe(kid);
});

test('a running service, a shop and a wallet go over to it without a restart', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const provider = await startProvider({ dataDir: temporaryFolder(), port: 0 });
  onTestFinished(() => provider.close());
  const shop = await startShop(provider.issuer, { handle: 'daily' });
  onTestFinished(() => shop.close());
  const reader = makeReader();
  await reader.wallet.open(new URL(provider.issuer).host);
  const buy = async (path: string) => {
    const decision = await reader.wallet.press(pressOn(shop.origin, path, { payto: shop.payto }));
    if (decision.kind !== 'ask') throw new TypeError(`not asked: ${decision.kind}`);
    const { kind } = await reader.wallet.pay({ askId: decision.ask.id, remember: false });
    return kind;
  };
  expect(await buy('/articles/a')).toBe('paid');
  const database = await openDatabase(provider.databaseFile, 'write');
  onTestFinished(() => database.destroy());
  const { kid } = await rotateKey(database, Math.floor(Date.now() / 1000));
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  const signedBy = async () => {
    const answer = await fetch(`${provider.issuer}/v1/sellers/daily`);
    const { record } = (await answer.json()) as { record: string };
    return JSON.parse(Buffer.from(record.split('.')[0] ?? '', 'base64url').toString()).kid;
  };
  await expect.poll(signedBy).toBe(kid);
  reader.requests.length = 0;
  // The purse that the former key signed is still good there; the next one is by the new key.
  expect(await buy('/articles/b')).toBe('paid');
  for (const path of ['c', 'd', 'e', 'f', 'g']) expect(await buy(`/articles/${path}`)).toBe('paid');
  const certificates = (await reader.ports.store.purses.all()).map((it) => it.certificate ?? '');
  expect(certificates.map((it) => readCertificate(it).jws.kid)).toContain(kid);
  expect(reader.requests).toContain('GET /.well-known/jwks.json');
  expect((await auditDatabase(provider.databaseFile)).findings).toEqual([]);
});
