/**
 * Copies what changed to the provider, sealed (SPEC 9.19). Each chunk is stored before it is sent,
 * with its id: it can die on any line, and what was sent twice is kept once.
 */
import { encodeBase64url, sha256, utf8 } from '../../protocol/base64url.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { CHUNK_TEXT_BYTES_MAX, sealChunk } from '../../protocol/history.ts';
import { thumbprint } from '../../protocol/key.ts';
import { importAesKey } from '../../protocol/recovery.ts';
import { isAbout } from '../history/forgetting.ts';
import type { Tables, WalletPorts } from '../ports.ts';
import type { Account, CopyMark, HistoryCopy, Outbox, Payment } from '../rows.ts';
import { COMING_MS } from '../undo/undone.ts';
import { DAILY_LIMIT_MICROS, requireActive } from './accounts.ts';
import { type ChunkContent, type PaymentEntry, paymentEntry, sellerEntry } from './chunk.ts';
import { type DeviceClient, deviceClientOf } from './deviceclient.ts';
import { readKeep } from './keeps.ts';

/** By then nothing changes any more about a payment: what was undone is back, or nobody knows. */
const SETTLED_MS = COMING_MS + 86_400_000;

/** A short name of what was copied: what has the same one need not be copied again. */
async function digestOf(entry: object): Promise<string> {
  return encodeBase64url(await sha256(utf8(JSON.stringify(entry))));
}

/** One thing to copy: its mark, and what it adds to a chunk. */
interface Item {
  readonly mark: CopyMark;
  readonly add: (content: ChunkContent) => ChunkContent;
}

/**
 * The mark of a word of the reader's: of then, where it is what was said before. A new one is later
 * than what it replaces, also where the clock that this was said by was ahead.
 */
async function wordMark({ store, now }: WalletPorts, key: string, word: object): Promise<CopyMark> {
  const digest = await digestOf(word);
  const known = await store.marks.get(key);
  if (known?.digest === digest) return { key, digest, atMs: known.atMs };
  return { key, digest, atMs: Math.max(now(), (known?.atMs ?? 0) + 1) };
}

async function certificateOf({ purses }: Tables, { charge, elsewhere }: Payment) {
  return elsewhere?.certificate ?? (await purses.get(charge?.purse ?? ''))?.certificate;
}

async function paymentItem(
  tables: Tables,
  payment: Payment,
  entry: PaymentEntry,
): Promise<Item | undefined> {
  const certificate = await certificateOf(tables, payment);
  const purse = payment.charge?.purse;
  if (certificate === undefined || purse === undefined) return undefined;
  const { id, atMs } = payment;
  return {
    mark: { key: `payment ${id}`, digest: await digestOf(entry), atMs },
    add: (content) => ({
      ...content,
      payments: [...content.payments, entry],
      purses: { ...content.purses, [purse]: certificate },
    }),
  };
}

async function* items(ports: WalletPorts, copy: HistoryCopy, account: Account) {
  const { store } = ports;
  const limit = { amount: `${account.dailyLimitMicros}` };
  // What nobody has chosen is nobody's word, and overrides none.
  if (account.dailyLimitMicros !== DAILY_LIMIT_MICROS || (await store.marks.get('limit'))) {
    const mark = await wordMark(ports, 'limit', limit);
    yield {
      mark,
      add: (content: ChunkContent) => ({ ...content, limit: { ...limit, at: mark.atMs } }),
    };
  }
  for (const seller of await store.sellers.all()) {
    const entry = sellerEntry(seller);
    const key = `seller ${seller.payto}`;
    if (entry.rules.length === 0 && !(await store.marks.get(key))) continue;
    const mark = await wordMark(ports, key, entry);
    yield {
      mark,
      add: (content: ChunkContent) => ({
        ...content,
        sellers: [...content.sellers, { ...entry, at: mark.atMs }],
      }),
    };
  }
  const wishes = (await readKeep(store, 'forgetting'))?.wishes ?? [];
  for (const payment of await store.payments.since(copy.sinceMs)) {
    // What goes as soon as it can is nothing to bring back.
    if (wishes.some((wish) => isAbout(payment, wish))) continue;
    const entry = paymentEntry(payment);
    const item = entry && (await paymentItem(store, payment, entry));
    if (item) yield item;
  }
}

async function isCopied({ marks }: Tables, { key, digest }: CopyMark): Promise<boolean> {
  const known = await marks.get(key);
  return known?.digest === digest && !known.isErased;
}

/** What is not copied yet, as much of it as a chunk holds. */
async function gather(ports: WalletPorts, copy: HistoryCopy, account: Account) {
  let content: ChunkContent = { first: copy.first, payments: [], purses: {}, sellers: [] };
  const marks: CopyMark[] = [];
  for await (const item of items(ports, copy, account)) {
    if (await isCopied(ports.store, item.mark)) continue;
    const more = item.add(content);
    if (utf8(JSON.stringify(more)).length > CHUNK_TEXT_BYTES_MAX) break;
    content = more;
    marks.push(item.mark);
  }
  return { content, marks };
}

/** Everything is copied: older payments need not be looked at again. */
async function noteComplete({ store, now }: WalletPorts): Promise<void> {
  const pending = await store.payments.pending();
  const sinceMs = Math.min(now() - SETTLED_MS, ...pending.map(({ atMs }) => atMs));
  await store.transaction(async ({ keeps }) => {
    const copy = await readKeep({ keeps }, 'copy');
    if (copy) await keeps.put({ ...copy, sinceMs });
  });
}

/** The next chunk, stored before it is sent; undefined where there is nothing to copy. */
async function fillOutbox(
  ports: WalletPorts,
  copy: HistoryCopy,
  account: Account,
): Promise<Outbox | undefined> {
  const { content, marks } = await gather(ports, copy, account);
  if (marks.length === 0) return undefined;
  const place = copy.place + 1;
  const device = await thumbprint(account.device.jwk);
  const key = await importAesKey(copy.historyKey);
  const where = { account: account.id, device, place };
  const text = JSON.stringify(content);
  const chunk = await sealChunk(text, where, { key, iv: ports.random(12) });
  const id = encodeBase64url(ports.random(16));
  const outbox: Outbox = { key: 'outbox', id, place, chunk, marks };
  await ports.store.keeps.put(outbox);
  return outbox;
}

async function noteSent({ store }: WalletPorts, { place, marks: sent }: Outbox): Promise<void> {
  await store.transaction(async ({ keeps, marks }) => {
    const copy = await readKeep({ keeps }, 'copy');
    await keeps.remove('outbox');
    if (!copy) return;
    for (const mark of sent) await marks.put(mark);
    await keeps.put({ ...copy, place: Math.max(copy.place, place) });
  });
}

/**
 * Forgets what was copied, so that all of it is copied anew. When the reader said something is
 * kept: said again as of now it would override what another device has heard since.
 */
export async function forgetMarks({ marks, keeps }: Tables): Promise<void> {
  await keeps.remove('outbox');
  const all = (await marks.all()).filter(({ key }) => !key.startsWith('forgotten '));
  const isPayment = ({ key }: CopyMark) => key.startsWith('payment ');
  await marks.removeAll(all.filter(isPayment).map(({ key }) => key));
  const words = all.filter((mark) => !isPayment(mark));
  await marks.putAll(words.map((mark) => ({ ...mark, isErased: true })));
}

/**
 * The provider counts otherwise: it was restored from a backup, or this profile was. Its count
 * holds, and everything is copied once more: what is there twice is read once.
 */
async function countAgain(ports: WalletPorts, client: DeviceClient, account: Account) {
  const { devices } = await client.list();
  const kid = await thumbprint(account.device.jwk);
  const place = devices.find((it) => it.kid === kid)?.place ?? 0;
  await ports.store.transaction(async (tables) => {
    const copy = await readKeep(tables, 'copy');
    await forgetMarks(tables);
    const first = Math.min(copy?.first ?? 1, place + 1);
    if (copy) await tables.keeps.put({ ...copy, place, first, sinceMs: 0 });
  });
}

async function noteFull({ store }: WalletPorts): Promise<void> {
  await store.transaction(async ({ keeps }) => {
    const copy = await readKeep({ keeps }, 'copy');
    await keeps.remove('outbox');
    if (copy) await keeps.put({ ...copy, state: 'full' });
  });
}

/** The copy's end, where that was asked for (see `endCopy`). */
async function finishErasing(ports: WalletPorts, client: DeviceClient): Promise<void> {
  const erasing = await readKeep(ports.store, 'erasing');
  if (!erasing) return;
  await client.erase(erasing.id);
  await ports.store.transaction(async (tables) => {
    const copy = await readKeep(tables, 'copy');
    await tables.keeps.remove('erasing');
    // What was on its way when the end was wished for is no part of the copy either.
    await forgetMarks(tables);
    if (copy) await tables.keeps.put({ ...copy, first: copy.place + 1, sinceMs: 0 });
  });
}

/** Copies everything that is not copied. @throws FarthingError the provider's codes */
export async function backUp(ports: WalletPorts): Promise<void> {
  const account = await requireActive(ports);
  const client = deviceClientOf(ports, account);
  await finishErasing(ports, client);
  for (let isCounted = false; ; ) {
    const copy = await readKeep(ports.store, 'copy');
    if (copy?.state !== 'on') return;
    const waiting = await readKeep(ports.store, 'outbox');
    const outbox = waiting ?? (await fillOutbox(ports, copy, await requireActive(ports)));
    if (!outbox) return noteComplete(ports);
    const { id, place, chunk } = outbox;
    try {
      await client.addChunk({ id, place, chunk });
      await noteSent(ports, outbox);
    } catch (error) {
      if (!(error instanceof FarthingError)) throw error;
      if (error.code === 'history_full') return noteFull(ports);
      if (error.code !== 'history_gap' || isCounted) throw error;
      isCounted = true;
      await countAgain(ports, client, account);
    }
  }
}

/** Begins the copy again, or ends it and has it erased; what is on its way is dropped. */
export async function setCopy(ports: WalletPorts, state: 'on' | 'off'): Promise<void> {
  const id = encodeBase64url(ports.random(16));
  await ports.store.transaction(async (tables) => {
    const copy = await readKeep(tables, 'copy');
    if (!copy) return;
    await tables.keeps.put({ ...copy, state });
    if (state === 'on') return;
    await forgetMarks(tables);
    await tables.keeps.put({ key: 'erasing', id });
  });
  ports.changed();
}
