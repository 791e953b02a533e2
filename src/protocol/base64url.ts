/**
 * Base64url without padding (RFC 4648 section 5), strictly: only the one spelling that the encoder
 * writes is read. `Buffer.from` and `atob` accept sixteen spellings of the last character (SPEC
 * 5.3).
 */
import { digest, fromBase64url, toBase64url, toUtf8 } from '#crypto';
import { FarthingError } from './errors.ts';

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of `text`. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return toUtf8(text);
}

/**
 * Text of UTF-8 `bytes`.
 * @throws FarthingError `encoding_not_canonical` on bytes that are not UTF-8
 */
export function utf8Text(bytes: Uint8Array): string {
  try {
    return utf8Decoder.decode(bytes);
  } catch {
    throw new FarthingError('encoding_not_canonical', 'not UTF-8');
  }
}

/** Encodes bytes, e.g. `[255, 239]` → `_-8`. */
export function encodeBase64url(bytes: Uint8Array): string {
  return toBase64url(bytes);
}

/**
 * Decodes the one canonical spelling.
 * @throws FarthingError `encoding_not_canonical`
 */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64url(text);
  if (bytes) return bytes;
  throw new FarthingError('encoding_not_canonical', 'not canonical base64url');
}

/** SHA-256 of the concatenated parts. */
export async function sha256(...parts: Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return digest(joined);
}
