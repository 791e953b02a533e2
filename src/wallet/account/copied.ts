/**
 * Reads what the account's other devices have copied (SPEC 9.19): a chunk at a time, each with what
 * it brings in one transaction. One that does not open is left out and counted.
 */
import type { HistoryChunk } from '../../protocol/api.ts';
import { encodeBase64url, sha256, utf8 } from '../../protocol/base64url.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { openChunk } from '../../protocol/history.ts';
import { thumbprint } from '../../protocol/key.ts';
import { importAesKey } from '../../protocol/recovery.ts';
import type { Tables, WalletPorts } from '../ports.ts';
import type { CopyMark, HistoryCopy, Payment, Seller } from '../rows.ts';
import { requireActive } from './accounts.ts';
import {
  paymentEntry,
  type ReadChunk,
  type ReadSeller,
  readChunkContent,
  sellerEntry,
} from './chunk.ts';
import { deviceClientOf } from './deviceclient.ts';
import { readKeep } from './keeps.ts';

/** More than an account's copy can have. */
const PAGE_COUNT_MAX = 1000;

interface Opened {
  readonly chunk: HistoryChunk;
  /** Undefined where it does not open, or is not what a wallet writes. */
  readonly content: ReadChunk | undefined;
  readonly marks: ReadonlyMap<string, CopyMark>;
}

async function markOf(key: string, entry: object | undefined, atMs: number) {
  const digest = encodeBase64url(await sha256(utf8(JSON.stringify(entry))));
  return [key, { key, digest, atMs }] as const;
}

/** The marks of what was read: what came from the copy need not go there. */
async function marksOf({ payments, sellers, limit }: ReadChunk, provider: string) {
  return new Map(
    await Promise.all([
      ...payments.map((it) => markOf(`payment ${it.id}`, paymentEntry(it), it.atMs)),
      ...sellers.map((it) =>
        markOf(`seller ${it.payto}`, sellerEntry(strangerOf(it, provider)), it.at),
      ),
      ...(limit ? [markOf('limit', { amount: `${limit.amount}` }, limit.at)] : []),
    ]),
  );
}

async function open(
  chunk: HistoryChunk,
  { account, key, provider }: { account: string; key: CryptoKey; provider: string },
): Promise<Opened> {
  const { device, place } = chunk;
  try {
    const text = await openChunk(chunk.chunk, { account, device, place }, key);
    const content = readChunkContent(text);
    return { chunk, content, marks: await marksOf(content, provider) };
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    return { chunk, content: undefined, marks: new Map() };
  }
}

/** A seller that this device has not met: its record is fetched before anything is paid there. */
function strangerOf({ payto, name, origins, rules }: ReadSeller, provider: string): Seller {
  const record = { iss: provider, sub: payto, name, origins, keys: [], iat: 0, exp: 0 };
  return { payto, record, fetchedAtMs: 0, rules };
}

/** What this device bought itself it knows better; what it was to forget it does not hear again. */
async function bookPayment({ payments, marks }: Tables, read: Payment, mark?: CopyMark) {
  if (await marks.get(`forgotten ${read.id}`)) return;
  const known = await payments.get(read.id);
  // Nobody takes back that it was undone, nor that its money is there.
  const isMore = (!known?.undo && read.undo) || (!known?.undo?.isBack && read.undo?.isBack);
  if (known && !(known.elsewhere && isMore)) return;
  await payments.put(read);
  if (mark) await marks.put(mark);
}

/**
 * Of two words of the reader the later one holds, whichever device heard it; of two that are said
 * to be of one moment the same one on each device.
 */
async function isLater({ marks }: Tables, mark: CopyMark | undefined): Promise<boolean> {
  const known = mark && (await marks.get(mark.key));
  if (!mark || !known) return mark !== undefined;
  return known.atMs === mark.atMs ? known.digest < mark.digest : known.atMs < mark.atMs;
}

async function bookSeller(tables: Tables, stranger: Seller, mark: CopyMark | undefined) {
  if (!mark || !(await isLater(tables, mark))) return;
  const known = await tables.sellers.get(stranger.payto);
  await tables.sellers.put(known ? { ...known, rules: stranger.rules } : stranger);
  await tables.marks.put(mark);
}

async function bookLimit(tables: Tables, limit: ReadChunk['limit'], mark: CopyMark | undefined) {
  const account = await tables.account.get('account');
  if (!limit || !mark || !account || !(await isLater(tables, mark))) return;
  await tables.account.put({ ...account, dailyLimitMicros: limit.amount });
  await tables.marks.put(mark);
}

/** How many of the device's chunks before this one are not there. */
function missingBefore(copy: HistoryCopy, { chunk, content }: Opened): number {
  const last = copy.read[chunk.device] ?? 0;
  const expected = Math.max(last + 1, content?.first ?? 0);
  const isFirst = copy.read[chunk.device] === undefined;
  if (isFirst && !content) return 0;
  return Math.max(0, chunk.place - expected);
}

function afterChunk(copy: HistoryCopy, opened: Opened): HistoryCopy {
  const { device, number, place } = opened.chunk;
  const damaged = copy.damaged + missingBefore(copy, opened) + (opened.content ? 0 : 1);
  const read = { ...copy.read, [device]: Math.max(copy.read[device] ?? 0, place) };
  return { ...copy, after: number, read, damaged };
}

async function book({ store }: WalletPorts, opened: Opened, provider: string): Promise<void> {
  const { content, marks, chunk } = opened;
  await store.transaction(async (tables) => {
    const copy = await readKeep(tables, 'copy');
    if (!copy || copy.after >= chunk.number) return;
    for (const payment of content?.payments ?? [])
      await bookPayment(tables, payment, marks.get(`payment ${payment.id}`));
    for (const seller of content?.sellers ?? [])
      await bookSeller(tables, strangerOf(seller, provider), marks.get(`seller ${seller.payto}`));
    await bookLimit(tables, content?.limit, marks.get('limit'));
    await tables.keeps.put(afterChunk(copy, opened));
  });
}

async function pass({ store }: WalletPorts, { number }: HistoryChunk): Promise<void> {
  await store.transaction(async ({ keeps }) => {
    const copy = await readKeep({ keeps }, 'copy');
    if (copy && copy.after < number) await keeps.put({ ...copy, after: number });
  });
}

/**
 * Reads what is new in the copy; goes on where it was. @throws FarthingError the provider's codes
 */
export async function readCopy(ports: WalletPorts): Promise<void> {
  const account = await requireActive(ports);
  const client = deviceClientOf(ports, account);
  const own = await thumbprint(account.device.jwk);
  for (let page = 0; page < PAGE_COUNT_MAX; page++) {
    const copy = await readKeep(ports.store, 'copy');
    if (!copy || copy.state === 'off') return;
    const { chunks, more } = await client.chunksAfter(copy.after);
    const key = await importAesKey(copy.historyKey);
    const { provider } = account;
    for (const chunk of chunks) {
      if (chunk.device === own) await pass(ports, chunk);
      else await book(ports, await open(chunk, { account: account.id, key, provider }), provider);
    }
    if (chunks.length > 0) ports.changed();
    if (!more || chunks.length === 0) return;
  }
}
