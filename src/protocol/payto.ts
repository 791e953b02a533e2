/** `payto`: a seller's account at a provider, `handle@host[:port]` (SPEC 2.1). */
import { FarthingError } from './errors.ts';
import { remembering } from './memo.ts';
import type { Reader } from './shape.ts';

/** A payto that passed `parsePayto`; compared byte for byte. */
export interface Payto {
  readonly text: string;
  readonly handle: string;
  /** `https://host[:port]`, or http for a loopback host: the provider's only address. */
  readonly provider: string;
}

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const PATTERN = new RegExp(
  `^([a-z0-9][a-z0-9._-]{0,62})@(${LABEL}(?:\\.${LABEL})*)(?::([1-9][0-9]{0,4}))?$`,
);

/** Whether a host name or address names this machine (RFC 6761 section 6.3). */
export function isLoopbackHost(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    /^127(\.\d{1,3}){3}$/.test(host) ||
    host === '[::1]'
  );
}

/**
 * Where `host[:port]` is spoken to: over http on this machine, over https elsewhere (SPEC 2.2).
 *
 * @example originAt('localhost:4010') // 'http://localhost:4010'
 */
export function originAt(host: string): string {
  const isLoopback = isLoopbackHost(host.replace(/:\d+$/, ''));
  return `${isLoopback ? 'http' : 'https'}://${host}`;
}

/**
 * Whether `address` is spelled as URLs spell it: not `127.1` or `2130706433`, no port 80 after
 * http.
 */
function isExactOrigin(address: string): boolean {
  return URL.parse(address)?.origin === address;
}

/**
 * Reads a payto. Loopback hosts are spoken to over http (SPEC 2.2); whoever uses one asks for it.
 * @throws FarthingError `payto_malformed`
 */
export function parsePayto(text: string): Payto {
  const [, handle, host, port] = PATTERN.exec(text) ?? [];
  const provider = originAt(`${host}${port ? `:${port}` : ''}`);
  if (!handle || !host || host.length > 253 || port === '443' || !isExactOrigin(provider))
    throw new FarthingError(
      'payto_malformed',
      `"${text.slice(0, 80)}": write it as handle@host, in small letters, with no slash`,
    );
  return { text, handle, provider };
}

const readText = remembering((text) => parsePayto(text).text);

/** A payto as a member of a signed thing; answered as its text. */
export const paytoMember: Reader<string> = (value) =>
  readText(typeof value === 'string' ? value : '');
