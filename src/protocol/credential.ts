/** The `Authorization: Payment …` header of a paid request (SPEC 4.6). */
import { decodeBase64url, encodeBase64url, utf8, utf8Text } from './base64url.ts';
import { type Challenge, readChallenge } from './challenge.ts';
import { readSealedOpening, type SealedOpening } from './charge.ts';
import { FarthingError, refuseAs } from './errors.ts';
import { compact, isRecord, literal, type Reader, readMembers } from './shape.ts';

/** SPEC 4.6: the longest item and a certificate fit; servers commonly allow 8 kB for one header. */
export const CREDENTIAL_LENGTH_MAX = 7168;

/** Payload of action `charge`. */
export interface ChargePayload extends SealedOpening {
  readonly action: 'charge';
  /** May be left out when the seller remembers it. */
  readonly certificate?: string | undefined;
  readonly charge: string;
  /** The charge before it, for a server that lost state (SPEC 6.11). */
  readonly prior?: string | undefined;
}

/** Payload of action `show` (SPEC 7.3). */
export interface ShowPayload extends SealedOpening {
  readonly action: 'show';
  readonly receipt: string;
  /** The purse that the receipt is of. */
  readonly certificate: string;
  /** The purse whose key signed the proof, where that is another one. */
  readonly holder?: string | undefined;
  /** `farthing-show+jws`. */
  readonly proof: string;
}

/** Payload of action `undo` (SPEC 7.4). */
export interface UndoPayload extends SealedOpening {
  readonly action: 'undo';
  readonly receipt: string;
  /** May be left out when the seller remembers it. */
  readonly certificate?: string | undefined;
  /** `farthing-undo+jws`. */
  readonly undo: string;
}

/** Payload of action `close` (SPEC 5.12). */
export interface ClosePayload {
  readonly action: 'close';
  readonly certificate?: string | undefined;
  /** `farthing-close+jws`. */
  readonly close: string;
}

/** Payload of action `sync` (SPEC 6.11). */
export interface SyncPayload {
  readonly action: 'sync';
  readonly certificate?: string | undefined;
  /** The last charge for which the wallet has a receipt, for a server that lost state. */
  readonly prior?: string | undefined;
  /** `farthing-sync+jws`. */
  readonly proof: string;
}

/** What a wallet asks for. */
export type Payload = ChargePayload | ShowPayload | UndoPayload | ClosePayload | SyncPayload;

/** A challenge and what answers it. */
export interface Credential {
  readonly challenge: Challenge;
  readonly payload: Payload;
}

function onWire(payload: Extract<Payload, SealedOpening>) {
  return { ...payload, opening: { ...payload.opening, amt: `${payload.opening.amt}` } };
}

/** Writes the header's value. */
export function formatCredential({ challenge, payload }: Credential): string {
  const wire = { challenge, payload: 'opening' in payload ? onWire(payload) : payload };
  return `Payment ${encodeBase64url(utf8(JSON.stringify(wire)))}`;
}

const asIs: Reader<unknown> = (value) => value;
const sealed = { opening: asIs, salt: asIs };

const CHARGE = { action: literal('charge'), charge: compact, ...sealed };
const PRIOR_TOO = { certificate: compact, prior: compact };
const SHOW = { action: literal('show'), receipt: compact, certificate: compact, proof: compact };
const SHOW_OPTIONAL = { holder: compact };
const UNDO = { action: literal('undo'), receipt: compact, undo: compact };
const CLOSE = { action: literal('close'), close: compact };
const SYNC = { action: literal('sync'), proof: compact };
const REMEMBERED = { certificate: compact };

function readChargePayload(value: unknown): ChargePayload {
  const wire = readMembers(value, CHARGE, PRIOR_TOO);
  return { ...wire, ...readSealedOpening(wire.opening, wire.salt) };
}

function readShowPayload(value: unknown): ShowPayload {
  const wire = readMembers(value, { ...SHOW, ...sealed }, SHOW_OPTIONAL);
  return { ...wire, ...readSealedOpening(wire.opening, wire.salt) };
}

function readUndoPayload(value: unknown): UndoPayload {
  const wire = readMembers(value, { ...UNDO, ...sealed }, REMEMBERED);
  return { ...wire, ...readSealedOpening(wire.opening, wire.salt) };
}

function readPayload(value: unknown): Credential['payload'] {
  const action = isRecord(value) ? value.action : undefined;
  switch (action) {
    case 'show':
      return readShowPayload(value);
    case 'undo':
      return readUndoPayload(value);
    case 'close':
      return readMembers(value, CLOSE, REMEMBERED);
    case 'sync':
      return readMembers(value, SYNC, PRIOR_TOO);
  }
  if (typeof action === 'string' && action !== 'charge')
    throw new FarthingError('action_unsupported', `"${action.slice(0, 20)}"`);
  return readChargePayload(value);
}

/**
 * Reads the value of `Authorization` or `Payment-Authorization`; undefined where it is another
 * scheme.
 * @throws FarthingError `credential_too_large`, `credential_malformed`, `challenge_malformed`,
 *   `action_unsupported`
 */
export function parseCredential(header: string): Credential | undefined {
  const [, encoded] = /^Payment(?: +|$)(.*)$/is.exec(header.trim()) ?? [];
  if (encoded === undefined) return undefined;
  if (header.length > CREDENTIAL_LENGTH_MAX)
    throw new FarthingError('credential_too_large', `over ${CREDENTIAL_LENGTH_MAX} characters`);
  const wire = refuseAs('credential_malformed', () => readOuter(encoded));
  const challenge = readChallenge(wire.challenge);
  try {
    return { challenge, payload: readPayload(wire.payload) };
  } catch (error) {
    if (!(error instanceof FarthingError) || error.code === 'action_unsupported') throw error;
    throw new FarthingError('credential_malformed', error.detail);
  }
}

/** The outer JSON is any client's own spelling: only what is signed is canonical. */
function readOuter(encoded: string): { challenge: unknown; payload: unknown } {
  let wire: unknown;
  try {
    wire = JSON.parse(utf8Text(decodeBase64url(encoded)));
  } catch (error) {
    throw new FarthingError('credential_malformed', 'not base64url of JSON', { cause: error });
  }
  return readMembers(wire, { challenge: asIs, payload: asIs }, { source: asIs });
}
