/**
 * The Payment scheme's own package, as far as these stories use it. It lives in this folder with a
 * manifest of its own, since it brings over a hundred megabytes that nobody else needs.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A challenge as that package hands it to a method: `request` is read, all else is text. */
export interface PeerChallenge {
  readonly id: string;
  readonly realm: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly expires?: string;
  readonly description?: string;
  readonly digest?: string;
  readonly opaque?: string;
}

/** A method of the scheme; `schema` reads what is configured and what is sent. */
export interface PeerMethod {
  readonly name: 'farthing';
  readonly intent: 'charge';
  readonly schema: {
    readonly request: { parse(value: unknown): Record<string, unknown> };
    readonly credential: { readonly payload: { parse(value: unknown): unknown } };
  };
}

export interface PeerClientMethod extends PeerMethod {
  createCredential(parts: { readonly challenge: PeerChallenge }): Promise<string>;
}

/** The receipt of the scheme; further members travel along. */
export interface PeerReceipt {
  readonly method: string;
  readonly status: 'success';
  readonly timestamp: string;
  readonly reference: string;
  readonly receipt?: string;
}

export interface PeerServerMethod extends PeerMethod {
  stableBinding(request: Record<string, unknown>): Record<string, unknown>;
  verify(parts: {
    readonly credential: { readonly challenge: PeerChallenge; readonly payload: unknown };
  }): Promise<PeerReceipt>;
}

/** What a server's handler answers: a refusal, or a way to add the receipt. */
export type PeerVerdict =
  | { readonly status: 402; readonly challenge: Response }
  | { readonly status: 200; withReceipt(response: Response): Response };

interface PeerClient {
  readonly Mppx: {
    create(options: {
      readonly methods: readonly PeerClientMethod[];
      readonly fetch: typeof fetch;
      readonly polyfill: false;
    }): { readonly fetch: typeof fetch };
  };
}

interface PeerServer {
  readonly Mppx: {
    create(options: {
      readonly methods: readonly PeerServerMethod[];
      readonly secretKey: string;
      readonly realm: string;
    }): {
      charge(options: object): (request: Request) => Promise<PeerVerdict>;
    };
  };
}

interface PeerCore {
  readonly Challenge: {
    serialize(challenge: object): string;
    fromResponse(response: Response): PeerChallenge;
    from(parts: object): PeerChallenge;
    verify(challenge: object, options: { readonly secretKey: string }): boolean;
  };
  readonly Receipt: { fromResponse(response: Response): PeerReceipt };
}

const require = createRequire(join(import.meta.dirname, 'package.json'));

function load(name: string): Promise<unknown> {
  return import(/* @vite-ignore */ pathToFileURL(require.resolve(name)).href);
}

export const loadPeerClient = () => load('mppx/client') as Promise<PeerClient>;
export const loadPeerServer = () => load('mppx/server') as Promise<PeerServer>;
export const loadPeerCore = () => load('mppx') as Promise<PeerCore>;

/** The command-line client. */
export const PEER_COMMAND = join(import.meta.dirname, 'node_modules/mppx/dist/bin.js');
/** What makes it pay with Farthing: the purse's file is named in the environment. */
export const PEER_CONFIG = join(import.meta.dirname, 'config.ts');
