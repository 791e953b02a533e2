/**
 * What each kind of journal entry may look like (SPEC 10): its id, the accounts that it moves, in
 * which direction and whose they are. An entry that sums to zero can still be none of ours.
 */
import { type LedgerKind, readLedgerAccountId } from '../ledger/chart.ts';
import type { EntryKind, WrittenEntry } from '../ledger/journal.ts';
import type { Facts, PurseFacts } from './facts.ts';

/** `+`: credit, `-`: debit, `±`: either (a fee that goes back with a refund). */
type Direction = '+' | '-' | '±';

interface Shape {
  /** Its named groups say whom the entry concerns. */
  readonly id: RegExp;
  readonly lines: Partial<Record<LedgerKind, Direction>>;
  /** Without this line it is no such entry. */
  readonly needs?: LedgerKind;
}

const PLACE = '(?<purse>[\\w-]+):(?<seq>\\d+)';
const WRITE = '(?<reader>[\\w-]+):(?<write>[\\w-]+)';

const INTO_PURSE = {
  needs: 'purse',
  lines: { 'reader starter': '-', 'reader available': '-', purse: '+' },
} as const;

/** A new kind of entry is a new row here. */
export const SHAPES: Readonly<Record<EntryKind, Shape>> = {
  opening: {
    id: /^opening:(?<reader>[\w-]+)$/,
    needs: 'reader starter',
    lines: { 'provider expense': '-', 'reader starter': '+' },
  },
  topup: {
    id: new RegExp(`^topup:${WRITE}$`),
    needs: 'reader available',
    lines: { 'outside money': '-', 'reader available': '+' },
  },
  issue: { id: /^issue:(?<purse>[\w-]+)$/, ...INTO_PURSE },
  raise: { id: new RegExp(`^raise:${WRITE}$`), ...INTO_PURSE },
  capture: {
    id: new RegExp(`^capture:${PLACE}$`),
    needs: 'purse',
    lines: { purse: '-', 'seller earned': '+', 'seller earned starter': '+', 'provider fees': '+' },
  },
  release: {
    id: /^release:(?<purse>[\w-]+)$/,
    needs: 'purse',
    lines: { purse: '-', 'reader starter': '+', 'reader available': '+' },
  },
  refund: {
    id: new RegExp(`^refund:${PLACE}$`),
    lines: {
      'seller earned': '±',
      'seller earned starter': '±',
      'provider fees': '-',
      'reader starter': '+',
      'reader available': '+',
    },
  },
};

/** An entry that has the shape of its kind. */
export interface Movement {
  readonly kind: EntryKind;
  readonly entry: WrittenEntry;
  readonly purse: PurseFacts | undefined;
  readonly reader: string;
  /** The id of the write that asked for it, where the entry names it. */
  readonly write: string | undefined;
  /** What it moves on accounts of a kind: credit is positive; nothing is 0. */
  on(kind: LedgerKind): bigint;
}

interface Line {
  readonly kind: LedgerKind;
  readonly owner: string;
  readonly currency: string;
  readonly amount: bigint;
}

function isDirected(amount: bigint, direction: Direction): boolean {
  if (direction === '±') return amount !== 0n;
  return direction === '+' ? amount > 0n : amount < 0n;
}

function linesOf(entry: WrittenEntry): Line[] {
  return entry.postings.flatMap(({ account, amount }) => {
    const parts = readLedgerAccountId(account);
    return parts ? [{ ...parts, amount }] : [];
  });
}

/** Why the lines are not those of the kind; undefined where they are. */
function linesFault(lines: readonly Line[], { lines: allowed, needs }: Shape): string | undefined {
  const kinds = lines.map(({ kind }) => kind);
  const stranger = lines.find(({ kind, amount }) => {
    const direction = allowed[kind];
    return direction === undefined || !isDirected(amount, direction);
  });
  if (stranger) return `moves ${stranger.amount} on ${stranger.kind}`;
  if (new Set(kinds).size !== kinds.length) return 'moves one kind of account twice';
  return !needs || kinds.includes(needs) ? undefined : `moves nothing on ${needs}`;
}

/** Whose the account of a line has to be. */
function ownerOf(kind: LedgerKind, reader: string, purse: PurseFacts | undefined): string {
  if (kind.startsWith('reader ')) return reader;
  if (kind === 'purse') return purse?.id ?? '';
  if (kind.startsWith('seller ')) return purse?.handle ?? '';
  return '';
}

/** The entry as what its kind says; or why it is not, as a text. */
export function readMovement(entry: WrittenEntry, { purses }: Facts): Movement | string {
  if (!Object.hasOwn(SHAPES, entry.kind)) return `there is no entry of kind "${entry.kind}"`;
  const kind = entry.kind as EntryKind;
  const shape = SHAPES[kind];
  const named = shape.id.exec(entry.id)?.groups;
  if (!named) return `"${entry.id}" is not the id of one of kind ${kind}`;
  const lines = linesOf(entry);
  const fault = linesFault(lines, shape);
  if (fault) return `of kind ${kind} ${fault}`;
  const intoPurse = lines.find((line) => line.kind === 'purse')?.owner;
  const concerned = named.purse ?? intoPurse;
  const purse = concerned === undefined ? undefined : purses.get(concerned);
  if (concerned !== undefined && !purse) return `names purse ${concerned}, which is not there`;
  const reader = named.reader ?? purse?.account ?? '';
  const stranger = lines.find((line) => line.owner !== ownerOf(line.kind, reader, purse));
  if (stranger) return `moves ${stranger.kind} of ${stranger.owner}`;
  if (purse && purse.account !== reader) return `moves money of ${reader} for ${purse.account}`;
  const on = (of: LedgerKind) => lines.find((line) => line.kind === of)?.amount ?? 0n;
  return { kind, entry, purse, reader, write: named.write, on };
}
