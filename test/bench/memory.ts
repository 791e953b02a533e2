/**
 * What a provider that runs for long keeps in memory: 100,000 collections over HTTP to a service in
 * a process of its own, which says now and then what it holds after its garbage is collected.
 * `npm run bench -- memory`; it takes some minutes, and nothing is asserted.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  askForPurse,
  chargeOf,
  collect,
  makeAccount,
  openAccount,
  type TestAccount,
  topUp,
} from '../support/account.ts';
import { randomId } from '../support/payer.ts';
import type { Held } from './service.ts';

const COLLECTION_COUNT = 100_000;
const REPORT_COUNT = 10_000;
const AT_ONCE = 25;
const SCRIPT = join(import.meta.dirname, 'service.ts');
const MB = 2 ** 20;

interface Buyer {
  readonly payto: string;
  readonly seller: TestAccount;
  readonly purse: Awaited<ReturnType<typeof askForPurse>>;
}

/** A reader with a purse at a seller of its own: a seller writes only so often in a day. */
async function makeBuyer(service: ChildProcess, issuer: string, index: number): Promise<Buyer> {
  const handle = `news${index}`;
  const payto = `${handle}@${new URL(issuer).host}`;
  const origin = `http://${handle}.localhost:8080`;
  const seller = await makeAccount(issuer, fetch);
  const keys = [seller.device.jwk];
  service.send({ origin, proof: { account: seller.device.kid, paytos: [payto], keys } });
  const registration = { id: randomId(), handle, name: 'News', origins: [origin], keys };
  const { status, text } = await seller.call('POST', '/v1/sellers', registration);
  if (status !== 200) throw new Error(`not registered: ${text}`);
  const reader = await makeAccount(issuer, fetch);
  await openAccount(reader);
  await topUp(reader, 1_000_000n);
  const purse = await askForPurse(reader, { payto, amountMicros: 1_000_000n });
  return { payto, seller, purse };
}

/** The next charge of the purse, in a collection of its own. */
async function collectNext({ payto, seller, purse }: Buyer, seq: number): Promise<void> {
  const charges = [await chargeOf(purse, { seq, tot: BigInt(seq) })];
  const { status, text } = await collect(seller, { payto, charges });
  if (status !== 200 || !text.includes('"captured"')) throw new Error(`not collected: ${text}`);
}

/** Prints a row for each so many collections. */
export async function measureMemory(): Promise<void> {
  const service = fork(SCRIPT, { execArgv: ['--expose-gc'] });
  const [issuer] = (await once(service, 'message')) as [string];
  const buyers: Buyer[] = [];
  for (let index = 0; index < AT_ONCE; index++)
    buyers.push(await makeBuyer(service, issuer, index));
  const rows: ({ collections: number } & Held)[] = [];
  console.log('collections   heap used        rss');
  for (let seq = 1; seq <= COLLECTION_COUNT / AT_ONCE; seq++) {
    await Promise.all(buyers.map((buyer) => collectNext(buyer, seq)));
    const collections = seq * AT_ONCE;
    if (collections % REPORT_COUNT !== 0) continue;
    service.send('held');
    const [held] = (await once(service, 'message')) as [Held];
    rows.push({ collections, ...held });
    const [heap, rss] = [held.heapUsed, held.rss].map((bytes) => (bytes / MB).toFixed(1));
    console.log(
      `${String(collections).padStart(11)}  ${heap?.padStart(7)} MB  ${rss?.padStart(6)} MB`,
    );
  }
  service.disconnect();
  console.log(`\n${JSON.stringify({ memory: rows })}`);
}
