/**
 * The provider's signing keys (SPEC 2.5): one signs; a new one is published first, and the former
 * ones for as long as what they signed is shown. In the books they stay for ever: what they signed
 * there is audited.
 */
import type { Jwks } from '../../protocol/documents.ts';
import { FarthingError } from '../../protocol/errors.ts';
import {
  exportPublicKey,
  importSigningKey,
  type PublicJwk,
  thumbprint,
} from '../../protocol/key.ts';
import {
  type Books,
  type Database,
  openDatabase,
  type Reading,
  writeBooks,
} from '../database/database.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** Twice as long as the set may be cached (300 seconds): whoever has it then has the new key. */
const PUBLISHED_BEFORE_SEC = 600;
/**
 * What a purse bought is shown with its certificate (SPEC 7.3): a year by default, bought up to ten
 * days after it was signed.
 */
const SHOWN_AFTER_SEC = 375 * 86_400;
/** Readers of the set take no more (`readJwks`). */
const SET_COUNT_MAX = 8;

/** What the provider signs with. */
export interface Signer {
  readonly key: CryptoKey;
  readonly kid: string;
  readonly jwk: PublicJwk;
}

/** The keys as this process knows them. */
export interface Keys {
  /** The key that signs now. */
  signer(): Signer;
  /** Reads them again: another process may have made a new one. */
  refresh(): Promise<void>;
  /** The public part of a key that is not in the set any more; undefined for any other. */
  departed(kid: string | undefined): PublicJwk | undefined;
  /** Whether there is such a key. */
  haveDeparted(): boolean;
}

/** A key as the operator sees it; times in seconds since 1970. */
export interface KeyState {
  readonly kid: string;
  readonly madeAtSec: number;
  /** Zero: the first one. */
  readonly signsFromSec: number;
  /** When it leaves the set; undefined while nothing follows it. */
  readonly leavesAtSec: number | undefined;
  /** When it left the set before its time. */
  readonly revokedAtSec: number | undefined;
}

/** A key pair under its name. */
export interface MadeKey {
  readonly kid: string;
  /** The private JWK. */
  readonly jwk: string;
}

/** Makes one; it is nobody's yet. */
export async function makeKey(): Promise<MadeKey> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const kid = await thumbprint(await exportPublicKey(pair.publicKey));
  return { kid, jwk: JSON.stringify(await crypto.subtle.exportKey('jwk', pair.privateKey)) };
}

function publicPart(jwkText: string): PublicJwk {
  const { crv, kty, x, y } = JSON.parse(jwkText);
  return { crv, kty, x, y };
}

async function importSigner(kid: string, jwkText: string): Promise<Signer> {
  const jwk = publicPart(jwkText);
  return { key: await importSigningKey(jwk, JSON.parse(jwkText).d), kid, jwk };
}

/** Newest first. */
function readRows(reading: Reading) {
  return reading.selectFrom('signing_key').selectAll().orderBy('signs_from_sec', 'desc').execute();
}

/** Puts a new key into the books. */
export async function insertKey(
  books: Books,
  { kid, jwk }: MadeKey,
  { atSec, signsFromSec }: { readonly atSec: number; readonly signsFromSec: number },
): Promise<void> {
  await books
    .insertInto('signing_key')
    .values({ kid, jwk, made_at_sec: atSec, signs_from_sec: signsFromSec, leaves_at_sec: null })
    .execute();
}

async function ensureKey(database: Database, atSec: number): Promise<void> {
  const made = await makeKey();
  await writeBooks(database, async (books) => {
    if ((await readRows(books)).length > 0) return;
    await insertKey(books, made, { atSec, signsFromSec: 0 });
  });
}

/** The keys of these books; the first one is made when there is none yet. */
export async function openKeys(database: Database, nowSec: () => number): Promise<Keys> {
  let known: readonly { readonly state: KeyState; readonly signer: Signer }[] = [];
  const refresh = async () => {
    const rows = await readRows(database);
    known = await Promise.all(
      rows.map(async (row) => ({
        state: stateOf(row),
        signer:
          known.find(({ signer }) => signer.kid === row.kid)?.signer ??
          (await importSigner(row.kid, row.jwk)),
      })),
    );
  };
  const isGone = ({ state }: { readonly state: KeyState }) => !isInSet(state, nowSec());
  await ensureKey(database, nowSec());
  await refresh();
  return {
    refresh,
    signer: () => {
      const inSet = known.filter((it) => !isGone(it));
      // Whoever took a key back may have a clock that is ahead of ours.
      const found = inSet.find(({ state }) => state.signsFromSec <= nowSec()) ?? inSet.at(-1);
      if (!found) throw new TypeError('No key is revoked without another that signs');
      return found.signer;
    },
    departed: (kid) => {
      const found = known.find(({ signer }) => signer.kid === kid);
      return found && isGone(found) ? found.signer.jwk : undefined;
    },
    haveDeparted: () => known.some(isGone),
  };
}

const isGood = ({ revokedAtSec }: KeyState) => revokedAtSec === undefined;

const isInSet = (state: KeyState, atSec: number) =>
  isGood(state) && (state.leavesAtSec === undefined || state.leavesAtSec > atSec);

const whole = (value: bigint | null) => (value === null ? undefined : Number(value));

function stateOf(row: Awaited<ReturnType<typeof readRows>>[number]): KeyState {
  return {
    kid: row.kid,
    madeAtSec: Number(row.made_at_sec),
    signsFromSec: Number(row.signs_from_sec),
    leavesAtSec: whole(row.leaves_at_sec),
    revokedAtSec: whole(row.revoked_at_sec),
  };
}

/** The keys of these books, newest first. */
export async function readStates(reading: Reading): Promise<KeyState[]> {
  return (await readRows(reading)).map(stateOf);
}

/** `/.well-known/jwks.json`, out of the books: a key is in it from the moment that it is there. */
export async function readJwks(reading: Reading, atSec: number): Promise<Jwks> {
  const rows = (await readRows(reading)).filter((row) => isInSet(stateOf(row), atSec));
  const form = { alg: 'ES256', use: 'sig' };
  return { keys: rows.map(({ kid, jwk }) => ({ ...publicPart(jwk), kid, ...form })) };
}

function refuse(detail: string): never {
  throw new FarthingError('option_invalid', detail);
}

const day = (sec: number) => new Date(sec * 1000).toISOString().slice(0, 10);

async function rotate(books: Books, made: MadeKey, atSec: number): Promise<KeyState> {
  const states = (await readStates(books)).filter(isGood);
  const [newest] = states;
  if (!newest) return refuse('no wallet service has run on these books');
  if (newest.signsFromSec > atSec) return refuse(`${newest.kid} is new and does not sign yet`);
  const set = states.filter((it) => isInSet(it, atSec));
  const leavesAtSec = set.at(-1)?.leavesAtSec ?? 0;
  if (set.length >= SET_COUNT_MAX)
    return refuse(`${SET_COUNT_MAX} keys are in the set; the first leaves on ${day(leavesAtSec)}`);
  const signsFromSec = atSec + PUBLISHED_BEFORE_SEC;
  await books
    .updateTable('signing_key')
    .set({ leaves_at_sec: signsFromSec + SHOWN_AFTER_SEC })
    .where('kid', '=', newest.kid)
    .execute();
  await insertKey(books, made, { atSec, signsFromSec });
  const state = { kid: made.kid, madeAtSec: atSec, signsFromSec };
  return { ...state, leavesAtSec: undefined, revokedAtSec: undefined };
}

/**
 * Makes the key that signs ten minutes from now, also while the service runs: its processes look
 * for it every ten seconds.
 * @throws FarthingError `option_invalid`: the last new one does not sign yet, the set is full, no
 *   service has run on these books
 */
export async function rotateKey(database: Database, atSec: number): Promise<KeyState> {
  const made = await makeKey();
  return writeBooks(database, (books) => rotate(books, made, atSec));
}

/** The same for the books at `place`. @throws FarthingError as `rotateKey` and `openDatabase` do */
export async function rotateKeyAt(place: string, atSec: number): Promise<KeyState> {
  const database = await openDatabase(place, 'write');
  try {
    return await rotateKey(database, atSec);
  } finally {
    await database.destroy();
  }
}

/** The keys of the books at `place`, newest first. @throws FarthingError as `openDatabase` does */
export async function listKeysAt(place: string): Promise<KeyState[]> {
  const database = await openDatabase(place, 'read');
  try {
    return await readStates(database);
  } finally {
    await database.destroy();
  }
}
