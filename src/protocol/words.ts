/**
 * A recovery code as words (SPEC 9.18), as BIP-39 has them: 16 bytes are 12 words of eleven bits,
 * the last of which ends in four bits of SHA-256. Wallets and people know this form, and a word
 * that was copied wrongly is said before anything is asked of anybody.
 */
import { sha256 } from './base64url.ts';
import { type ErrorCode, FarthingError } from './errors.ts';
import { WORDS } from './wordlist.ts';

/** How many words a code has. */
export const WORD_COUNT = 12;
const WORD_BITS = 11n;
const SECRET_BYTES = 16;
const CHECK_BITS = 4n;

function refuse(code: ErrorCode, detail: string): never {
  throw new FarthingError(code, detail);
}

async function checkOf(secret: Uint8Array<ArrayBuffer>): Promise<bigint> {
  const [first = 0] = await sha256(secret);
  return BigInt(first) >> CHECK_BITS;
}

/**
 * Writes a code.
 * @param secret 16 bytes
 * @example writeWords(new Uint8Array(16)) // 'abandon abandon … about'
 */
export async function writeWords(secret: Uint8Array<ArrayBuffer>): Promise<string> {
  if (secret.length !== SECRET_BYTES) throw new TypeError('A code has 16 bytes');
  const number = secret.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const bits = (number << CHECK_BITS) | (await checkOf(secret));
  const wordAt = (place: number) => {
    const index = (bits >> (WORD_BITS * BigInt(WORD_COUNT - 1 - place))) & 2047n;
    return WORDS[Number(index)];
  };
  return Array.from({ length: WORD_COUNT }, (_, place) => wordAt(place)).join(' ');
}

function indexOf(word: string, place: number): bigint {
  const index = WORDS.indexOf(word);
  // The word itself is never in a message: it is a part of the secret.
  if (index < 0) refuse('words_unknown', `word ${place + 1} is not one of the list`);
  return BigInt(index);
}

/**
 * Reads a code as a person types it: in any case, with any white space between the words.
 * @throws FarthingError `words_count`, `words_unknown` (naming its place), `words_checksum`
 */
export async function readWords(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const typed = text.normalize('NFKD').toLowerCase().split(/\s+/).filter(Boolean);
  if (typed.length !== WORD_COUNT)
    refuse('words_count', `there are ${typed.length} words, not ${WORD_COUNT}`);
  const bits = typed.reduce((sum, word, place) => (sum << WORD_BITS) | indexOf(word, place), 0n);
  const number = bits >> CHECK_BITS;
  const secret = Uint8Array.from({ length: SECRET_BYTES }, (_, index) =>
    Number((number >> BigInt(8 * (SECRET_BYTES - 1 - index))) & 255n),
  );
  if ((bits & 15n) !== (await checkOf(secret)))
    refuse('words_checksum', 'one of the words is another one, or two have changed places');
  return secret;
}
