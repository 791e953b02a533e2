/** The `Authorization: Payment …` header of a paid request (SPEC 4.6). */
import { decodeBase64url, encodeBase64url, utf8, utf8Text } from './base64url.ts';
import { type Challenge, readChallenge } from './challenge.ts';
import { readSealedOpening, type SealedOpening } from './charge.ts';
import { FarthingError, refuseAs } from './errors.ts';
import { compact, isRecord, literal, type Reader, readMembers } from './shape.ts';
import { readWish, type Wish } from './wish.ts';

export type { ClosePayload, ShowPayload, SyncPayload, UndoPayload, Wish } from './wish.ts';

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

/** What a wallet asks for. */
export type Payload = ChargePayload | Wish;

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

const CHARGE = { action: literal('charge'), charge: compact, opening: asIs, salt: asIs };
const CHARGE_OPTIONAL = { certificate: compact, prior: compact };

/** A credential whose payload is still to be read, by what it asks for. */
export interface OuterCredential {
  readonly challenge: Challenge;
  readonly payload: unknown;
}

/**
 * Reads the value of `Authorization` or `Payment-Authorization` as far as all of them are alike;
 * undefined where it is another scheme.
 * @throws FarthingError `credential_too_large`, `credential_malformed`, `challenge_malformed`
 */
export function openCredential(header: string): OuterCredential | undefined {
  const [, encoded] = /^Payment(?: +|$)(.*)$/is.exec(header.trim()) ?? [];
  if (encoded === undefined) return undefined;
  if (header.length > CREDENTIAL_LENGTH_MAX)
    throw new FarthingError('credential_too_large', `over ${CREDENTIAL_LENGTH_MAX} characters`);
  const wire = refuseAs('credential_malformed', () => readOuter(encoded));
  return { challenge: readChallenge(wire.challenge), payload: wire.payload };
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

/** Whether a payload is for `readChargePayload`; all others are wishes (`wish.ts`). */
export function isChargePayload(payload: unknown): boolean {
  const action = isRecord(payload) ? payload.action : undefined;
  return typeof action !== 'string' || action === 'charge';
}

/** Reads the payload of a charge. @throws FarthingError `credential_malformed` */
export function readChargePayload(payload: unknown): ChargePayload {
  return refuseAs('credential_malformed', () => {
    const wire = readMembers(payload, CHARGE, CHARGE_OPTIONAL);
    return { ...wire, ...readSealedOpening(wire.opening, wire.salt) };
  });
}

/**
 * Reads a header whole; undefined where it is of another scheme.
 * @throws FarthingError the codes of `openCredential`, `action_unsupported`
 */
export function parseCredential(header: string): Credential | undefined {
  const outer = openCredential(header);
  if (!outer) return undefined;
  const read = isChargePayload(outer.payload) ? readChargePayload : readWish;
  return { challenge: outer.challenge, payload: read(outer.payload) };
}
