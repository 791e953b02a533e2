/**
 * The sockets of a server that is reached as `localhost`: over IPv4, and over IPv6 where there is
 * one.
 */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FarthingError } from '../../protocol/errors.ts';

/** A request that takes longer is not from one of our clients. */
const REQUEST_TIMEOUT_MS = 30_000;
/** How long requests that are under way may take to end when the service stops. */
const CLOSE_TIMEOUT_MS = 5000;
const NO_IPV6 = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'];

export interface Listeners {
  readonly port: number;
  /** From now on requests are answered; before, they wait. */
  serve(listener: RequestListener): void;
  close(): Promise<void>;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

async function listenOn(host: string, port: number, answer: RequestListener): Promise<Server> {
  const server = createServer(answer);
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return server;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EACCES')
      throw new FarthingError(
        'option_invalid',
        `${port} is a port that this user may not listen on: choose one from 1024 on`,
        { cause: error },
      );
    if (code !== 'EADDRINUSE') throw error;
    throw new FarthingError('port_taken', `${port}: choose another, or 0 for any free one`);
  }
}

async function listenOnIpv6(port: number, answer: RequestListener): Promise<Server | undefined> {
  try {
    return await listenOn('::1', port, answer);
  } catch (error) {
    if (NO_IPV6.includes(codeOf(error))) return undefined;
    throw error;
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS);
  await closed;
  clearTimeout(timer);
}

/**
 * Listens on `host`, and on ::1 beside 127.0.0.1.
 * @param port 0 = any that is free
 * @throws FarthingError `port_taken`, `option_invalid` (a port for administrators alone)
 */
export async function listen(host: string, port: number): Promise<Listeners> {
  const ready = Promise.withResolvers<RequestListener>();
  const answer: RequestListener = async (request, response) =>
    (await ready.promise)(request, response);
  const first = await listenOn(host, port, answer);
  const chosen = (first.address() as AddressInfo).port;
  const servers = [first];
  try {
    const second = host === '127.0.0.1' ? await listenOnIpv6(chosen, answer) : undefined;
    if (second) servers.push(second);
  } catch (error) {
    await closeServer(first);
    throw error;
  }
  return {
    port: chosen,
    serve: ready.resolve,
    close: async () => {
      await Promise.all(servers.map(closeServer));
    },
  };
}
