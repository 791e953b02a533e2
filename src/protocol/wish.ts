/**
 * What a wallet asks for that pays nothing (SPEC 4.6): to be shown what it bought, to undo, to
 * close, to hear how a purse stands. Apart from `credential.ts`, since most visits pay.
 */
import { readSealedOpening, type SealedOpening } from './charge.ts';
import { FarthingError, refuseAs } from './errors.ts';
import { compact, isRecord, literal, type Reader, readMembers } from './shape.ts';

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

/** What a wallet asks for that pays nothing. */
export type Wish = ShowPayload | UndoPayload | ClosePayload | SyncPayload;
const asIs: Reader<unknown> = (value) => value;
const sealed = { opening: asIs, salt: asIs };

const SHOW = { action: literal('show'), receipt: compact, certificate: compact, proof: compact };
const UNDO = { action: literal('undo'), receipt: compact, undo: compact };
const CLOSE = { action: literal('close'), close: compact };
const SYNC = { action: literal('sync'), proof: compact };
const REMEMBERED = { certificate: compact };

/** How each is read. */
const READERS: Readonly<Record<string, (value: unknown) => Wish>> = {
  show: (value) => {
    const wire = readMembers(value, { ...SHOW, ...sealed }, { holder: compact });
    return { ...wire, ...readSealedOpening(wire.opening, wire.salt) };
  },
  undo: (value) => {
    const wire = readMembers(value, { ...UNDO, ...sealed }, REMEMBERED);
    return { ...wire, ...readSealedOpening(wire.opening, wire.salt) };
  },
  close: (value) => readMembers(value, CLOSE, REMEMBERED),
  sync: (value) => readMembers(value, SYNC, { ...REMEMBERED, prior: compact }),
};

/**
 * Reads the payload of a wish.
 * @throws FarthingError `credential_malformed`, `action_unsupported`
 */
export function readWish(payload: unknown): Wish {
  const action = isRecord(payload) ? String(payload.action) : '';
  const read = Object.hasOwn(READERS, action) ? READERS[action] : undefined;
  if (!read) throw new FarthingError('action_unsupported', `"${action.slice(0, 20)}"`);
  return refuseAs('credential_malformed', () => read(payload));
}
