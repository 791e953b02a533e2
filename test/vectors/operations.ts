/** What each vector file runs: the operation's name → what it does with one input. */
import { decodeBase64url, encodeBase64url } from '../../src/protocol/base64url.ts';
import { readCertificate } from '../../src/protocol/certificate.ts';
import {
  decodeOpaque,
  encodeOpaque,
  formatChallenge,
  importHmacKey,
  isGenuine,
  parseChallenges,
  readChallenge,
} from '../../src/protocol/challenge.ts';
import { bindingOf, readCharge, readSealedOpening } from '../../src/protocol/charge.ts';
import { readClose, readFinal } from '../../src/protocol/close.ts';
import { formatCredential, parseCredential } from '../../src/protocol/credential.ts';
import {
  readBalance,
  readJwks,
  readOriginProof,
  readProviderRecord,
  readSellerRecord,
} from '../../src/protocol/documents.ts';
import { formatDuration, parseDuration } from '../../src/protocol/duration.ts';
import { FarthingError } from '../../src/protocol/errors.ts';
import type { OfferFields } from '../../src/protocol/fields.ts';
import { openChunk } from '../../src/protocol/history.ts';
import { checkItem, defaultItem } from '../../src/protocol/item.ts';
import { checkJws, checkJwsByKid, type UncheckedJws } from '../../src/protocol/jws.ts';
import { importPublicKey, type PublicJwk, thumbprint } from '../../src/protocol/key.ts';
import { microsMember, parsePrice, parsePriceList } from '../../src/protocol/money.ts';
import { readOffer } from '../../src/protocol/offer.ts';
import { openPass, passName } from '../../src/protocol/pass.ts';
import { parsePayto } from '../../src/protocol/payto.ts';
import { readProof } from '../../src/protocol/proof.ts';
import {
  formatReceiptHeader,
  parseReceiptHeader,
  readReceipt,
} from '../../src/protocol/receipt.ts';
import { historyKeyName, importAesKey, recoveryKeys, unseal } from '../../src/protocol/recovery.ts';
import { decodeTerms } from '../../src/protocol/request.ts';
import { readShow } from '../../src/protocol/show.ts';
import { readStatement } from '../../src/protocol/statement.ts';
import { readSync } from '../../src/protocol/sync.ts';
import { encodeTerms } from '../../src/protocol/terms.ts';
import { readRefundNote, readUndo } from '../../src/protocol/undo.ts';
import { readWords, writeWords } from '../../src/protocol/words.ts';

interface Signed {
  readonly token: string;
  readonly keys: readonly PublicJwk[];
}

/** Checks by `kid` among `keys`, each under its thumbprint; answers the claims. */
async function checked<T>(
  { claims, jws }: { claims: T; jws: UncheckedJws },
  keys: readonly PublicJwk[],
): Promise<T> {
  const named = keys.map(
    async (key) => [await thumbprint(key), await importPublicKey(key)] as const,
  );
  await checkJwsByKid(jws, new Map(await Promise.all(named)));
  return claims;
}

/** The inverse must give the input back; a vector that says *ok* says that too. */
function inverse<T>(written: string, read: string, result: T): T {
  if (written !== read) throw new TypeError(`wrote ${written} for ${read}`);
  return result;
}

async function certificate({ token, keys }: Signed) {
  const claims = await checked(readCertificate(token), keys);
  await importPublicKey(claims.cnf.jwk);
  return claims;
}

/** What the purse key signs. */
function byPurse<T>(read: (token: string) => { claims: T; jws: UncheckedJws }) {
  return async ({ token, key }: { token: string; key: PublicJwk }) => {
    const { claims, jws } = read(token);
    await checkJws(jws, await importPublicKey(key));
    return claims;
  };
}

async function identity({ token, keys }: Signed) {
  const receipt = readReceipt(token);
  await checked(receipt, keys);
  return receipt.jws.signingInput;
}

async function proof({ token }: { token: string }) {
  const { claims, jwk, jws } = readProof(token);
  await checkJws(jws, await importPublicKey(jwk));
  return claims;
}

async function challengeId({ secret, challenge }: { secret: string; challenge: unknown }) {
  const key = await importHmacKey(new TextEncoder().encode(secret));
  if (await isGenuine(readChallenge(challenge), key)) return true;
  throw new FarthingError('challenge_unknown', 'the id is not that of the parameters');
}

async function pass({ secret, token }: { secret: string; token: string }) {
  const key = await importHmacKey(new TextEncoder().encode(secret));
  const opened = await openPass(token, key);
  return opened && { pass: opened, name: await passName(opened.origin, opened.item) };
}

function credential(header: string) {
  const read = parseCredential(header);
  return read && parseCredential(formatCredential(read));
}

function receiptHeader(value: string) {
  const receipt = parseReceiptHeader(value);
  return inverse(formatReceiptHeader(receipt), value, receipt.claims);
}

async function words(text: string) {
  const secret = await readWords(text);
  return { secret: encodeBase64url(secret), words: await writeWords(secret) };
}

async function recovery({ secret, account, sealed }: Record<string, string>) {
  const { signing, seal } = await recoveryKeys(decodeBase64url(secret ?? ''));
  const name = historyKeyName(account ?? '');
  const historyKey = encodeBase64url(await unseal(sealed ?? '', { key: seal, name }));
  return { jwk: signing.jwk, kid: signing.kid, historyKey };
}

interface ChunkInput {
  readonly key: string;
  readonly account: string;
  readonly device: string;
  readonly place: number;
  readonly chunk: string;
}

async function chunk({ key, chunk: sealed, ...place }: ChunkInput) {
  return openChunk(sealed, place, await importAesKey(decodeBase64url(key)));
}

const READERS = {
  certificate: readCertificate,
  charge: readCharge,
  receipt: readReceipt,
  show: readShow,
  sync: readSync,
  undo: readUndo,
  refund: readRefundNote,
  close: readClose,
  final: readFinal,
  provider: readProviderRecord,
  seller: readSellerRecord,
  balance: readBalance,
  statement: readStatement,
  proof: readProof,
};

interface OfferInput {
  readonly fields: OfferFields;
  readonly href: string;
  readonly title: string;
}

const OPERATIONS = {
  price: parsePrice,
  priceList: parsePriceList,
  amount: microsMember,
  payto: parsePayto,
  duration: (text: string) => {
    const durationSec = parseDuration(text);
    return { durationSec, canonical: formatDuration(durationSec) };
  },
  item: (url: string) => defaultItem(new URL(url)),
  itemName: checkItem,
  offer: ({ fields, href, title }: OfferInput) => readOffer(fields, href, title),
  request: (text: string) => {
    const terms = decodeTerms(text);
    return inverse(encodeTerms(terms), text, terms);
  },
  opaque: (text: string) => {
    const data = decodeOpaque(text);
    return inverse(encodeOpaque(data), text, data);
  },
  challengeHeader: parseChallenges,
  challengeFormat: formatChallenge,
  challengeId,
  credential,
  certificate,
  charge: byPurse(readCharge),
  binding: ({ opening, salt }: { opening: unknown; salt: unknown }) =>
    bindingOf(readSealedOpening(opening, salt)),
  show: byPurse(readShow),
  sync: byPurse(readSync),
  undo: byPurse(readUndo),
  close: byPurse(readClose),
  refund: async ({ token, keys }: Signed) => checked(readRefundNote(token), keys),
  final: async ({ token, keys }: Signed) => checked(readFinal(token), keys),
  receipt: async ({ token, keys }: Signed) => checked(readReceipt(token), keys),
  receiptHeader,
  pass,
  proof,
  provider: async ({ token, keys }: Signed) => checked(readProviderRecord(token), keys),
  seller: async ({ token, keys }: Signed) => checked(readSellerRecord(token), keys),
  balance: async ({ token, keys }: Signed) => checked(readBalance(token), keys),
  statement: async ({ token, keys }: Signed) => checked(readStatement(token), keys),
  words,
  recovery,
  chunk,
  jwks: readJwks,
  origin: readOriginProof,
  identity,
  type: ({ wanted, token }: { wanted: keyof typeof READERS; token: string }) =>
    READERS[wanted](token),
};

/** As JSON has it: amounts as texts, absent members absent. */
function plain(value: unknown): unknown {
  const text = JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'bigint' ? `${member}` : member,
  );
  return text === undefined ? undefined : JSON.parse(text);
}

/** Runs `operation` and answers what a vector says of it. */
export async function outcome(
  operation: string,
  input: unknown,
): Promise<{ expect: string; output?: unknown }> {
  const run = (OPERATIONS as Record<string, ((input: never) => unknown) | undefined>)[operation];
  if (!run) throw new TypeError(`There is no operation "${operation}"`);
  try {
    const output = plain(await run(input as never));
    return output === undefined ? { expect: 'none' } : { expect: 'ok', output };
  } catch (error) {
    if (error instanceof FarthingError) return { expect: error.code };
    throw error;
  }
}
