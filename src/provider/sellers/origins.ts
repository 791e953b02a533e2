/**
 * Proves that an origin belongs to a seller (SPEC 2.3) by reading `/.well-known/farthing.json` on
 * it. The address comes from a stranger: no redirects, little time, few bytes, and nothing inside
 * our network.
 */
import { lookup as dnsLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { readOriginProof } from '../../protocol/documents.ts';
import { FarthingError, refuseAs } from '../../protocol/errors.ts';
import { isLoopbackHost } from '../../protocol/payto.ts';
import { isPublicAddress } from './addresses.ts';

const PROOF_PATH = '/.well-known/farthing.json';
/** SPEC 2.3. */
const BODY_BYTES_MAX = 16_384;
/** A seller's server that is slower is not ready for readers. */
const TIMEOUT_MS = 5000;

/**
 * Reads the JSON at an origin's proof path; refuses with `origin_unproven` or `origin_not_allowed`.
 */
export type OriginReader = (origin: string) => Promise<unknown>;

function notAllowed(detail: string): FarthingError {
  return new FarthingError('origin_not_allowed', detail);
}

type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * A lookup that answers public addresses only. Names of this machine, which a sandbox registers,
 * are 127.0.0.1 whatever the resolver thinks (many know no `*.localhost`).
 */
export function publicLookup(resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    const answerWith = (addresses: LookupAddress[]) => {
      const [first] = addresses;
      if (options.all) callback(null, addresses);
      else callback(null, first?.address ?? '', first?.family);
    };
    if (isLoopbackHost(hostname)) return answerWith([{ address: '127.0.0.1', family: 4 }]);
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      if (addresses.every(({ address }) => isPublicAddress(address))) return answerWith(addresses);
      callback(notAllowed(`${hostname} is inside a private network`), []);
    });
  };
}

/** Refuses what needs no look at the network. */
function checkAddress({ protocol, hostname }: URL): void {
  const isLoopback = isLoopbackHost(hostname);
  if (protocol === 'http:' && !isLoopback)
    throw notAllowed('plain http only for localhost; use https');
  const literal = hostname.replace(/^\[|\]$/g, '');
  // A literal address never reaches the lookup.
  if (isIP(literal) !== 0 && !isLoopback && !isPublicAddress(literal))
    throw notAllowed(`${hostname} is inside a private network`);
}

async function readCapped(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  for await (const chunk of response) {
    byteCount += chunk.length;
    if (byteCount > BODY_BYTES_MAX)
      throw new FarthingError('origin_unproven', `${PROOF_PATH} is over 16 kB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function get(url: URL): Promise<IncomingMessage> {
  const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
  const options: RequestOptions = {
    agent: false,
    headers: { Accept: 'application/json' },
    lookup: publicLookup(dnsLookup),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
  return new Promise((resolve, reject) => {
    send(url, options, resolve).on('error', reject).end();
  });
}

async function fetchProof(url: URL): Promise<string> {
  const response = await get(url);
  try {
    if (response.statusCode === 200) return await readCapped(response);
    throw new FarthingError(
      'origin_unproven',
      `${url.origin}${PROOF_PATH} answers ${response.statusCode}; it must be 200, no redirect`,
    );
  } finally {
    response.destroy();
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'no answer in time';
  return 'code' in error ? String(error.code) : error.name;
}

/** Reads an origin over the network. */
export const readOriginOverHttp: OriginReader = async (origin) => {
  const url = new URL(PROOF_PATH, origin);
  checkAddress(url);
  try {
    return JSON.parse(await fetchProof(url));
  } catch (error) {
    if (error instanceof FarthingError) throw error;
    const detail = `${origin} could not be read at ${PROOF_PATH}: ${reasonOf(error)}`;
    throw new FarthingError('origin_unproven', detail, { cause: error });
  }
};

/** What an origin has to name. */
interface Asked {
  readonly origin: string;
  readonly payto: string;
  /** Thumbprints: of the key that registers, or of any that the seller's account has. */
  readonly accounts: readonly string[];
}

function checkProof(document: unknown, { origin, payto, accounts }: Asked): void {
  const proof = refuseAs('origin_unproven', () => readOriginProof(document));
  if (!proof.paytos.includes(payto))
    throw new FarthingError('origin_unproven', `${origin}${PROOF_PATH} does not name ${payto}`);
  if (!accounts.includes(proof.account))
    throw new FarthingError(
      'origin_unproven',
      `${origin}${PROOF_PATH} names the account key ${proof.account}, not ${accounts.join(' or ')}`,
    );
}

/**
 * Of an origin on this machine nothing is said but that: whoever asks may be far away, and could
 * learn from the reasons what runs here.
 */
function withoutReasons(error: unknown, { origin, payto, accounts }: Asked): unknown {
  const isUnproven = error instanceof FarthingError && error.code === 'origin_unproven';
  if (!isUnproven || !isLoopbackHost(new URL(origin).hostname)) return error;
  const wanted = `a proof that names ${payto} and the account key ${accounts.join(' or ')}`;
  const detail = `${origin}${PROOF_PATH} does not answer 200 with ${wanted}; does the shop run?`;
  return new FarthingError('origin_unproven', detail);
}

/**
 * @throws FarthingError `origin_unproven` unless the origin names `payto` and such a key,
 *   `origin_not_allowed`
 */
export async function proveOrigin(readOrigin: OriginReader, asked: Asked): Promise<void> {
  try {
    checkProof(await readOrigin(asked.origin), asked);
  } catch (error) {
    throw withoutReasons(error, asked);
  }
}
