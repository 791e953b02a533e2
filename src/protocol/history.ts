/**
 * The history copy (SPEC 9.19): what a reader's devices keep at the provider, which can read none
 * of it. Each chunk is sealed under its account, device and place: one that is cut, changed, put
 * in another's place or in another account does not open.
 */
import { utf8, utf8Text } from './base64url.ts';
import { refuseAs } from './errors.ts';
import { type Sealing, seal, unseal } from './recovery.ts';

/** Where a chunk stands. */
export interface ChunkPlace {
  readonly account: string;
  /** The thumbprint of the key of the device that wrote it. */
  readonly device: string;
  /** The device's chunks are counted from 1. */
  readonly place: number;
}

/** Lengths are filled up to a whole number of these: a title's length is nobody's business. */
const FILL_BYTES = 1024;
/** SPEC 11. */
export const CHUNK_LENGTH_MAX = 65_536;
/** What fits into a chunk, before it is sealed and written in base64url. */
export const CHUNK_TEXT_BYTES_MAX = 47 * FILL_BYTES;

function nameOf({ account, device, place }: ChunkPlace): string {
  return `farthing/history/1|${account}|${device}|${place}`;
}

/** Seals the JSON text of a chunk. @param text at most `CHUNK_TEXT_BYTES_MAX` bytes of UTF-8 */
export function sealChunk(
  text: string,
  place: ChunkPlace,
  { key, iv }: Omit<Sealing, 'name'>,
): Promise<string> {
  const bytes = utf8(text);
  if (bytes.length > CHUNK_TEXT_BYTES_MAX) throw new TypeError('The chunk is too large');
  const filled = new Uint8Array(Math.ceil(bytes.length / FILL_BYTES) * FILL_BYTES).fill(0x20);
  filled.set(bytes);
  return seal(filled, { key, iv, name: nameOf(place) });
}

/**
 * The JSON text of a chunk, without what fills it up.
 * @throws FarthingError `history_damaged`
 */
export async function openChunk(chunk: string, place: ChunkPlace, key: CryptoKey): Promise<string> {
  const bytes = await unseal(chunk, { key, name: nameOf(place) });
  return refuseAs('history_damaged', () => utf8Text(bytes)).trimEnd();
}
